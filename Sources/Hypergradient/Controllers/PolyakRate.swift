package import HypergradientRecipes

/// Rates from the loss itself, after Polyak:
///
///     η_t = min(η_max, (f_t − f*) / (c ‖g_t‖² + δ))
///
/// With c = ½ and δ = 0 it is SPS_max, with c = 1 and δ = 10⁻⁵ ALI-G:
/// ``alig(maximum:optimalLoss:scale:offset:)``. f* ("optimalLoss") is a lower bound of the minibatch
/// loss, in the loss's unit. A rate below zero is 0; where the gradient is zero and the loss above f*,
/// η_max. A loss or norm that is not finite keeps the last rate.
///
/// > Source: B. T. Polyak, Introduction to Optimization (1987), section 5.3; N. Loizou, S. Vaswani,
/// > I. Laradji and S. Lacoste-Julien, Stochastic Polyak Step-size for SGD (AISTATS 2021), eq. 3;
/// > L. Berrada, A. Zisserman and M. P. Kumar, Training Neural Networks for and by Interpolation (ICML
/// > 2020), Algorithm 1 without momentum. Over a rule other than gradient descent the rate is theirs
/// > and the direction the rule's: a deviation.
public struct PolyakRate: LearningRateController {
  /// η_max, f*, c and δ.
  public let maximum, optimalLoss, scale, offset: Double
  /// Steps whose loss or gradient norm was not finite.
  public private(set) var heldSteps = 0
  public private(set) var learningRate = 0.0

  public init(maximum: Double, optimalLoss: Double = 0, scale: Double = 0.5, offset: Double = 0) {
    Recipe<any LearningRateController>.polyak.check(maximum, optimalLoss, scale, offset)
    (self.maximum, self.optimalLoss) = (maximum, optimalLoss)
    (self.scale, self.offset) = (scale, offset)
  }

  /// ALI-G.
  public static func alig(
    maximum: Double, optimalLoss: Double = 0, scale: Double = 1, offset: Double = 1e-5
  ) -> PolyakRate {
    PolyakRate(maximum: maximum, optimalLoss: optimalLoss, scale: scale, offset: offset)
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
    let height = max(0, loss - optimalLoss)
    let below = scale * norm * norm + offset
    let rate =
      height == 0
      ? 0
      : Norms.isSafe(below) || norm == 0
        ? height / below : height / norm / (scale * norm + offset / norm)
    learningRate = min(maximum, rate)
    return .step(learningRate)
  }
}

extension Recipe where Product == any LearningRateController {
  package static let polyak = polyak(
    "polyak", scale: 0.5, offset: 0,
    summary: "Polyak's rate from the loss, bounded: SPS_max (Loizou et al. 2021)",
    examples: [
      "polyak(maximum: 0.5)", "polyak(maximum: 0.4, optimalLoss: -2, scale: 0.7, offset: 0.1)",
    ],
    standard: { PolyakRate(maximum: 0.5) })

  package static let alig = polyak(
    "alig", scale: 1, offset: 1e-5,
    summary: "Polyak's rate with an offset: ALI-G (Berrada et al. 2020)",
    examples: [
      "alig(maximum: 0.3)", "alig(maximum: 0.35, optimalLoss: -1, scale: 2, offset: 0.1)",
    ],
    standard: { PolyakRate.alig(maximum: 0.3) })

  private static func polyak(
    _ name: String, scale: Double, offset: Double, summary: String, examples: [String],
    standard: @escaping @Sendable () -> any LearningRateController
  ) -> Recipe {
    Recipe(
      name, PolyakRate.init(maximum:optimalLoss:scale:offset:),
      .number("maximum", in: .above(0), unit: "learning rate", "the largest rate"),
      .number(
        "optimalLoss", in: .any, default: 0, unit: "loss", "a lower bound of the minibatch loss"),
      .number("scale", in: .above(0), default: scale, "c, before ‖g‖²"),
      .number("offset", in: .atLeast(0), default: offset, unit: "gradient²", "δ, after ‖g‖²"),
      summary: summary, examples: examples, standard: standard)
  }
}

extension PolyakRate {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    maximum = try state.number(.maximum)
    optimalLoss = try state.number(.optimalLoss)
    scale = try state.number(.scale)
    offset = try state.number(.offset)
    heldSteps = try state.count(.heldSteps)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    try state.check(
      Recipe<any LearningRateController>.polyak.fault(of: maximum, optimalLoss, scale, offset))
  }
}
