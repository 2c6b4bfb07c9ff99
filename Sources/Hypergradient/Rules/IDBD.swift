public import HypergradientRecipes
internal import Kernels
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
/// A gradient that is not finite stays in β and h for good; ``UpdateRule/guarded()`` skips its
/// step.
///
/// > Source: R. S. Sutton, Adapting Bias by Gradient Descent: An Incremental Version of Delta-Bar-Delta
/// > (1992), Figure 2, with the bounds that the paper advises: β at least `lowestLogRate`, and no
/// > change of β above `largestChange`.
public struct IDBD<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// α_0.
  public let initialRate: Double
  /// θ.
  public var metaRate: Double
  /// Where β stays above.
  public let lowestLogRate: Double
  /// What a change of β stays within.
  public let largestChange: Double

  public init(
    initialRate: Double = 0.05, metaRate: Double = 0.01, lowestLogRate: Double = -10,
    largestChange: Double = 2
  ) {
    Self.recipe.check(initialRate, metaRate, lowestLogRate, largestChange)
    (self.initialRate, self.metaRate) = (initialRate, metaRate)
    (self.lowestLogRate, self.largestChange) = (lowestLogRate, largestChange)
  }

  /// β and h.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [Portable.log(initialRate), 0], facts: .loss)
  }

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

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.idbd, metaRate, largestChange, lowestLogRate, step.inputScale)
  }
}

extension RuleStep {
  /// 1/√(2f): |x| = |g|/√(2f) for the inputs x of f = ½δ²; 0 where f is not above 0 or not finite.
  var inputScale: Double { loss > 0 && loss.isFinite ? (0.5 / loss).squareRoot() : 0 }
}

extension IDBD: AdjustableRule, Declared {
  public static var recipe: Recipe<IDBD> {
    Recipe(
      "idbd", IDBD.init(initialRate:metaRate:lowestLogRate:largestChange:),
      .coordinateRate(\.initialRate, default: 0.05),
      .metaRate(\.metaRate, unit: "1/loss", "step of the rates' logarithms"),
      .number(
        "lowestLogRate", \.lowestLogRate, in: .any, default: -10,
        "where the logarithms stay above"),
      .number(
        "largestChange", \.largestChange, in: .above(0), default: 2,
        "what a logarithm's step stays within"),
      unless: { initialRate, _, lowestLogRate, _ in
        Portable.log(initialRate) < lowestLogRate
          ? "the logarithm of 'initialRate' is below 'lowestLogRate'" : nil
      },
      summary: "a rate for every input of online least squares (Sutton 1992); needs the loss",
      examples: ["idbd(initialRate: 2, metaRate: 0.1, lowestLogRate: -5, largestChange: 1)"],
      compared: ["idbd(initialRate: rate, lowestLogRate: -60) + constant(1)"], standard: { IDBD() })
  }
}
