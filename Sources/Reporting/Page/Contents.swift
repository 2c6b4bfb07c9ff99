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

  init(_ results: Results) {
    let comparison = Comparison(results)
    self.comparison = comparison
    let rules = comparison.rules.indices
    var sections: [Section] = []

    let robustness = RobustnessTables(comparison: comparison)
    let robustnessFigures = RobustnessFigures(comparison: comparison)
    sections.append(
      Section(
        name: "robustness", title: "Robustness",
        text: "How much does the starting learning rate matter? A method is robust if it ends "
          + "where the best fixed rate ends, from whichever rate it started.",
        blocks: [
          Block(table: robustness.summary), Block(figure: robustnessFigures.dots),
          Block(figure: robustnessFigures.curves),
        ] + rules.map { Block(table: robustness.byTask($0), isOpen: false) }))

    let gaps = GapByRateFigure(comparison: comparison)
    sections.append(
      Section(
        name: "gap", title: "Final gap by starting rate",
        text: "A flat, low line is a method that needs no tuning; a narrow valley one that does.",
        blocks: rules.map { Block(figure: gaps.figure($0), isOpen: $0 == 0) }))

    let tuned = BestTunedTables(comparison: comparison)
    let tunedFigure = BestTunedFigure(comparison: comparison)
    sections.append(
      Section(
        name: "tuned", title: "Best-tuned results",
        text: "How good is each method once its starting rate has been tuned?",
        blocks: [Block(table: tuned.summary)]
          + rules.map { Block(figure: tunedFigure.figure($0), isOpen: $0 == 0) }
          + rules.map { Block(table: tuned.byTask($0), isOpen: false) }))

    if let scores = RealDataTable(comparison: comparison).table {
      sections.append(
        Section(
          name: "scores", title: "Held-out scores",
          text: "What the training loss is worth on examples that no gradient saw.",
          blocks: [Block(table: scores)]))
    }

    let times = TimeToTargetTables(comparison: comparison)
    sections.append(
      Section(
        name: "time", title: "Time to target",
        text: "How many gradients does a tuned method spend until it gets there?",
        blocks: [Block(figure: TimeProfileFigure(comparison: comparison).figure)]
          + rules.map { Block(table: times.byTask($0), isOpen: false) }))

    let movement = MovementTables(comparison: comparison)
    sections.append(
      Section(
        name: "movement", title: "Divergence and movement",
        text: "A method that never moves its learning rate can be no better than a fixed one.",
        blocks: [Block(table: movement.summary)]
          + rules.map { Block(table: movement.divergedByTask($0), isOpen: false) }))

    let curves = CurveFigures(comparison: comparison, traces: results.traces)
    let drawn = rules.flatMap { r in
      [curves.losses(r), curves.rates(r)].compactMap { $0 }
        .map { Block(figure: $0, isOpen: r == 0) }
    }
    if !drawn.isEmpty {
      sections.append(
        Section(
          name: "curves", title: "Loss and learning-rate curves",
          text: "What the methods do on the way, from some of the starting rates.", blocks: drawn))
    }

    let map = HyperMap(results)
    if let table = HyperMapTable(map: map, provenance: comparison.provenance).table {
      let figures = HyperMapFigures(map: map, provenance: comparison.provenance).figures
      sections.append(
        Section(
          name: "map", title: "Hyper-learning-rate",
          text: "Hypergradient descent trades one number for another: how much does the new one "
            + "matter?",
          blocks: figures.map { Block(figure: $0) } + [Block(table: table, isOpen: false)]))
    }
    self.sections = sections
  }
}
