internal import PortableMath

/// IDBD, incremental delta-bar-delta: a rate for every input of a linear learner, learned by gradient
/// descent on its logarithm.
///
///     β_t = β_{t−1} − θ g_t h_{t−1}
///     α_t = exp(β_t)
///     u_t = α_t g_t
///     h_t = h_{t−1} [1 − α_t x_t²]₊ − α_t g_t           x_t² = g_t² / (2 f_t)
///
/// For f = ½δ², one example a step, g = −δ x: then x² = g²/(2f) is exact, and with the learning rate
/// 1 this is the paper's algorithm, from the gradient and the loss alone. For any other sum or mean
/// of squares f = ½‖r‖², g²/(2f) is at most the diagonal of the Gauss–Newton matrix (Cauchy–Schwarz),
/// and the trace h forgets more slowly than it should. The loss must be 0 at best: where f is not
/// above 0, or not finite, x² counts as 0 and h forgets nothing. A learning rate η other than 1
/// multiplies the steps, not the trace, which goes on as if η were 1.
///
/// > Source: R. S. Sutton, Adapting Bias by Gradient Descent: An Incremental Version of Delta-Bar-Delta
/// > (1992), Figure 2, with the bounds that the paper advises: β at least `lowestLogRate`, and no
/// > change of β above `largestChange`.
public struct IDBD<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// α_0; greater than 0.
  public let initialRate: Double
  /// θ; at least 0.
  public var metaRate: Double
  /// Where β stays above.
  public let lowestLogRate: Double
  /// What a change of β stays within; greater than 0.
  public let largestChange: Double

  /// - Precondition: each is in its range, and log `initialRate` at least `lowestLogRate`.
  public init(
    initialRate: Double = 0.05, metaRate: Double = 0.01, lowestLogRate: Double = -10,
    largestChange: Double = 2
  ) {
    Domain.above(0).check(initialRate, "initialRate")
    Domain.above(0).check(largestChange, "largestChange")
    precondition(
      lowestLogRate.isFinite && Portable.log(initialRate) >= lowestLogRate,
      "the logarithm of initialRate \(initialRate) is below lowestLogRate \(lowestLogRate)")
    self.initialRate = initialRate
    self.metaRate = metaRate
    self.lowestLogRate = lowestLogRate
    self.largestChange = largestChange
    checkHyperparameters()
  }

  /// β and h.
  public var stateVectorCount: Int { 2 }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index == 0 ? Scalar.nearest(to: Portable.log(initialRate)) : 0
  }

  public var needs: RuleNeeds { .loss }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let theta = Scalar.nearest(to: metaRate)
    let largest = Scalar.nearest(to: largestChange)
    let lowest = Scalar.nearest(to: lowestLogRate)
    let scale = Scalar.nearest(to: step.inputScale)
    let (beta, h) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let change = -theta * g * h[i]
      beta[i] = max(beta[i] + min(max(change, -largest), largest), lowest)
      let alpha = Scalar.nearest(to: Portable.exp(Double(beta[i])))
      let x = scale * g
      let rest = 1 - alpha * (x * x)
      h[i] = h[i] * (rest > 0 ? rest : 0) - alpha * g
      strip.direction[i] = alpha * g
    }
  }
}

extension RuleStep {
  /// 1/√(2f): |x| = |g|/√(2f) for the inputs x of f = ½δ²; 0 where f is not above 0 or not finite.
  var inputScale: Double { loss > 0 && loss.isFinite ? (0.5 / loss).squareRoot() : 0 }
}

extension IDBD: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case metaRate }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .atLeast(0) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { metaRate }
    set { metaRate = newValue }
  }
}

extension Recipe where Product == RulePair {
  static let idbd = Recipe(
    "idbd",
    [
      Parameter(
        "initialRate", .number(.above(0)), default: "0.05", unit: "learning rate",
        "first rate of every coordinate"),
      Parameter(
        "metaRate", .number(.atLeast(0)), default: "0.01", "step of the rates' logarithms"),
      Parameter("lowestLogRate", .number(.any), default: "-10", "where the logarithms stay above"),
      Parameter(
        "largestChange", .number(.above(0)), default: "2", "what a logarithm's step stays within"),
    ], summary: "a rate for every input of online least squares (Sutton 1992); needs the loss"
  ) { arguments throws(SpecError) in
    let (rate, lowest) = (arguments.number("initialRate"), arguments.number("lowestLogRate"))
    if Portable.log(rate) < lowest {
      throw arguments.error("the logarithm of 'initialRate' is below 'lowestLogRate'")
    }
    return RulePair(IDBD<Float>(arguments), IDBD<Double>(arguments))
  }
}

extension IDBD {
  fileprivate init(_ arguments: Arguments) {
    self.init(
      initialRate: arguments.number("initialRate"), metaRate: arguments.number("metaRate"),
      lowestLogRate: arguments.number("lowestLogRate"),
      largestChange: arguments.number("largestChange"))
  }
}
