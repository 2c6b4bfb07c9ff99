/// Rates from the loss itself, after Polyak:
///
///     η_t = min(η_max, (f_t − f*) / (c ‖g_t‖² + δ))
///
/// With c = ½ and δ = 0 it is SPS_max, with c = 1 and δ = 10⁻⁵ ALI-G. f* ("optimalLoss") is a lower
/// bound of the minibatch loss, in the loss's unit. A rate below zero is 0; where the gradient is
/// zero and the loss above f*, η_max. A loss or norm that is not finite keeps the last rate.
///
/// > Source: B. T. Polyak, Introduction to Optimization (1987), section 5.3; N. Loizou, S. Vaswani,
/// > I. Laradji and S. Lacoste-Julien, Stochastic Polyak Step-size for SGD (AISTATS 2021), eq. 3;
/// > L. Berrada, A. Zisserman and M. P. Kumar, Training Neural Networks for and by Interpolation (ICML
/// > 2020), Algorithm 1 without momentum. Over a rule other than gradient descent the rate is theirs
/// > and the direction the rule's: a deviation.
public struct PolyakRate: LearningRateController {
  /// η_max > 0.
  public let maximum: Double
  public let optimalLoss: Double
  /// c > 0.
  public let scale: Double
  /// δ ≥ 0.
  public let offset: Double
  /// Steps whose loss or gradient norm was not finite.
  public private(set) var heldSteps = 0
  public private(set) var learningRate: Double

  /// - Precondition: the numbers are finite and in their ranges.
  public init(maximum: Double, optimalLoss: Double = 0, scale: Double = 0.5, offset: Double = 0) {
    precondition(maximum > 0 && maximum.isFinite, "maximum is \(maximum), not greater than 0")
    precondition(optimalLoss.isFinite, "optimalLoss is \(optimalLoss), not finite")
    precondition(scale > 0 && scale.isFinite, "scale is \(scale), not greater than 0")
    precondition(offset >= 0 && offset.isFinite, "offset is \(offset), not at least 0")
    self.maximum = maximum
    self.optimalLoss = optimalLoss
    self.scale = scale
    self.offset = offset
    learningRate = 0
  }

  public var needs: StepSignals.Needs { [.loss, .gradientNorm] }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let (loss, norm) = (signals.loss, signals.gradientNorm)
    guard loss.isFinite, norm.isFinite else {
      heldSteps += 1
      return .step(learningRate)
    }
    let height = max(0, loss - optimalLoss)
    let rate = height == 0 ? 0 : height / (scale * norm * norm + offset)
    learningRate = min(maximum, rate)
    return .step(learningRate)
  }
}

extension Recipe where Product == any LearningRateController {
  /// `polyak(maximum: 1)`.
  static let polyak = Recipe(
    "polyak", polyakParameters(scale: "0.5", offset: "0"),
    summary: "Polyak's rate from the loss, bounded: SPS_max (Loizou et al. 2021)"
  ) { arguments in PolyakRate(arguments) }

  /// `alig(maximum: 1)`.
  static let alig = Recipe(
    "alig", polyakParameters(scale: "1", offset: "1e-5"),
    summary: "Polyak's rate with an offset: ALI-G (Berrada et al. 2020)"
  ) { arguments in PolyakRate(arguments) }

  private static func polyakParameters(scale: String, offset: String) -> [Parameter] {
    [
      Parameter(
        "maximum", .number(.above(0)), unit: "learning rate", "the largest rate"),
      Parameter(
        "optimalLoss", .number(.any), default: "0", unit: "loss",
        "a lower bound of the minibatch loss"),
      Parameter("scale", .number(.above(0)), default: scale, "c, before ‖g‖²"),
      Parameter(
        "offset", .number(.atLeast(0)), default: offset, unit: "gradient²", "δ, after ‖g‖²"),
    ]
  }
}

extension PolyakRate {
  fileprivate init(_ arguments: Arguments) {
    self.init(
      maximum: arguments.number("maximum"), optimalLoss: arguments.number("optimalLoss"),
      scale: arguments.number("scale"), offset: arguments.number("offset"))
  }
}
