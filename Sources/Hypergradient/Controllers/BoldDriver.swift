package import HypergradientRecipes

/// Grows the rate while the loss falls, and takes a step back where it rises by too much:
///
///     f_t > c f      η ← ρ η, and the last step is taken again with it
///     f_t < f        η ← φ η
///     otherwise      η stays
///
/// f is the loss before the last step that was kept, c = 1.04, ρ = 0.7, φ = 1.05. "Too much" is
/// f_t − f > (c − 1)·|f|, so that losses below zero are right too. A loss that is not finite rises by
/// too much; before there is any f, its gradient is skipped. An optimizer counts no step for either. At the lower bound nothing is left to
/// shrink: the step is kept, whatever its loss, and f is that loss if it is finite.
///
/// It is for losses of all the data, or with less noise than c allows: a lucky minibatch makes f a
/// mark that no later one can meet, and the rate shrinks to its bound.
///
/// A rejected step is the decision `.retake(η)`: an ``Optimizer`` takes it back by the direction that
/// it keeps. The gradient at the rejected point is spent, as in the original. Rules with momentum keep
/// the state that the rejected step left: a deviation from `traingdx`, which drops its momentum then.
///
/// > Source: MATLAB's `traingda` and `traingdx` (Neural Network Toolbox), with their constants; after
/// > R. Battiti, Accelerated Backpropagation Learning: Two Optimization Methods (Complex Systems 3,
/// > 1989), who calls it the bold driver (cited from memory), and T. P. Vogl et al., Accelerating the
/// > convergence of the back-propagation method (Biological Cybernetics 59, 1988; from memory).
public struct BoldDriver: LearningRateController, Equatable {
  /// φ, ρ and c.
  public let growth, shrinkage, tolerance: Double
  public let bounds: ClosedRange<Double>
  public private(set) var learningRate: Double
  /// Steps that were taken back.
  public private(set) var rejectedSteps = 0
  /// Steps whose loss was not finite.
  public private(set) var heldSteps = 0
  /// f: the loss before the last step that was kept.
  public private(set) var reference: Double?

  /// - Parameters:
  ///   - initial: the rate at the start, within `bounds`.
  ///   - bounds: finite and greater than 0, since a rate of 0 can't grow.
  public init(
    initial: Double, growth: Double = 1.05, shrinkage: Double = 0.7, tolerance: Double = 1.04,
    within bounds: ClosedRange<Double> = Double
      .leastNormalMagnitude...Double.greatestFiniteMagnitude
  ) {
    Recipe<any LearningRateController>.boldDriver.check(
      initial, growth, shrinkage, tolerance, bounds)
    (learningRate, self.bounds) = (initial, bounds)
    (self.growth, self.shrinkage, self.tolerance) = (growth, shrinkage, tolerance)
  }

  public var requirements: ControllerRequirements {
    ControllerRequirements(signals: [.loss], alwaysSteps: false, keepsDirection: true)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let loss = signals.loss
    if !loss.isFinite { heldSteps += 1 }
    guard let f = reference else {
      guard loss.isFinite else { return .skip }
      reference = loss
      return .step(learningRate)
    }
    if !loss.isFinite || loss > f + (tolerance - 1) * abs(f) {
      if learningRate > bounds.lowerBound {
        learningRate = max(learningRate * shrinkage, bounds.lowerBound)
        rejectedSteps += 1
        return .retake(learningRate)
      }
    } else if loss < f {
      learningRate = min(learningRate * growth, bounds.upperBound)
    }
    if loss.isFinite { reference = loss }
    return .step(learningRate)
  }

  public mutating func project(learningRate: Double) {
    self.learningRate = bounds.nearest(to: learningRate)
  }
}

extension Recipe where Product == any LearningRateController {
  package static let boldDriver = Recipe(
    "boldDriver", BoldDriver.init(initial:growth:shrinkage:tolerance:within:),
    .startingRate(in: .above(0)),
    .number("growth", in: .atLeast(1), default: 1.05, "the factor where the loss fell"),
    .number(
      "shrinkage", in: .strictlyBetween(0, 1), default: 0.7,
      "the factor where it rose by too much"),
    .number(
      "tolerance", in: .atLeast(1), default: 1.04,
      "by which factor the loss may rise before the step is taken back"),
    .range(
      "within", default: Double.leastNormalMagnitude...Double.greatestFiniteMagnitude,
      unit: "learning rate", "bounds of the rate, greater than 0"),
    unless: { initial, _, _, _, bounds in
      bounds.fault(around: initial)
        ?? (bounds.lowerBound > 0 ? nil : "a rate of 0 can't grow: 'within' begins above 0")
    },
    summary: "grows while the loss falls, takes a step back where it rises: MATLAB's traingda",
    examples: [
      "boldDriver(initial: 0.1, within: 1e-6...10)",
      "boldDriver(initial: 0.1, growth: 1.1, shrinkage: 0.5, tolerance: 1, within: 0.01...1)",
    ],
    standard: { BoldDriver(initial: 0.1) })
}

extension BoldDriver {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    growth = try state.number(.growth)
    shrinkage = try state.number(.shrinkage)
    tolerance = try state.number(.tolerance)
    bounds = try state.value(.bounds)
    learningRate = try state.number(.learningRate)
    rejectedSteps = try state.count(.rejectedSteps)
    heldSteps = try state.count(.heldSteps)
    reference = try state.numberOrNone(.reference)
    try state.check(
      Recipe<any LearningRateController>.boldDriver.fault(
        of: learningRate, growth, shrinkage, tolerance, bounds))
  }
}
