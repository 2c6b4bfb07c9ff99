public import HypergradientRecipes
internal import Kernels

/// AdaDelta:
///
///     v_t = ρ v_{t−1} + (1 − ρ) g_t²
///     u_t = g_t · √(s_{t−1} + ε) / √(v_t + ε)
///     s_t = ρ s_{t−1} + (1 − ρ) u_t²
///
/// u has the units of θ; the paper's method is the learning rate 1. s is the mean square of u, not of
/// the step η·u, as in PyTorch.
///
/// One finite gradient whose square overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and
/// stops its coordinate for good. ``UpdateRule/guarded()`` skips such a step, and one that is not
/// finite.
///
/// > Source: M. D. Zeiler, ADADELTA: An Adaptive Learning Rate Method (2012), Algorithm 1
/// > (from memory; the form agrees with PyTorch's recorded run).
public struct AdaDelta<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ρ.
  public var decay: Double
  /// ε, inside both roots: with 0 the first step would be 0, and all after it.
  public var epsilon: Double

  public init(decay: Double = 0.9, epsilon: Double = 1e-6) {
    (self.decay, self.epsilon) = (decay, epsilon)
    checkDeclared()
  }

  /// v and s.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0], nonNegative: [0, 1])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (rho, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let epsilon = Scalar.nearest(to: epsilon)
    let (v, s) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = rho * v[i] + rest * (g * g)
      let u = root(s[i] + epsilon) / root(v[i] + epsilon) * g
      s[i] = rho * s[i] + rest * (u * u)
      strip.direction[i] = u
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.adaDelta, decay, 1 - decay, epsilon)
  }
}

extension AdaDelta: AdjustableRule, Declared {
  public static var recipe: Recipe<AdaDelta> {
    Recipe(
      "adadelta", AdaDelta.init(decay:epsilon:),
      .decay(\.decay, default: 0.9, "decay of both mean squares"),
      .number(
        "epsilon", \.epsilon, in: .above(0), default: 1e-6, unit: "gradient²",
        "inside both roots"),
      summary: "mean square of past steps over that of gradients; meant for the rate 1",
      examples: ["adadelta(decay: 0.8, epsilon: 0.01)"], standard: { AdaDelta() })
  }
}
