internal import Records

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

  let sections: [Section]

  /// Blocks that are still to be made.
  private struct Draft: Sendable {
    let make: @Sendable () -> [Block]
  }

  /// Makes tables, pictures or both, on several threads, since either takes its time.
  init(_ digested: Digested, tables: Bool = true, figures: Bool = true, jobs: Int = 1) {
    let comparison = digested.comparison
    let rules = comparison.rules.indices
    func table(_ table: @autoclosure @escaping @Sendable () -> Table?, isOpen: Bool = false)
      -> [Draft]
    {
      guard tables else { return [] }
      return [Draft { table().map { [Block(table: $0, isOpen: isOpen)] } ?? [] }]
    }
    func figure(
      _ figure: @autoclosure @escaping @Sendable () -> Figure?, isOpen: Bool = true
    ) -> [Draft] {
      guard figures else { return [] }
      return [Draft { figure().map { [Block(figure: $0, isOpen: isOpen)] } ?? [] }]
    }

    let robustness = RobustnessTables(comparison: comparison)
    let robustnessFigures = RobustnessFigures(comparison: comparison)
    let gaps = GapByRateFigure(comparison: comparison)
    let tuned = BestTunedTables(comparison: comparison)
    let tunedFigure = BestTunedFigure(comparison: comparison)
    let times = TimeToTargetTables(comparison: comparison)
    let movement = MovementTables(comparison: comparison)
    let curves = CurveFigures(comparison: comparison, curves: digested.curves)
    let map = digested.map
    let mapFigures = HyperMapFigures(map: map, provenance: comparison.provenance)

    // Every table and picture, a line each: a newcomer adds one.
    let sections: [(name: String, title: String, text: String, drafts: [[Draft]])] = [
      (
        "robustness", "Robustness",
        "How much does the starting learning rate matter? A method is robust if it ends "
          + "where the best fixed rate ends, from whichever rate it started.",
        [
          table(robustness.summary, isOpen: true),
          figure(robustnessFigures.dots),
          figure(robustnessFigures.curves),
          rules.flatMap { r in table(robustness.byTask(r)) },
        ]
      ),
      (
        "same", "The same results",
        "A method that never differs from another on any task is a defect.",
        [
          table(SameResultsTable(comparison: comparison).table, isOpen: true)
        ]
      ),
      (
        "gap", "Final gap by starting rate",
        "A flat, low line is a method that needs no tuning; a narrow valley one that does.",
        [
          rules.flatMap { r in figure(gaps.figure(r), isOpen: r == 0) }
        ]
      ),
      (
        "tuned", "Best-tuned results",
        "How good is each method once its starting rate has been tuned?",
        [
          table(tuned.summary, isOpen: true),
          rules.flatMap { r in figure(tunedFigure.figure(r), isOpen: r == 0) },
          rules.flatMap { r in table(tuned.byTask(r)) },
        ]
      ),
      (
        "scores", "Held-out scores",
        "What the training loss is worth on examples that no gradient saw.",
        [
          table(RealDataTable(comparison: comparison).table, isOpen: true)
        ]
      ),
      (
        "time", "Time to target",
        "How many gradients does a tuned method spend until it gets there?",
        [
          figure(TimeProfileFigure(comparison: comparison).figure),
          rules.flatMap { r in table(times.byTask(r)) },
        ]
      ),
      (
        "movement", "Divergence and movement",
        "A method that never moves its learning rate can be no better than a fixed one.",
        [
          table(movement.summary, isOpen: true),
          rules.flatMap { r in table(movement.divergedByTask(r)) },
        ]
      ),
      (
        "curves", "Loss and learning-rate curves",
        "What the methods do on the way, from some of the starting rates.",
        [
          rules.flatMap { r in
            figure(curves.losses(r), isOpen: r == 0) + figure(curves.rates(r), isOpen: r == 0)
          }
        ]
      ),
      (
        "map", "Hyper-learning-rate",
        "Hypergradient descent trades one number for another: how much does the new one "
          + "matter?",
        [
          figures ? [Draft { mapFigures.figures.map { Block(figure: $0) } }] : [],
          table(HyperMapTable(map: map, provenance: comparison.provenance).table),
        ]
      ),
    ]
    // Nothing is thrown, so nothing is lost.
    let drafts = sections.flatMap { $0.drafts.flatMap { $0 } }
    let made = try! Workers.map(drafts, jobs: jobs) { $0.make() }
    var next = made.startIndex
    self.sections = sections.compactMap { section in
      let count = section.drafts.reduce(0) { $0 + $1.count }
      let blocks = made[next..<next + count].flatMap { $0 }
      next += count
      return blocks.isEmpty
        ? nil
        : Section(name: section.name, title: section.title, text: section.text, blocks: blocks)
    }
  }
}
