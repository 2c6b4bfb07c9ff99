internal import Experiments
internal import HypergradientTraining
internal import Records
internal import Reporting

/// The page Documentation/FindLearningRate.md: what range tests suggest on a suite's tasks, over the
/// best fixed rates of its file.
struct RatePage {
  let suite: Suite
  let test: RateRangeTest
  let seeds: [Int]
  /// A row a task and rule.
  let table: Table
  private let summary: Table

  init(
    _ suite: Suite, _ test: RateRangeTest, seeds: [Int], factory: TaskFactory, jobs: Int
  ) throws {
    self.suite = suite
    self.test = test
    self.seeds = seeds
    let kinds = RateSuggestion.allCases
    var rows: [[Table.Cell]] = []
    var ratios = kinds.map { _ in [Double]() }
    var pairs = 0
    for task in suite.tasks {
      for rule in suite.rules {
        guard let reference = task.references[rule.name] else { continue }
        let tested = try TestedRates(
          test, of: rule.spec, on: task.spec, seeds: seeds, factory: factory,
          measuresHeldOut: false, jobs: jobs)
        pairs += 1
        var row: [Table.Cell] = [.text(task.name), .text(rule.name), .number(reference.rate)]
        for (index, kind) in kinds.enumerated() {
          let ratio = tested.suggestion(kind).outcome.rate.map { $0 / reference.rate }
          if let ratio { ratios[index].append(ratio) }
          row.append(.optional(ratio))
        }
        rows.append(row)
      }
    }
    guard pairs > 0 else {
      throw ExperimentError("suite '\(suite.name)' has no best fixed rates to compare with")
    }
    let provenance =
      "suite \(suite.name), version \(suite.version); hypergrad \(packageVersion); \(test.count) rates "
      + "from \(test.smallest) to \(test.largest), seeds "
      + seeds.map { "\($0)" }.joined(separator: ", ")
    table = Table(
      name: "find-lr", title: "Suggested rate over the best fixed rate",
      caption:
        "1 is the rate that ends lowest after \(suite.steps.map { "\($0)" } ?? "all") steps. "
        + "A dash: none is suggested.",
      provenance: provenance,
      columns: [
        Table.Column.bare("task"), Table.Column.bare("rule"),
        Table.Column.bare("best fixed rate", format: .significant(3)),
      ] + kinds.map { Table.Column.bare($0.rawValue, format: .significant(2)) },
      rows: rows)
    func share(_ values: [Double], within factor: Double) -> Double {
      Double(values.count { $0 >= 1 / factor && $0 <= factor }) / Double(pairs)
    }
    summary = Table(
      name: "find-lr-summary", title: "All of them together",
      caption: "Of \(pairs) pairs of a task and a rule: how many have a suggestion, how it lies to "
        + "the best fixed rate, and the share of all pairs within a factor of it.",
      provenance: provenance,
      columns: [
        Table.Column.bare("suggestion"), Table.Column.bare("found", format: .fixed(0)),
        Table.Column.bare("least ratio", format: .significant(2)),
        Table.Column.bare("median", format: .significant(2)),
        Table.Column.bare("largest", format: .significant(2)),
        Table.Column.bare("within 3", unit: "%", format: .percent(0)),
        Table.Column.bare("within 10", unit: "%", format: .percent(0)),
      ],
      rows: zip(kinds, ratios).map { kind, ratios in
        let sorted = ratios.sorted()
        let middle = RateInterval(
          sorted.isEmpty ? [.none("")] : sorted.map { .rate($0) }
        ).outcome.rate
        return [
          .text(kind.rawValue), .number(Double(sorted.count)), .optional(sorted.first),
          .optional(middle), .optional(sorted.last), .number(share(sorted, within: 3)),
          .number(share(sorted, within: 10)),
        ]
      })
  }

  /// The page; its first part is by hand, its tables are not.
  var markdown: String {
    """
    # Finding a learning rate

    `hypergrad find-lr` takes a step at each of many rates, from small to large, and reads off the
    curve of the losses which rates to use. This page is made by

        hypergrad find-lr --suite \(suite.name) --rates \(test.count) --markdown

    and a test holds rows of it against what the command gives.

    ## What is measured

    - A rate goes with the loss *after* its step. So n rates cost n + 1 gradients. (fastai, Lightning
      and pytorch-lr-finder pair it with the loss before the step.)
    - Two averages, both divided by their weight: a causal one that ends the test, and one to either
      side, without lag, that suggestions are read off. The least smoothing is used that leaves an
      eighth of the fall or less to noise; none where there is no noise.
    - The test ends where a loss is not finite, or where the causal average is above its least value a
      by more than 2·(L₀ − a) + 6σ, with L₀ the first loss and σ the noise of one loss, measured from
      second differences of the first third. A constant that is added to the loss changes nothing.
    - A suggestion is the median over seeds in the logarithm. There is none where half of the seeds
      have none: where the fall is within the noise, where the loss has not turned at the largest rate,
      or where there are fewer than \(RateCurve.fewestRates) rates.

    ## What is suggested

    | name | what it is |
    |---|---|
    \(RateSuggestion.allCases.map { "| `\($0.rawValue)` | \($0.definition) |" }
      .joined(separator: "\n"))

    On a quadratic with largest eigenvalue λ, gradient descent is stable up to 2/λ. `largest` is never
    below the last tested rate under 2/λ; it is that rate where all curvatures are the same, and at
    most about 6.3 times as much otherwise: the steps near 1/λ make the part along λ small before it
    begins to grow, and it is back at its first size at X/λ, where ∫₀^X ln|1 − x|/x dx = 0, X = 12.6.

    In Swift it is `RateRangeTest`, of the module `HypergradientTraining`:

        let test = try RateRangeTest(from: 1e-6, to: 10, count: 100)
        let curve = test.curve(of: Adam<Float>(), at: parameters, on: oracle)
        if let rate = curve.suggestion(.largest).rate { … }

    A range test is short and sees the start of training alone. The best rate of a whole run may be
    smaller (noise that has to be averaged out, curvature that grows) or larger (a start that is
    steeper than what follows); `hypergrad search` compares whole runs.

    \(summary.markdown)
    \(table.markdown)
    """
  }
}
