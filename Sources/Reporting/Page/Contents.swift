internal import Experiments

/// What the page shows, in order; files are written of the same tables and pictures.
struct Contents {
  struct Section {
    let name: String
    let title: String
    let text: String
    var blocks: [Block]

    var tables: [Table] { blocks.compactMap(\.table) }
    var figures: [Figure] { blocks.compactMap(\.figure) }
  }
  /// A table or a picture, and whether it is unfolded at first.
  struct Block {
    var table: Table?
    var figure: Figure?
    var isOpen = true
  }

  let comparison: Comparison
  let sections: [Section]

  /// Makes tables, pictures or both, since either takes its time.
  init(_ results: Results, tables: Bool = true, figures: Bool = true) {
    let comparison = Comparison(results)
    self.comparison = comparison
    let rules = comparison.rules.indices
    func table(_ table: @autoclosure () -> Table, isOpen: Bool = false) -> [Block] {
      tables ? [Block(table: table(), isOpen: isOpen)] : []
    }
    func figure(_ figure: @autoclosure () -> Figure?, isOpen: Bool = true) -> [Block] {
      guard figures, let figure = figure() else { return [] }
      return [Block(figure: figure, isOpen: isOpen)]
    }

    let robustness = RobustnessTables(comparison: comparison)
    let robustnessFigures = RobustnessFigures(comparison: comparison)
    let gaps = GapByRateFigure(comparison: comparison)
    let tuned = BestTunedTables(comparison: comparison)
    let tunedFigure = BestTunedFigure(comparison: comparison)
    let times = TimeToTargetTables(comparison: comparison)
    let movement = MovementTables(comparison: comparison)
    let curves = CurveFigures(comparison: comparison, traces: figures ? results.traces : [])
    let map = HyperMap(results)
    let mapFigures = HyperMapFigures(map: map, provenance: comparison.provenance)

    let sections = [
      Section(
        name: "robustness", title: "Robustness",
        text: "How much does the starting learning rate matter? A method is robust if it ends "
          + "where the best fixed rate ends, from whichever rate it started.",
        blocks: table(robustness.summary, isOpen: true) + figure(robustnessFigures.dots)
          + figure(robustnessFigures.curves) + rules.flatMap { table(robustness.byTask($0)) }),
      Section(
        name: "gap", title: "Final gap by starting rate",
        text: "A flat, low line is a method that needs no tuning; a narrow valley one that does.",
        blocks: rules.flatMap { figure(gaps.figure($0), isOpen: $0 == 0) }),
      Section(
        name: "tuned", title: "Best-tuned results",
        text: "How good is each method once its starting rate has been tuned?",
        blocks: table(tuned.summary, isOpen: true)
          + rules.flatMap { figure(tunedFigure.figure($0), isOpen: $0 == 0) }
          + rules.flatMap { table(tuned.byTask($0)) }),
      Section(
        name: "scores", title: "Held-out scores",
        text: "What the training loss is worth on examples that no gradient saw.",
        blocks: RealDataTable(comparison: comparison).table.map { table($0, isOpen: true) } ?? []),
      Section(
        name: "time", title: "Time to target",
        text: "How many gradients does a tuned method spend until it gets there?",
        blocks: figure(TimeProfileFigure(comparison: comparison).figure)
          + rules.flatMap { table(times.byTask($0)) }),
      Section(
        name: "movement", title: "Divergence and movement",
        text: "A method that never moves its learning rate can be no better than a fixed one.",
        blocks: table(movement.summary, isOpen: true)
          + rules.flatMap { table(movement.divergedByTask($0)) }),
      Section(
        name: "curves", title: "Loss and learning-rate curves",
        text: "What the methods do on the way, from some of the starting rates.",
        blocks: rules.flatMap { r in
          figure(curves.losses(r), isOpen: r == 0) + figure(curves.rates(r), isOpen: r == 0)
        }),
      Section(
        name: "map", title: "Hyper-learning-rate",
        text: "Hypergradient descent trades one number for another: how much does the new one "
          + "matter?",
        blocks: (figures ? mapFigures.figures : []).map { Block(figure: $0) }
          + (HyperMapTable(map: map, provenance: comparison.provenance).table
            .map { table($0) } ?? [])),
    ]
    self.sections = sections.filter { !$0.blocks.isEmpty }
  }
}
