package import HypergradientRecipes

/// NGN, the rate of a non-negative Gauss–Newton step: the root of the loss is linearised, and the
/// quadratic of its square solved under a penalty of 1/(2σ) on the move.
///
///     η_t = σ / (1 + σ ‖g_t‖² / (2 (f_t − f*)))
///
/// σ ("maximum") is the largest rate; far from f* the rate is near σ, close to it near Polyak's 2
/// (f − f*)/‖g‖², of which it is half the harmonic mean with σ. f* ("optimalLoss") is a lower bound
/// of the minibatch loss, in the loss's unit, 0 in the paper. A loss at or below f* makes a rate of
/// 0; a loss or norm that is not finite keeps the last rate.
///
/// > Source: A. Orvieto and L. Xiao, An Adaptive Stochastic Gradient Method with Non-negative
/// > Gauss-Newton Stepsizes (2024), eq. 4. Over a rule other than gradient descent the rate is
/// > theirs and the direction the rule's: a deviation.
public struct NGNRate: LearningRateController {
  /// σ and f*.
  public let maximum, optimalLoss: Double
  /// Steps whose loss or gradient norm was not finite.
  public private(set) var heldSteps = 0
  public private(set) var learningRate = 0.0

  public init(maximum: Double, optimalLoss: Double = 0) {
    Recipe<any LearningRateController>.ngn.check(maximum, optimalLoss)
    (self.maximum, self.optimalLoss) = (maximum, optimalLoss)
  }

  public var requirements: ControllerRequirements {
    ControllerRequirements(signals: [.loss, .gradientNorm])
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let (loss, norm) = (signals.loss, signals.gradientNorm)
    guard loss.isFinite, norm.isFinite else {
      heldSteps += 1
      return .step(learningRate)
    }
    learningRate = Self.rate(maximum, loss - optimalLoss, norm)
    return .step(learningRate)
  }

  /// σ/(1 + σ‖g‖²/(2h)), h the height over f*.
  static func rate(_ maximum: Double, _ height: Double, _ norm: Double) -> Double {
    // A quotient past the largest number is a rate of 0, as it is at the height of 0.
    height > 0 ? maximum / (1 + maximum * norm / 2 / height * norm) : 0
  }
}

extension Recipe where Product == any LearningRateController {
  package static let ngn = Recipe(
    "ngn", NGNRate.init(maximum:optimalLoss:),
    .number("maximum", in: .above(0), unit: "learning rate", "σ, the largest rate"),
    .number(
      "optimalLoss", in: .any, default: 0, unit: "loss", "a lower bound of the minibatch loss"),
    summary: "σ/(1 + σ‖g‖²/2f): a non-negative Gauss–Newton step (Orvieto and Xiao 2024)",
    examples: ["ngn(maximum: 0.4)", "ngn(maximum: 0.6, optimalLoss: -1)"],
    standard: { NGNRate(maximum: 0.4) })
}

extension NGNRate {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    maximum = try state.number(.maximum)
    optimalLoss = try state.number(.optimalLoss)
    heldSteps = try state.count(.heldSteps)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    try state.check(Recipe<any LearningRateController>.ngn.fault(of: maximum, optimalLoss))
  }
}
