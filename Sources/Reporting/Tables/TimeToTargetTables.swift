internal import Records
internal import Statistics

/// Gradient evaluations to a target, at the best-tuned rate.
struct TimeToTargetTables {
  let comparison: Comparison

  /// A row for each task and method, for one rule.
  func byTask(_ rule: Int) -> Table {
    let c = comparison
    func someRuns(_ trait: (MethodRuns) -> Bool) -> Bool {
      c.tasks.indices.contains { t in c.listed[rule].contains { trait(c.runs(t, rule, $0)) } }
    }
    // What is paid for beside gradients, where anything is.
    var paid: [(name: String, count: (ScoredRun) -> Int)] = []
    if someRuns(\.paysForLosses) { paid.append(("losses paid for", \.lossEvaluations)) }
    if someRuns(\.asksForCurvature) {
      paid.append(("Hessian-vector products", \.hessianVectorProducts))
    }
    var columns: [Table.Column] = [.task, .method]
    for target in ["own target", "common target"] {
      func share(_ name: String, _ about: String) -> Table.Column {
        .init(name, group: target, unit: "%", format: .percent(0), about: about)
      }
      columns += [
        share("solved", "share of seeds at or below the \(target) at some evaluated step"),
        share("low", "lower end of that share's 95\u{a0}% Wilson interval"),
        share("high", "upper end of that share's 95\u{a0}% Wilson interval"),
        .init(
          "time", group: target, unit: "gradients", format: .fixed(0), infinity: "never",
          about: "expected gradient evaluations until then, a run that fails costing its budget"),
      ]
    }
    columns += paid.map {
      .init(
        $0.name, unit: "a run", format: .fixed(0), key: plainWords($0.name).joined(separator: "_"),
        about: "median over the reported seeds, beside the gradients")
    }
    var rows: [[Table.Cell]] = []
    for t in c.tasks.indices {
      let budget = c.budget(t, rule)
      let scores = c.methods.indices.map { m in
        [\ScoredRun.firstPassage, \ScoredRun.firstPassageCommon].map {
          Score(c.runs(t, rule, m).tuned?.runs ?? [], budget: budget, passage: $0)
        }
      }
      for m in c.listed[rule] {
        var row: [Table.Cell] = [.text(c.tasks[t]), .text(c.labels[m])]
        for target in 0..<2 {
          let score = scores[m][target]
          row += [.optional(score.solved), .optional(score.interval?.low)]
          row.append(.optional(score.interval?.high))
          row.append(
            .optional(score.time, isBest: isLeast(score.time, scores.map { $0[target].time })))
        }
        for column in paid {
          let counts = c.runs(t, rule, m).tuned?.runs.map { Double(column.count($0)) } ?? []
          row.append(.optional(median(counts)))
        }
        rows.append(row)
      }
    }
    return Table(
      name: "time-to-target-\(c.slugs[rule])", title: "Time to target, \(c.rules[rule])",
      caption: "\(BestTunedTables(comparison: c).choice) Solved: the share of seeds whose gap is "
        + "at or below the target at an evaluated step, with Wilson's 95\u{a0}% interval; time: "
        + "expected gradient evaluations until then, where a run that fails costs its whole "
        + "budget. The own target is that of the task and rule, the common target one for all "
        + "rules."
        + (paid.isEmpty
          ? "" : " A loss alone costs a third of a gradient, a Hessian-vector product two.")
        + c.startlessNote("nothing is tuned"),
      provenance: c.provenance, columns: columns, rows: rows)
  }

  private struct Score {
    let solved: Double?
    let interval: Interval?
    let time: Double?

    init(_ runs: [ScoredRun], budget: Int, passage: KeyPath<ScoredRun, Int?>) {
      let times = runs.map { $0[keyPath: passage] }
      let successes = times.count { $0 != nil }
      solved = runs.isEmpty ? nil : Double(successes) / Double(runs.count)
      interval = runs.isEmpty ? nil : wilsonInterval(successes: successes, trials: runs.count)
      time = expectedRunningTime(evaluationsToTarget: times, budget: budget)
    }
  }
}
