internal import PortableMath
internal import Records
internal import Statistics

/// The share of (starting rate, seed) that is ``MethodRuns/robust``.
struct RobustnessTables {
  let comparison: Comparison

  /// Methods by rule, each a mean over tasks with equal weight; a row for each rule and method where
  /// not every rule is listed with every method.
  var summary: Table {
    let c = comparison
    let rows = c.isComplete ? self.rows : c.rules.indices.flatMap(rows)
    return Table(
      name: "robustness", title: "Robustness to the starting learning rate",
      caption: "Robust: the share of (starting rate, seed) whose gap is \(MethodRuns.robust), mean "
        + "over tasks with equal weight; passed: "
        + "at or below it at some time. The target of a task, rule and seed is the gap that "
        + "the reference rate reaches halfway and keeps on that seed"
        + (c.suite.hasGivenReferences ? ", or the one that the suite gives" : "")
        + "; the reference rate is \(c.suite.referenceSentence). "
        + "Low and high: \(Samples.words(tasks: c.tasks.count))" + behindNote
        + ". All \(c.seeds.count) seeds count, those for tuning too: "
        + "no starting rate is chosen here, and constants are the suite's for all tasks. — means that there are "
        + "no runs." + note,
      provenance: c.provenance, columns: c.isComplete ? columns : longColumns, rows: rows,
      isHeadline: true)
  }

  private var behindNote: String {
    guard comparison.isComplete else { return "" }
    return "; behind the first: that of the greatest share less this one, task by task"
      + (Samples.isEnough(comparison.tasks.count)
        ? ": where it holds 0, the tasks do not tell the two apart" : "")
  }

  private var note: String {
    comparison.startlessNote(
      "there is none to be robust against, and the share is one of seeds alone, which is not "
        + "compared for the best")
  }

  private func shares(_ rule: Int, _ trait: MethodRuns.Trait) -> [Double?] {
    let c = comparison
    return c.methods.indices.map { m in c.meanOverTasks(rule, m) { $0.share(trait) } }
  }

  /// A cell that is the best of those with a starting rate.
  private func cell(_ method: Int, _ values: [Double?]) -> Table.Cell {
    let c = comparison
    let compared = c.methods.indices.filter { c.hasStart[$0] }.map { values[$0] }
    return .optional(
      values[method], isBest: c.hasStart[method] && isGreatest(values[method], compared))
  }

  private var columns: [Table.Column] {
    var columns = [Table.Column.method]
    for rule in comparison.rules { columns += shares(group: rule) }
    func whole(_ name: String, _ about: String) -> Table.Column {
      .init(name, group: "all rules", unit: "%", format: .percent(1), about: about)
    }
    return columns + [
      whole("robust", "mean over rules of the shares of robust runs"),
      whole("low", "lower end of that mean's interval, or range, over tasks"),
      whole("high", "upper end of that mean's interval, or range, over tasks"),
      whole(
        "behind the first, low",
        "lower end over tasks of the greatest share less this one's"),
      whole(
        "behind the first, high",
        "upper end over tasks of the greatest share less this one's"),
    ]
  }

  /// The share of robust runs, mean over tasks, then over rules.
  func overall(_ method: Int) -> Double? {
    mean(
      comparison.rules.indices.compactMap { rule in
        comparison.meanOverTasks(rule, method) { $0.share(.reached) }
      })
  }

  private func shares(group: String?) -> [Table.Column] {
    [
      .init(
        "robust", group: group, unit: "%", format: .percent(1),
        about: "share of (starting rate, seed) \(MethodRuns.robust), mean over tasks"),
      .init(
        "passed", group: group, unit: "%", format: .percent(1),
        about: "share of (starting rate, seed) at or below the target at some evaluated step, mean "
          + "over tasks"),
    ]
  }

  private var rows: [[Table.Cell]] {
    let c = comparison
    let held = c.rules.indices.map { shares($0, .reached) }
    let passed = c.rules.indices.map { shares($0, .passed) }
    let overall = c.methods.indices.map(self.overall)
    let intervals = c.intervals.overTasks
    return c.methods.indices.map { m in
      var row: [Table.Cell] = [.text(c.labels[m])]
      for r in c.rules.indices { row += [cell(m, held[r]), cell(m, passed[r])] }
      return row + [
        cell(m, overall), .optional(intervals.robustness[m]?.low),
        .optional(intervals.robustness[m]?.high), .optional(intervals.behind[m]?.low),
        .optional(intervals.behind[m]?.high),
      ]
    }
  }

  private var longColumns: [Table.Column] {
    [.rule, .method] + shares(group: nil) + [
      .init(
        "low", unit: "%", format: .percent(1),
        about: "lower end over tasks of the share of robust runs"),
      .init(
        "high", unit: "%", format: .percent(1),
        about: "upper end over tasks of the share of robust runs"),
    ]
  }

  /// The rows of one rule.
  private func rows(_ rule: Int) -> [[Table.Cell]] {
    let c = comparison
    let (held, passed) = (shares(rule, .reached), shares(rule, .passed))
    return c.listed[rule].map { m in
      let interval = c.intervals.overTasks.robustnessByRule[rule][m]
      return [
        .text(c.rules[rule]), .text(c.labels[m]), cell(m, held), cell(m, passed),
        .optional(interval?.low),
        .optional(interval?.high),
      ]
    }
  }

  /// Methods by task, for one rule.
  func byTask(_ rule: Int) -> Table {
    let c = comparison
    func whole(_ name: String, _ about: String) -> Table.Column {
      .init(name, group: "all tasks", unit: "%", format: .percent(1), about: about)
    }
    let columns =
      [Table.Column.method] + Table.Column.shares(of: c.tasks, "share of robust runs") + [
        whole("mean", "mean over tasks of the shares of robust runs"),
        whole("low", "lower end of that mean's interval, or range, over seeds"),
        whole("high", "upper end of that mean's interval, or range, over seeds"),
      ]
    let shares = c.tasks.indices.map { t in
      c.methods.indices.map { m in c.runs(t, rule, m).share(.reached) }
    }
    let means = self.shares(rule, .reached)
    let rows = c.listed[rule].map { m in
      var row: [Table.Cell] = [.text(c.labels[m])]
      for t in c.tasks.indices { row.append(cell(m, shares[t])) }
      let interval = c.intervals.robustness[rule][m]
      row.append(cell(m, means))
      row += [.optional(interval?.low), .optional(interval?.high)]
      return row
    }
    return Table(
      name: "robustness-\(c.slugs[rule])", title: "Robustness by task, \(c.rules[rule])",
      caption: "The share of (starting rate, seed) \(MethodRuns.robust); "
        + "on the right its mean over tasks with \(Samples.words(seedsByTask: c.seeds.count))."
        + note,
      provenance: c.provenance, columns: columns, rows: rows)
  }
}

/// Whether `value` is the greatest of `all`, which differ by more than rounding.
func isGreatest(_ value: Double?, _ all: [Double?]) -> Bool {
  let present = all.compactMap { $0 }
  guard let value, let greatest = present.max(), let least = present.min(),
    !isSame(greatest, least)
  else { return false }
  return isSame(value, greatest)
}

/// Whether two numbers are the same but for rounding: means in another order are.
func isSame(_ a: Double, _ b: Double) -> Bool {
  a == b || abs(a - b) <= 1e-12 * min(abs(a), abs(b))
}

/// Whether `value` is the least of `all`, which differ.
func isLeast(_ value: Double?, _ all: [Double?]) -> Bool {
  isGreatest(value.map { -$0 }, all.map { $0.map { -$0 } })
}
