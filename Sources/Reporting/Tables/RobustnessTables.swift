internal import Experiments
internal import PortableMath
internal import Statistics

/// The share of (starting rate, seed) whose gap is at or below the rule's target throughout the
/// last 5 % of a run.
struct RobustnessTables {
  let comparison: Comparison

  /// Methods by rule, each a mean over tasks with equal weight.
  var summary: Table {
    let c = comparison
    let held = c.rules.indices.map { r in
      c.methods.indices.map { m in c.meanOverTasks(r, m) { $0.share(.reached) } }
    }
    let passed = c.rules.indices.map { r in
      c.methods.indices.map { m in c.meanOverTasks(r, m) { $0.share(.passed) } }
    }
    var columns = [Table.Column("Method")]
    for rule in c.rules {
      columns.append(.init("robust", group: rule, unit: "%", format: .percent(1)))
      columns.append(.init("passed", group: rule, unit: "%", format: .percent(1)))
    }
    columns.append(.init("robust", group: "all rules", unit: "%", format: .percent(1)))
    let overall = c.methods.indices.map { m in mean(c.rules.indices.compactMap { held[$0][m] }) }
    let rows = c.methods.indices.map { m in
      var row: [Table.Cell] = [.text(c.methods[m])]
      for r in c.rules.indices {
        row.append(.optional(held[r][m], isBest: isGreatest(held[r][m], held[r])))
        row.append(.optional(passed[r][m], isBest: isGreatest(passed[r][m], passed[r])))
      }
      row.append(.optional(overall[m], isBest: isGreatest(overall[m], overall)))
      return row
    }
    return Table(
      name: "robustness", title: "Robustness to the starting learning rate",
      caption: "Robust: the share of (starting rate, seed) whose gap is at or below the target "
        + "throughout the last 5\u{a0}% of a run, mean over tasks with equal weight; passed: "
        + "at or below it at some time. The target of a task and rule is the gap that its best "
        + "fixed rate reaches halfway. All \(c.seeds.count) seeds count, those for tuning too: "
        + "nothing is chosen here. — means that there are no runs.",
      provenance: c.provenance, columns: columns, rows: rows, isHeadline: true)
  }

  /// Methods by task, for one rule.
  func byTask(_ rule: Int) -> Table {
    let c = comparison
    var columns = [Table.Column("Method")]
    columns += c.tasks.map { .init($0, unit: "%", format: .percent(0)) }
    columns += [
      .init("mean", group: "all tasks", unit: "%", format: .percent(1)),
      .init("low", group: "all tasks", unit: "%", format: .percent(1)),
      .init("high", group: "all tasks", unit: "%", format: .percent(1)),
    ]
    let shares = c.tasks.indices.map { t in
      c.methods.indices.map { m in c.runs(t, rule, m).share(.reached) }
    }
    let means = c.methods.indices.map { m in c.meanOverTasks(rule, m) { $0.share(.reached) } }
    let rows = c.methods.indices.map { m in
      var row: [Table.Cell] = [.text(c.methods[m])]
      for t in c.tasks.indices {
        row.append(.optional(shares[t][m], isBest: isGreatest(shares[t][m], shares[t])))
      }
      let interval = c.intervals.robustness[rule][m]
      row.append(.optional(means[m], isBest: isGreatest(means[m], means)))
      row += [.optional(interval?.low), .optional(interval?.high)]
      return row
    }
    return Table(
      name: "robustness-\(slug(c.rules[rule]))", title: "Robustness by task, \(c.rules[rule])",
      caption: "The share of (starting rate, seed) that ends at or below the target of the task; "
        + "on the right its mean over tasks with a 95\u{a0}% bootstrap interval (BCa, seeds "
        + "resampled within each task).",
      provenance: c.provenance, columns: columns, rows: rows)
  }
}

/// Whether `value` is the greatest of `all`, which differ.
func isGreatest(_ value: Double?, _ all: [Double?]) -> Bool {
  let present = all.compactMap { $0 }
  guard let value, let greatest = present.max(), greatest != present.min() else { return false }
  return value == greatest
}

/// Whether `value` is the least of `all`, which differ.
func isLeast(_ value: Double?, _ all: [Double?]) -> Bool {
  isGreatest(value.map { -$0 }, all.map { $0.map { -$0 } })
}

/// Lower-case words joined by hyphens: a part of a file's name.
func slug(_ name: String) -> String {
  let kept = name.lowercased().unicodeScalars.map { scalar -> Character in
    let isPlain =
      ("a"..."z").contains(Character(scalar)) || ("0"..."9").contains(Character(scalar))
    return isPlain ? Character(scalar) : "-"
  }
  return String(kept).split(separator: "-").joined(separator: "-")
}
