package import HypergradientRecipes

/// DecSPS, Polyak's rate made to fall, so that it converges without interpolation:
///
///     c_t = c₀ √(t + 1)
///     η_t = min((f_t − f*) / ‖g_t‖², c_{t−1} η_{t−1}) / c_t      c_{−1} η_{−1} = c₀ η_max
///
/// c_t η_t never grows. f* ("optimalLoss") is a lower bound of the minibatch loss, in the loss's
/// unit. A loss at or below f* makes a rate of 0, without a trace in c η. A loss or norm that is
/// not finite keeps the last rate and is no step.
///
/// > Source: A. Orvieto, S. Lacoste-Julien and N. Loizou, Dynamics of SGD with Stochastic Polyak
/// > Stepsizes: Truly Adaptive Variants and Convergence to Exact Solution (NeurIPS 2022), eq. 4
/// > with the c_t of section 5. Deviation: a loss at f* does not end the training for good, as it
/// > would by the equation. Over a rule other than gradient descent the direction is the rule's.
public struct DecSPS: LearningRateController {
  /// η_max, f* and c₀.
  public let maximum, optimalLoss, scale: Double
  /// Steps whose loss or gradient norm was not finite.
  public private(set) var heldSteps = 0
  public private(set) var learningRate = 0.0
  private var stepCount = 0
  /// c_{t−1} η_{t−1}.
  private var bound: Double

  public init(maximum: Double = 10, optimalLoss: Double = 0, scale: Double = 1) {
    Recipe<any LearningRateController>.decSPS.check(maximum, optimalLoss, scale)
    (self.maximum, self.optimalLoss, self.scale) = (maximum, optimalLoss, scale)
    bound = saturated(scale * maximum)
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
    stepCount += 1
    let height = loss - optimalLoss
    let c = scale * Double(stepCount).squareRoot()
    guard height > 0 else {
      learningRate = 0
      return .step(0)
    }
    // A gradient of zero leaves the bound.
    let polyak = norm > 0 ? height / norm / norm : .infinity
    bound = min(polyak, bound)
    learningRate = min(bound / c, maximum)
    return .step(learningRate)
  }
}

extension Recipe where Product == any LearningRateController {
  package static let decSPS = Recipe(
    "decSPS", DecSPS.init(maximum:optimalLoss:scale:),
    .number(
      "maximum", in: .above(0), default: 10, unit: "learning rate", "the largest rate"),
    .number(
      "optimalLoss", in: .any, default: 0, unit: "loss", "a lower bound of the minibatch loss"),
    .number("scale", in: .above(0), default: 1, "c₀"),
    summary: "a Polyak rate that falls as 1/√t (Orvieto et al. 2022)",
    examples: ["decSPS(maximum: 0.5)", "decSPS(maximum: 0.7, optimalLoss: -1, scale: 2)"],
    compared: ["decSPS()"], standard: { DecSPS() })
}

extension DecSPS {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    maximum = try state.number(.maximum)
    optimalLoss = try state.number(.optimalLoss)
    scale = try state.number(.scale)
    heldSteps = try state.count(.heldSteps)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCount = try state.count(.stepCount)
    bound = try state.number(.bound, in: .atLeast(0))
    try state.check(
      Recipe<any LearningRateController>.decSPS.fault(of: maximum, optimalLoss, scale))
  }
}
