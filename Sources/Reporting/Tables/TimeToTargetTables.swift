internal import Experiments
internal import Statistics

/// Gradient evaluations to a target, at the best-tuned rate.
struct TimeToTargetTables {
  let comparison: Comparison

  /// A row for each task and method, for one rule.
  func byTask(_ rule: Int) -> Table {
    let c = comparison
    let paysForLosses = c.tasks.indices.contains { t in
      c.methods.indices.contains { c.runs(t, rule, $0).paysForLosses }
    }
    var columns: [Table.Column] = [.init("Task"), .init("Method")]
    for target in ["own target", "common target"] {
      columns += [
        .init("solved", group: target, unit: "%", format: .percent(0)),
        .init("low", group: target, unit: "%", format: .percent(0)),
        .init("high", group: target, unit: "%", format: .percent(0)),
        .init("time", group: target, unit: "gradients", format: .fixed(0), infinity: "never"),
      ]
    }
    if paysForLosses { columns.append(.init("losses paid for", unit: "a run", format: .fixed(0))) }
    var rows: [[Table.Cell]] = []
    for t in c.tasks.indices {
      let budget = c.budget(t, rule)
      let scores = c.methods.indices.map { m in
        [\RunScore.firstPassage, \RunScore.firstPassageCommon].map {
          Score(c.runs(t, rule, m).tuned?.runs ?? [], budget: budget, passage: $0)
        }
      }
      for m in c.methods.indices {
        var row: [Table.Cell] = [.text(c.tasks[t]), .text(c.methods[m])]
        for target in 0..<2 {
          let score = scores[m][target]
          row += [.optional(score.solved), .optional(score.interval?.low)]
          row.append(.optional(score.interval?.high))
          row.append(
            .optional(score.time, isBest: isLeast(score.time, scores.map { $0[target].time })))
        }
        if paysForLosses {
          let paid = c.runs(t, rule, m).tuned?.runs.map { Double($0.lossEvaluations) } ?? []
          row.append(.optional(median(paid)))
        }
        rows.append(row)
      }
    }
    return Table(
      name: "time-to-target-\(slug(c.rules[rule]))", title: "Time to target, \(c.rules[rule])",
      caption: "\(BestTunedTables(comparison: c).choice) Solved: the share of seeds whose gap is "
        + "at or below the target at an evaluated step, with Wilson's 95\u{a0}% interval; time: "
        + "expected gradient evaluations until then, where a run that fails costs its whole "
        + "budget. The own target is that of the task and rule, the common target one for all "
        + "rules.",
      provenance: c.provenance, columns: columns, rows: rows)
  }

  private struct Score {
    let solved: Double?
    let interval: Interval?
    let time: Double?

    init(_ runs: [RunScore], budget: Int, passage: KeyPath<RunScore, Int?>) {
      let times = runs.map { $0[keyPath: passage] }
      let successes = times.count { $0 != nil }
      solved = runs.isEmpty ? nil : Double(successes) / Double(runs.count)
      interval = runs.isEmpty ? nil : wilsonInterval(successes: successes, trials: runs.count)
      time = expectedRunningTime(evaluationsToTarget: times, budget: budget)
    }
  }
}
