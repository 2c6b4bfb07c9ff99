internal import Experiments
internal import Reporting
internal import Statistics

extension Shares {
  private static let networks: Set = ["teacher-student", "two-spirals"]

  /// Methods: from every starting rate, and from the tuned one.
  var summary: Table {
    var columns = [Table.Column("Method")]
    for group in ["any start", "tuned start"] {
      for name in ["all tasks", "small networks", "other tasks"] {
        columns.append(.init(name, group: group, unit: "%", format: .percent(1)))
      }
    }
    let kinds: [(String) -> Bool] = [
      { _ in true }, Self.networks.contains, { !Self.networks.contains($0) },
    ]
    func share(_ method: String, _ isIn: (String) -> Bool, isTuned: Bool) -> Double? {
      mean(
        tasks.filter(isIn).flatMap { task in
          rules.compactMap {
            isTuned ? tuned(task, $0, method) : untuned(task, $0, method)
          }
        })
    }
    let rows = methods.map { method in
      [.text(method)]
        + [false, true].flatMap { isTuned in
          kinds.map { Table.Cell.optional(share(method, $0, isTuned: isTuned)) }
        }
    }
    return Table(
      name: "summary", title: "\(suite.steps ?? 0) steps",
      caption:
        "The share of runs at or below the target throughout the last 5\u{a0}% of the steps, "
        + "mean over \(tasks.count) tasks and \(rules.count) rules with equal weight, seeds "
        + "\(seedNames). Any start: all \(suite.startingRates.count) starting rates over eight "
        + "decades count. Tuned start: the one with the least median final gap on the seeds "
        + "\(suite.tuningSeeds.map(String.init).joined(separator: " and ")), by task and rule.",
      provenance: provenance, columns: columns, rows: rows)
  }

  /// Tasks: the default from every start, beside others from the tuned one.
  var byTask: Table {
    var columns = [Table.Column("Task")]
    let shown = [("default", false), ("cosine", true), ("fixed", true)]
    for (method, isTuned) in shown {
      for rule in rules {
        columns.append(
          .init(
            rule, group: "\(method), \(isTuned ? "tuned" : "any") start,", unit: "%",
            format: .percent(0)))
      }
    }
    let rows = tasks.map { task in
      [.text(task)]
        + shown.flatMap { method, isTuned in
          rules.map {
            Table.Cell.optional(
              isTuned ? tuned(task, $0, method) : untuned(task, $0, method))
          }
        }
    }
    return Table(
      name: "by-task", title: "\(suite.steps ?? 0) steps, by task",
      caption: "The same shares by task and rule.", provenance: provenance, columns: columns,
      rows: rows)
  }

  private var seedNames: String { suite.reportSeeds.map(String.init).joined(separator: ", ") }
  private var provenance: String {
    "Suite \(suite.name), version \(suite.version); runs with SHA-256 \(digest)"
  }
}
