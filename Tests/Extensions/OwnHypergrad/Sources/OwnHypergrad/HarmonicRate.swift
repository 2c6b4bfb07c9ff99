import HypergradientBenchmark

/// η_t = η₀ / √(1 + n_t), n_t how often the loss has risen so far.
struct HarmonicRate: LearningRateController, Equatable {
  let initial: Double
  private var rises = 0
  private var last: Double?

  init(initial: Double) {
    Self.recipe.check(initial)
    self.initial = initial
  }

  var learningRate: Double { initial / (1 + Double(rises)).squareRoot() }

  var requirements: ControllerRequirements { ControllerRequirements(signals: [.loss]) }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    if let last, signals.loss > last { rises += 1 }
    if signals.loss.isFinite { last = signals.loss }
    return .step(learningRate)
  }
}

extension HarmonicRate: HasRecipe {
  static var recipe: Recipe<HarmonicRate> {
    Recipe(
      "harmonic", HarmonicRate.init(initial:),
      .number("initial", in: .above(0), unit: "learning rate", "η₀"),
      summary: "the rate over the root of how often the loss rose",
      examples: ["harmonic(initial: 0.1)"], standard: { HarmonicRate(initial: 0.1) })
  }
}

extension HarmonicRate {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    rises = try state.count(.rises)
    last = try state.numberOrNone(.last)
    try state.check(Self.recipe.fault(of: initial))
  }
}
