internal import Records
public import Reporting
internal import Statistics

extension Shares {
  /// Methods: from every starting rate, and from the tuned one.
  public var summary: Table {
    var columns = [Table.Column.bare("Method")]
    for group in ["any start", "tuned start"] {
      for name in ["all tasks", "networks", "other tasks"] {
        columns.append(.bare(name, group: group, unit: "%", format: .percent(1)))
      }
    }
    let kinds: [(String) -> Bool] = [
      { _ in true }, networks.contains, { !networks.contains($0) },
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
      name: "summary", title: title,
      caption:
        "The share of runs at or below the target throughout the last 5\u{a0}% of the steps, "
        + "mean over \(tasks.count) tasks and \(rules.count) rules with equal weight, seeds "
        + "\(names(suite.reportSeeds)). Any start: all \(suite.startingRates.count) starting rates "
        + "over eight decades count. Tuned start: the one with the least median final gap on tuning seeds "
        + "(\(names(suite.tuningSeeds))), by task and rule.",
      provenance: provenance, columns: columns, rows: rows)
  }

  /// Tasks: the default from every start, beside others from the tuned one.
  public var byTask: Table {
    var columns = [Table.Column.bare("Task")]
    let shown = [("default", false), ("cosine", true), ("plateau", true), ("fixed", true)]
    for (method, isTuned) in shown {
      for rule in rules {
        columns.append(
          .bare(
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
      name: "by-task", title: title + ", by task",
      caption: "The same shares by task and rule.", provenance: provenance, columns: columns,
      rows: rows)
  }

  var title: String { "\(suite.steps ?? 0) steps, suite \(suite.name)" }
  private func names(_ seeds: [Int]) -> String { seeds.map(String.init).joined(separator: ", ") }
  var provenance: String {
    Table.provenance(of: suite, digest: digest)
  }
}
