package import HypergradientRecipes

/// A controller whose rate stays, after a number of steps, what it is by then.
///
///     η_t = base's        for the first n steps
///     η_t = η_n           after them
///
/// Once frozen, every decision is a step with that rate: the base is asked no more and stays as it is,
/// so that it skips, retakes and restores nothing. A bound around it still holds, and is frozen with
/// it from there on. Steps are those of ``StepSignals/step``: none whose gradient was discarded with a
/// number that is not finite.
public struct Frozen<Base: LearningRateController>: LearningRateController {
  public private(set) var base: Base
  /// n ≥ 1.
  public let steps: Int
  public private(set) var learningRate: Double
  private var isFrozen = false

  /// - Parameter steps: n, at least 1.
  public init(_ base: Base, after steps: Int) {
    Recipe<Modifier<any LearningRateController>>.frozen.check(steps)
    (self.base, self.steps) = (base, steps)
    learningRate = base.learningRate
  }

  public var requirements: ControllerRequirements {
    var all = base.requirements
    // A schedule that ends with an error after that is not asked there.
    if Double(steps) - 1 <= all.lastStep { all.lastStep = .infinity }
    if isFrozen {
      all.isBest = false
      all.lastEpoch = .infinity
    }
    return all
  }

  public var takesRate: Bool { isFrozen || base.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    isFrozen = signals.step >= steps
    if isFrozen { return .step(learningRate) }
    return base.decide(signals).mapRate { rate in
      learningRate = rate
      return rate
    }
  }

  public mutating func project(learningRate: Double) {
    base.project(learningRate: learningRate)
    self.learningRate = isFrozen ? learningRate : base.learningRate
  }

  public mutating func begin(learningRate: Double) {
    base.begin(learningRate: learningRate)
    self.learningRate = base.learningRate
  }

  public mutating func hold(learningRate: Double) {
    base.hold(learningRate: learningRate)
    self.learningRate = isFrozen ? learningRate : base.learningRate
  }
}

extension LearningRateController {
  /// This controller, whose rate stays what it is after a number of steps.
  public func frozen(after steps: Int) -> Frozen<Self> { Frozen(self, after: steps) }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  package static let frozen = Recipe(
    "frozen",
    { (steps: Int) in
      Modifier { base in
        func open<C: LearningRateController>(_ base: C) -> any LearningRateController {
          base.frozen(after: steps)
        }
        return open(base)
      }
    },
    .freezeAfter,
    summary: "a controller whose rate stays what it is after a number of steps",
    examples: [
      "hypergradient(initial: 0.1, hyperLearningRate: 0.02).frozen(after: 16)",
      "plateau(initial: 0.1, reduce: .by(0.5, after: 2), increase: .by(1.5, after: 3), "
        + "within: 1e-4...1).warmedUp(over: 9).frozen(after: 30)",
    ], compared: [])
}

extension Parameter where Value == Int {
  /// n, the same argument for methods.
  static var freezeAfter: Parameter {
    .count("after", in: .between(1, 1e12), unit: "steps", "steps until the rate stays")
  }
}

extension Frozen {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    steps = try state.count(.steps)
    learningRate = try state.number(.learningRate)
    isFrozen = try state.value(.isFrozen)
    try state.check(Recipe<Modifier<any LearningRateController>>.frozen.fault(of: steps))
  }
}
