/// Columns that several tables begin with.
extension Table.Column {
  static let task = Table.Column("Task", about: "the task, as in the suite")
  static let rule = Table.Column("Rule", about: "the update rule, as in the suite")
  static let method = Table.Column(
    "Method", about: "the method, as in the suite; for readers † marks one without a starting rate")

  /// A share in [0, 1] of each task's runs.
  static func shares(of tasks: [String], _ about: String) -> [Table.Column] {
    tasks.map { .init($0, unit: "%", format: .percent(0), about: "on this task: \(about)") }
  }
}
