/// A method's name for readers and for programs.
struct MethodLabel: Sendable {
  /// As the suite has it.
  let name: String
  /// Whether its runs have a starting rate.
  let hasStart: Bool

  /// For readers: marked where there is no starting rate.
  var shown: String { hasStart ? name : "\(name) †" }
}

extension Table.Cell {
  static func text(_ label: MethodLabel) -> Table.Cell { .text(label.shown, plain: label.name) }
}
