extension Contents {
  /// A section as it is planned; one of which nothing can be shown is left out.
  struct PlannedSection: Sendable {
    let name: String
    let title: String
    let text: String
    let exhibits: [Exhibit]

    init(_ name: String, _ title: String, _ text: String, _ exhibits: [Exhibit]) {
      self.name = name
      self.title = title
      self.text = text
      self.exhibits = exhibits
    }
  }

  /// The list of all tables and pictures: a new one is a line here.
  static let plan: [PlannedSection] = [
    PlannedSection(
      "robustness", "Robustness",
      "How much does the starting learning rate matter? A method is robust if, from whichever rate "
        + "it started, it gets to where the best fixed rate is at half of the steps, and stays there.",
      [
        .table(isOpen: true) { RobustnessTables(comparison: $0.comparison).summary },
        .pictures { [RobustnessFigures(comparison: $0.comparison).dots] },
        .pictures { [RobustnessFigures(comparison: $0.comparison).curves] },
        .tables { RobustnessTables(comparison: $0.comparison).byTask },
      ]),
    PlannedSection(
      "same", "The same results",
      "A method that never differs from another on any task is a defect.",
      [.table(isOpen: true) { SameResultsTable(comparison: $0.comparison).table }]),
    PlannedSection(
      "gap", "Final gap by starting rate",
      "A flat, low line is a method that needs no tuning; a narrow valley one that does.",
      [
        .pictures(byRule: {
          let gaps = GapByRateFigure(comparison: $0.comparison)
          return { [gaps.figure($0)] }
        })
      ]),
    PlannedSection(
      "tuned", "Best-tuned results",
      "How good is each method once its starting rate has been tuned?",
      [
        .table(isOpen: true) { BestTunedTables(comparison: $0.comparison).summary },
        .pictures(byRule: {
          let tuned = BestTunedFigure(comparison: $0.comparison)
          return { [tuned.figure($0)] }
        }),
        .tables { BestTunedTables(comparison: $0.comparison).byTask },
        .table(isOpen: true) {
          TuningBudgetTable(budget: $0.budget, comparison: $0.comparison).table
        },
      ]),
    PlannedSection(
      "scores", "Held-out scores",
      "What the training loss is worth on examples that no gradient saw.",
      [.table(isOpen: true) { RealDataTable(comparison: $0.comparison, data: $0.data).table }]),
    PlannedSection(
      "time", "Time to target",
      "How many gradients does a tuned method spend until it gets there?",
      [
        .pictures { [TimeProfileFigure(comparison: $0.comparison).figure] },
        .tables { TimeToTargetTables(comparison: $0.comparison).byTask },
      ]),
    PlannedSection(
      "movement", "Divergence and movement",
      "A method that never moves its learning rate can be no better than a fixed one.",
      [
        .table(isOpen: true) { MovementTables(comparison: $0.comparison).summary },
        .tables { MovementTables(comparison: $0.comparison).divergedByTask },
      ]),
    PlannedSection(
      "curves", "Loss and learning-rate curves",
      "What the methods do on the way, from some of the starting rates.",
      [
        .pictures(byRule: {
          let curves = CurveFigures(comparison: $0.comparison, curves: $0.curves)
          return {
            [
              curves.losses($0), curves.rates($0), curves.testLosses($0),
              curves.testAccuracies($0),
            ]
          }
        })
      ]),
    PlannedSection(
      "map", "Hyper-learning-rate",
      "Hypergradient descent trades one number for another: how much does the new one matter?",
      [
        .pictures { HyperMapFigures(map: $0.map, provenance: $0.comparison.provenance).figures },
        .table { HyperMapTable(map: $0.map, provenance: $0.comparison.provenance).table },
      ]),
  ]
}
