internal import Records
internal import Statistics

/// Training and held-out scores side by side, on tasks that have both.
struct RealDataTable {
  let comparison: Comparison
  var data: DataRecord?

  /// `nil` if no run has a held-out score.
  var table: Table? {
    let c = comparison
    let shownScores = shownScores
    var rows: [[Table.Cell]] = []
    for t in c.tasks.indices {
      for r in c.rules.indices {
        let cells = c.methods.indices.map { c.runs(t, r, $0) }
        guard cells.contains(where: \.hasHeldOutScores) else {
          continue
        }
        let hasAccuracy = cells.contains(where: \.hasAccuracies)
        let scores = cells.map { Self.scores($0.tuned?.runs ?? [], hasAccuracy: hasAccuracy) }
        for m in c.listed[r] {
          let row: [Table.Cell] = [.text(c.tasks[t]), .text(c.rules[r]), .text(c.labels[m])]
          let rate = Table.Cell.optional(cells[m].tuned?.rate)
          let shown = shownScores.map { index in
            let column = scores.map { $0[index] }
            let isBest =
              index < 2 ? isLeast(scores[m][index], column) : isGreatest(scores[m][index], column)
            return Table.Cell.optional(scores[m][index], isBest: isBest)
          }
          rows.append(row + [rate] + shown)
        }
      }
    }
    guard !rows.isEmpty else { return nil }
    return Table(
      name: "real-data",
      title: isJudgedHere ? "Held-out scores" : "Training and held-out scores",
      caption: "\(BestTunedTables(comparison: c).choice) Medians over seeds; a run that was "
        + "stopped counts with an infinite loss"
        + (shownScores.contains(2) ? " and, at the end, nothing classified rightly. " : ". ")
        + (isJudgedHere
          ? "The rate is chosen by the loss on held-out examples."
          : "The starting rate is chosen by the training loss alone, not by held-out examples"
            + (shownScores.contains(3)
              ? ", and the best accuracy at an evaluated step is shown to tell how much is lost by the "
                + "end." : "."))
        + (data.map { " The data: \($0.sentence)." } ?? "")
        + c.startlessNote("nothing is tuned"),
      provenance: c.provenance,
      columns: [
        .task, .rule, .method,
        .init("starting rate", format: .significant(3), about: "the starting rate that was chosen"),
      ] + shownScores.map { Self.columns[$0] }, rows: rows)
  }

  /// Whether held-out examples are what runs are judged by: their loss is then the one that is
  /// recorded.
  private var isJudgedHere: Bool { comparison.suite.judgedLoss == .heldOut }

  /// No accuracy where all tasks learn numbers.
  private var shownScores: Range<Int> {
    let c = comparison
    let hasAccuracy = c.tasks.indices.contains { task in
      c.rules.indices.contains { rule in
        c.methods.indices.contains { c.runs(task, rule, $0).hasAccuracies }
      }
    }
    return (isJudgedHere ? 1 : 0)..<(hasAccuracy ? 4 : 2)
  }

  private static let columns: [Table.Column] = [
    .init(
      "training loss", format: .significant(4), infinity: "diverged",
      about: "final loss over all rows to learn from, median over seeds"),
    .init(
      "test loss", format: .significant(4), infinity: "diverged",
      about: "final loss over the held-out rows, median over seeds"),
    .init(
      "test accuracy", unit: "%", format: .percent(2),
      about: "share of held-out rows classified rightly at the end, median over seeds"),
    .init(
      "best test accuracy", unit: "%", format: .percent(2),
      about: "the largest such share at an evaluated step, median over seeds"),
  ]

  private static func scores(_ runs: [ScoredRun], hasAccuracy: Bool) -> [Double?] {
    func middle(_ value: (ScoredRun) -> Double?) -> Double? {
      median(runs.compactMap(value).map { $0.isNaN ? .infinity : $0 })
    }
    let losses = [middle(\.finalLoss), middle { $0.heldOut?.loss }]
    return losses
      + (hasAccuracy
        ? [middle { $0.heldOut?.accuracy }, middle { $0.heldOut?.bestAccuracy }] : [nil, nil])
  }
}
