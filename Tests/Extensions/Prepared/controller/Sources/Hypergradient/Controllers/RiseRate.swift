public import HypergradientRecipes

/// η_t = η₀ / √(1 + n_t), n_t how often the loss has risen so far.
public struct RiseRate: LearningRateController, Equatable {
  public let initial: Double
  public private(set) var rises = 0
  private var last: Double?

  public init(initial: Double) {
    Self.recipe.check(initial)
    self.initial = initial
  }

  public var learningRate: Double { initial / (1 + Double(rises)).squareRoot() }

  public var requirements: ControllerRequirements { ControllerRequirements(signals: [.loss]) }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    if let last, signals.loss > last { rises += 1 }
    if signals.loss.isFinite { last = signals.loss }
    return .step(learningRate)
  }
}

extension RiseRate: HasRecipe {
  public static var recipe: Recipe<RiseRate> {
    Recipe(
      "riseRate", RiseRate.init(initial:),
      .number("initial", in: .above(0), unit: "learning rate", "η₀"),
      summary: "the rate over the root of how often the loss rose",
      examples: ["riseRate(initial: 0.1)"], standard: { RiseRate(initial: 0.1) })
  }
}

extension RiseRate {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    rises = try state.count(.rises)
    last = try state.numberOrNone(.last)
    try state.check(Self.recipe.fault(of: initial))
  }
}
