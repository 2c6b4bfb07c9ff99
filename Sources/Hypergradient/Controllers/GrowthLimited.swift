package import HypergradientRecipes

/// A controller whose rate grows by no more than a factor from one decision to the next.
///
///     η_t = min(η̂_t, c·η_{t−1})       η̂_t of the base; η̂_t itself where η_{t−1} = 0, and at first
///
/// It may fall as it likes. A rate that is held back is given back to the base as its state, as by
/// ``Clamped``, so that the base does not run ahead of what is applied; a schedule takes over nothing,
/// and is caught up with. The signals are the base's as they are: the derivatives of the applied rate.
/// A step that is skipped counts for nothing, one that is taken again counts with its new rate.
public struct GrowthLimited<Base: LearningRateController>: LearningRateController {
  public private(set) var base: Base
  /// c ≥ 1.
  public let most: Double
  public private(set) var learningRate: Double
  private var isBegun = false

  /// - Parameter most: c, finite and at least 1.
  public init(_ base: Base, to most: Double) {
    Recipe<Modifier<any LearningRateController>>.limitedGrowth.check(most)
    (self.base, self.most) = (base, most)
    learningRate = base.learningRate
  }

  public var requirements: ControllerRequirements { base.requirements }
  public var takesRate: Bool { base.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    base.decide(signals).mapRate { rate in
      learningRate = held(rate)
      isBegun = true
      return learningRate
    }
  }

  /// The rate from which it grows, as well.
  public mutating func project(learningRate: Double) {
    base.project(learningRate: learningRate)
    self.learningRate = learningRate
  }

  public mutating func begin(learningRate: Double) {
    base.begin(learningRate: learningRate)
    self.learningRate = base.learningRate
  }

  public mutating func hold(learningRate: Double) {
    base.hold(learningRate: learningRate)
    self.learningRate = learningRate
  }

  private mutating func held(_ rate: Double) -> Double {
    guard isBegun, learningRate > 0 else { return rate }
    let held = min(rate, most * learningRate)
    if held != rate { base.hold(learningRate: held) }
    return held
  }
}

extension LearningRateController {
  /// This controller, whose rate grows by no more than a factor a step.
  public func limitedGrowth(to most: Double) -> GrowthLimited<Self> {
    GrowthLimited(self, to: most)
  }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  package static let limitedGrowth = Recipe(
    "limitedGrowth",
    { (most: Double) in
      Modifier { base in
        func open<C: LearningRateController>(_ base: C) -> any LearningRateController {
          base.limitedGrowth(to: most)
        }
        return open(base)
      }
    },
    .growthLimit,
    summary: "a controller whose rate grows by no more than a factor a step",
    examples: [
      "hypergradient(initial: 0.1, hyperLearningRate: 0.5, within: 1e-3...10).limitedGrowth(to: 2.5)",
      "scheduled(triangular(from: 0.01, to: 1, rise: 3, fall: 4)).limitedGrowth(to: 4)",
    ], compared: [])
}

extension Parameter where Value == Double {
  /// c, the same argument for methods.
  static var growthLimit: Parameter {
    .number("to", in: .atLeast(1), "the largest rate over the one of the step before")
  }
}

extension GrowthLimited {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    most = try state.number(.most)
    learningRate = try state.number(.learningRate)
    isBegun = try state.value(.isBegun)
    try state.check(Recipe<Modifier<any LearningRateController>>.limitedGrowth.fault(of: most))
  }
}
