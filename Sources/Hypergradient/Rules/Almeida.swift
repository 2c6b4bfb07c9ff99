public import HypergradientRecipes
internal import Kernels

/// A rate for every coordinate by the normalised product of successive gradients:
///
///     v_t = γ v_{t−1} + (1 − γ) g_{t−1}²
///     α_t = α_{t−1} · max(1 + β g_t g_{t−1} / v_t, floor)
///     u_t = α_t g_t
///
/// Hypergradient descent with the multiplicative form in every coordinate, and a mean in place of the
/// norms. α stays where v is 0. The floor keeps α positive. The classic is the learning rate 1.
///
/// A gradient that is not finite stays in v and α for good; ``UpdateRule/guarded()`` skips its
/// step.
///
/// > Source: L. B. Almeida, T. Langlois, J. D. Amaral and A. Plakhov, Parameter Adaptation in
/// > Stochastic Optimization (1998), as stated in D. Martínez Rubio, Convergence Analysis of an
/// > Adaptive Method of Gradient Descent (2017), Algorithm 3.1.4; the floor is this library's.
public struct Almeida<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// α_0.
  public let initialRate: Double
  /// β and γ.
  public var metaRate, decay: Double
  /// The smallest factor of a step.
  public let floor: Double

  public init(
    initialRate: Double = 0.01, metaRate: Double = 0.01, decay: Double = 0.9, floor: Double = 0.5
  ) {
    (self.initialRate, self.metaRate) = (initialRate, metaRate)
    (self.decay, self.floor) = (decay, floor)
    checkDeclared()
  }

  /// g_{t−1}, v and α.
  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [0, 0, initialRate]) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (beta, floor) = (Scalar.nearest(to: metaRate), Scalar.nearest(to: floor))
    let (gamma, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let (last, v, alpha) = (strip.state(0), strip.state(1), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = gamma * v[i] + rest * (last[i] * last[i])
      let factor = 1 + beta * (g * last[i] / v[i])
      alpha[i] = v[i] > 0 ? alpha[i] * (factor < floor ? floor : factor) : alpha[i]
      last[i] = g
      strip.direction[i] = alpha[i] * g
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.almeida, metaRate, decay, 1 - decay, floor)
  }
}

extension Almeida: AdjustableRule, Declared {
  public static var recipe: Recipe<Almeida> {
    Recipe(
      "almeida", Almeida.init(initialRate:metaRate:decay:floor:),
      .coordinateRate(\.initialRate, default: 0.01),
      .metaRate(\.metaRate, "step of a rate's logarithm, about"),
      .decay(\.decay, default: 0.9, "decay of the mean square"),
      .number(
        "floor", \.floor, in: .excluding(0, through: 1), default: 0.5, "smallest factor of a step"),
      summary: "a rate for every coordinate by products of successive gradients (Almeida 1998)",
      examples: ["almeida(initialRate: 2, metaRate: 0.1, decay: 0.8, floor: 0.25)"],
      compared: ["almeida(initialRate: rate) + constant(1)"], standard: { Almeida() })
  }
}
