public import HypergradientRecipes
internal import Kernels

/// RMSProp by the standard deviation of the gradient in place of its root mean square:
///
///     v_t = ρ v_{t−1} + (1 − ρ) g_t²
///     m_t = ρ m_{t−1} + (1 − ρ) g_t
///     u_t = g_t / (√(v_t − m_t²) + ε)
///
/// Where rounding makes v − m² negative it counts as 0 (PyTorch's gives NaN there). PyTorch's
/// `RMSprop(centered=True, momentum=μ)` is `CenteredRMSProp().then(HeavyBall(momentum: μ))`.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: A. Graves, Generating Sequences with Recurrent Neural Networks (2013), eqs. 38–40,
/// > where ε is inside the root, ρ 0.95 and ε 10⁻⁴; outside, and with the defaults of PyTorch, and
/// > with the momentum apart (the numbers of the equations from memory; the form agrees with PyTorch's
/// > recorded run).
public struct CenteredRMSProp<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ρ.
  public var decay: Double
  public var epsilon: Double

  public init(decay: Double = 0.99, epsilon: Double = 1e-8) {
    (self.decay, self.epsilon) = (decay, epsilon)
    checkDeclared()
  }

  /// v and m.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0], nonNegative: [0])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (rho, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let epsilon = Scalar.nearest(to: epsilon)
    let (v, m) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = rho * v[i] + rest * (g * g)
      m[i] = rho * m[i] + rest * g
      let variance = v[i] - m[i] * m[i]
      strip.direction[i] = g / (root(variance) + epsilon)
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.centeredRMSProp, decay, 1 - decay, epsilon)
  }
}

extension CenteredRMSProp: AdjustableRule, Declared {
  public static var recipe: Recipe<CenteredRMSProp> {
    Recipe(
      "centeredRMSProp", CenteredRMSProp.init(decay:epsilon:),
      .decay(\.decay, default: 0.99, "decay of both means"), .epsilon(\.epsilon),
      summary: "per-coordinate scaling by a decaying standard deviation",
      examples: ["centeredRMSProp(decay: 0.9, epsilon: 0.01)"], standard: { CenteredRMSProp() })
  }
}
