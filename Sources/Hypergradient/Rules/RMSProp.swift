public import HypergradientRecipes
public import Kernels

/// RMSProp:
///
///     v_t = ρ v_{t−1} + (1 − ρ) g_t²
///     u_t = g_t / (√v_t + ε)
///
/// No bias correction, as in the lecture; ε outside the root and the defaults are PyTorch's: the
/// lecture has ρ = 0.9.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6.5 (2012).
public struct RMSProp<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ρ.
  public var decay: Double
  public var epsilon: Double

  public init(decay: Double = 0.99, epsilon: Double = 1e-8) {
    (self.decay, self.epsilon) = (decay, epsilon)
    checkDeclared()
  }

  /// v.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0], nonNegative: [0])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let rho = Scalar(decay)
    let rest = Scalar(1 - decay)
    let epsilon = Scalar(epsilon)
    let v = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = rho * v[i] + rest * (g * g)
      strip.direction[i] = g / (v[i].squareRoot() + epsilon)
    }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.rmsProp, decay, 1 - decay, epsilon)
  }
}

extension RMSProp: AdjustableRule, Declared {
  public static var recipe: Recipe<RMSProp> {
    Recipe(
      "rmsprop", RMSProp.init(decay:epsilon:),
      .decay(\.decay, default: 0.99, "decay of the mean square"), .epsilon(\.epsilon),
      summary: "per-coordinate scaling by a decaying root mean square",
      examples: ["rmsprop(decay: 0.9, epsilon: 0.01)"], standard: { RMSProp() })
  }
}
