extension Parameter {
  /// An argument that is `true` or `false` in Swift and `.yes` or `.no` in a text.
  static func flag(_ label: String, _ summary: String) -> Parameter {
    Parameter(label, .choice(["no", "yes"]), default: ".no", summary)
  }
}

extension Arguments {
  func flag(_ label: String) -> Bool { choice(label) == "yes" }
}
