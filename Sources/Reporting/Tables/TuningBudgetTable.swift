internal import PortableMath
internal import Records
internal import Statistics

/// Successes by the number of trials that tuning was given.
struct TuningBudgetTable {
  let budget: TuningBudget
  let comparison: Comparison

  /// `nil` where the map and the sweep have no seeds in common to tune and to report on.
  var table: Table? {
    guard !budget.entries.isEmpty else { return nil }
    let trials = budget.trials
    let means = budget.entries.map { entry in trials.map { mean(entry.expected(trials: $0)) } }
    let intervals = budget.entries.enumerated().map { e, entry in
      TaskIntervals.interval(
        entry.expected(trials: budget.common), of: "budget", method: entry.method)
    }
    let rows = budget.entries.indices.map { e -> [Table.Cell] in
      let entry = budget.entries[e]
      return [
        .text(entry.method), .text(entry.hasHyper ? "rate, hyper-learning-rate" : "rate"),
        .number(Double(entry.places)),
      ]
        + trials.indices.map { t in
          .optional(means[e][t], isBest: isGreatest(means[e][t], means.map { $0[t] }))
        }
        + [.optional(intervals[e]?.low), .optional(intervals[e]?.high)]
    }
    return Table(
      name: "tuning-budget", title: "Tuned within a budget",
      caption:
        "The expected share of successes after so many trials of tuning, for each task and rule. "
        + "A trial is a place of the method's grid, drawn without replacement, all equally likely: "
        + "\(grid). The best trial has the least median final gap on the "
        + "\(Suite.words(seeds: budget.tuningSeeds)); its "
        + "share is that on the \(Suite.words(seeds: budget.reportSeeds)), mean over rules, then over "
        + "\(comparison.tasks.count) tasks. The expectation is exact. A method with fewer places has all "
        + "of them tried. Low and high: \(Samples.words(tasks: comparison.tasks.count)) after "
        + "\(budget.common) trials. Every other constant is the suite's.",
      provenance: comparison.provenance,
      columns: [
        .method, .init("tuned", about: "what is drawn from the grid"),
        .init("places", format: .fixed(0), about: "places of the grid"),
      ]
        + trials.map {
          .init(
            "after \($0)", group: "trials", unit: "%", format: .percent(1),
            about: "expected share of successes after so many trials of tuning")
        } + [
          .init(
            "low", unit: "%", format: .percent(1),
            about: "lower end over tasks, after as many trials as every method has places"),
          .init(
            "high", unit: "%", format: .percent(1),
            about: "upper end over tasks, after as many trials as every method has places"),
        ],
      rows: rows)
  }

  private var grid: String {
    let suite = comparison.suite
    func decades(_ rates: Suite.StartingRates) -> String {
      "\(rates.count) starting rates from 10^\(shortest(rates.low)) to 10^\(shortest(rates.high)) times "
        + "the best fixed rate"
    }
    let own = decades(suite.startingRates)
    guard let map = suite.map else { return own }
    let hypers = map.methods.map { method in
      "\(method.hyperLearningRates.count) hyper-learning-rates from "
        + "\(shortest(method.hyperLearningRates.min() ?? 0)) to "
        + "\(shortest(method.hyperLearningRates.max() ?? 0)) for \(method.name)"
    }
    return own + ", for the methods of the map "
      + (map.startingRates == suite.startingRates ? "the same" : decades(map.startingRates))
      + " times " + hypers.joined(separator: ", ")
  }

  private func shortest(_ x: Double) -> String { NumberFormat.significant(1).text(x) }
}
