internal import PortableMath
internal import Records
internal import Statistics

/// Each method at the starting rate that suits it best, chosen on some seeds, reported on others.
struct BestTunedTables {
  let comparison: Comparison

  /// How the rate was chosen, and with what budget, for captions.
  var choice: String { "\(chosenOn) \(budget)" }

  /// What each method was allowed to try.
  private var budget: String {
    let rates = comparison.suite.startingRates.count
    let seeds =
      comparison.choosesOnOtherSeeds
      ? comparison.suite.tuningSeeds.count : comparison.seeds.count
    return "The budget of tuning is the same for every method with a starting rate, for each task "
      + "and rule: \(rates) \(rates == 1 ? "rate" : "rates") on \(seeds) "
      + "\(seeds == 1 ? "seed" : "seeds"). All other constants, hyper-learning-rates among them, are "
      + "the suite's for all tasks."
  }

  private var chosenOn: String {
    comparison.choosesOnOtherSeeds
      ? "The starting rate is the one with the least median final gap on the tuning seeds; what is "
        + "shown comes from the other seeds."
      : "There are no separate tuning seeds in these runs: the starting rate is chosen on the "
        + "seeds that are shown, which flatters every method."
  }

  /// Methods by rule, over all tasks; a row for each rule and method where not every rule is listed
  /// with every method.
  var summary: Table {
    let c = comparison
    return Table(
      name: "best-tuned", title: "Best-tuned results, all tasks",
      caption: "\(choice) Mean rank: of the median final gap among methods, mean over tasks, 1 is "
        + "best, ties share; rank low and high: \(Samples.words(tasks: c.tasks.count)); "
        + "log₁₀ gap: interquartile mean of the final gap over tasks and seeds." + note,
      provenance: c.provenance, columns: columns,
      rows: c.isComplete ? rows : c.rules.indices.flatMap(rows))
  }

  private var note: String { comparison.startlessNote("nothing is tuned") }

  private var columns: [Table.Column] {
    let c = comparison
    func numbers(_ group: String?) -> [Table.Column] {
      [
        .init(
          "mean rank", group: group, format: .fixed(2),
          about: "rank of the median final gap among methods, 1 is best, mean over tasks"),
        .init(
          "rank low", group: group, format: .fixed(2),
          about: "lower end over tasks of the mean rank"),
        .init(
          "rank high", group: group, format: .fixed(2),
          about: "upper end over tasks of the mean rank"),
        .init(
          "log₁₀ gap", group: group, unit: "1", format: .fixed(2), infinity: "diverged",
          about: "interquartile mean over tasks and seeds of log₁₀ of the final gap"),
      ]
    }
    return c.isComplete
      ? [.method] + c.rules.flatMap(numbers)
      : [.rule, .method] + numbers(nil)
  }

  private var rows: [[Table.Cell]] {
    let c = comparison
    let byRule = c.rules.indices.map(cells)
    return c.methods.indices.map { m in [.text(c.labels[m])] + byRule.flatMap { $0[m] } }
  }

  /// The rows of one rule.
  private func rows(_ rule: Int) -> [[Table.Cell]] {
    let c = comparison
    let cells = cells(rule)
    return c.listed[rule].map { m in [.text(c.rules[rule]), .text(c.labels[m])] + cells[m] }
  }

  /// By method: mean rank and mean gap under one rule.
  private func cells(_ rule: Int) -> [[Table.Cell]] {
    let c = comparison
    let ranks = ranks(rule).map(mean)
    let intervals = c.intervals.overTasks.rank[rule]
    let gaps = c.methods.indices.map { m in
      interquartileMean(
        c.tasks.indices.flatMap { c.runs($0, rule, m).tuned?.runs.map(\.logGap) ?? [] })
    }
    return c.methods.indices.map { m in
      [
        .optional(ranks[m], isBest: isLeast(ranks[m], ranks)),
        .optional(intervals[m]?.low), .optional(intervals[m]?.high),
        .optional(gaps[m], isBest: isLeast(gaps[m], gaps)),
      ]
    }
  }

  /// By method: its rank on each task where it ran.
  func ranks(_ rule: Int) -> [[Double]] {
    let c = comparison
    var ranks = [[Double]](repeating: [], count: c.methods.count)
    for t in c.tasks.indices {
      let medians = c.methods.indices.map { m in
        (c.runs(t, rule, m).tuned?.runs).flatMap { median($0.map(\.logGap)) }
      }
      let present = c.methods.indices.filter { medians[$0] != nil }
      for (m, rank) in zip(present, midranks(present.map { medians[$0]! })) {
        ranks[m].append(rank)
      }
    }
    return ranks
  }

  /// A row for each task and method, for one rule.
  func byTask(_ rule: Int) -> Table {
    let c = comparison
    func gap(_ name: String, _ about: String) -> Table.Column {
      .init(
        name, group: "log₁₀ final gap", format: .fixed(2), infinity: "diverged",
        about: "log₁₀ of the final gap: \(about)")
    }
    let columns: [Table.Column] = [
      .task, .method,
      .init(
        "starting rate", format: .significant(3),
        about: "the starting rate that was chosen; empty for a method without one"),
      .init(
        "over reference", unit: "decades", format: .fixed(2),
        about: "log₁₀ of that rate over the best fixed rate of the task and rule"),
      .init(
        "grid end",
        about: "low or high where the chosen rate is the lowest or highest that was tried"),
      gap("median", "median over the reported seeds"),
      gap(
        "low", "lower end of the median's 95\u{a0}% bootstrap interval, or the least of few seeds"),
      gap("high", "upper end of the median's 95\u{a0}% bootstrap interval, or the greatest of few"),
      .init(
        "diverged", unit: "%", format: .percent(0),
        about: "share of the reported seeds that diverged"),
      .init("seeds", format: .fixed(0), about: "how many seeds are reported"),
    ]
    var rows: [[Table.Cell]] = []
    for t in c.tasks.indices {
      let medians = c.methods.indices.map { m in
        (c.runs(t, rule, m).tuned?.runs).flatMap { median($0.map(\.logGap)) }
      }
      for m in c.listed[rule] {
        guard let tuned = c.runs(t, rule, m).tuned, !tuned.runs.isEmpty else {
          rows.append(
            [.text(c.tasks[t]), .text(c.labels[m])] + columns.dropFirst(2).map { _ in .missing })
          continue
        }
        let interval = c.intervals.tuned[t][rule][m]
        let diverged = tuned.runs.count(where: \.isDiverged)
        rows.append([
          .text(c.tasks[t]), .text(c.labels[m]), .optional(tuned.rate),
          .optional(tuned.exponent),
          .text(tuned.edge.rawValue),
          .optional(medians[m], isBest: isLeast(medians[m], medians)),
          .optional(interval?.low), .optional(interval?.high),
          .number(Double(diverged) / Double(tuned.runs.count)),
          .number(Double(tuned.runs.count)),
        ])
      }
    }
    return Table(
      name: "best-tuned-\(c.slugs[rule])", title: "Best-tuned results, \(c.rules[rule])",
      caption: "\(choice) The final gap is its median over seeds with the "
        + "\(Samples.words(seedsOfMedian: c.reportedSeeds)); gaps below 10⁻¹⁶ count as 10⁻¹⁶. Grid end: the chosen rate is "
        + "the lowest or highest that was tried, so a better one may lie outside." + note,
      provenance: c.provenance, columns: columns, rows: rows)
  }
}
