public import HypergradientRecipes

/// ADOPT, Adam whose gradient is divided by the root of the mean square before it, and whose
/// momentum comes after the division:
///
///     v_0 = g_0²      u_0 = 0
///     m_t = β₁ m_{t−1} + (1 − β₁) clip(g_t / max(√v_{t−1}, ε), ±t^{1/4})
///     u_t = m_t
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///
/// g_t and v_{t−1} are independent, so that it converges with any β₂. The first step, t = 0, moves
/// nothing; the bound of the first quotients is 1 and grows.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: S. Taniguchi et al., ADOPT: Modified Adam Can Converge with Any β₂ with the Optimal
/// > Rate (NeurIPS 2024), Algorithm 2 with the clipping of the authors' code, c_t = t^{1/4}.
public struct ADOPT<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var beta1, beta2, epsilon: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.9999, epsilon: Double = 1e-6) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    checkDeclared()
  }

  /// m and v.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0], nonNegative: [1])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (m, v) = (strip.state(0), strip.state(1))
    if step.index == 0 {
      for i in 0..<strip.count {
        let g = strip.gradient[i]
        v[i] = g * g
        strip.direction[i] = 0
      }
      return
    }
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let epsilon = Scalar.nearest(to: epsilon)
    let most = Scalar.nearest(to: Double(step.index).squareRoot().squareRoot())
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let below = root(v[i])
      let quotient = g / (below > epsilon ? below : epsilon)
      let clipped = quotient > most ? most : quotient < -most ? -most : quotient
      m[i] = b1 * m[i] + rest1 * clipped
      v[i] = b2 * v[i] + rest2 * (g * g)
      strip.direction[i] = m[i]
    }
  }
}

extension ADOPT: AdjustableRule, Declared {
  public static var recipe: Recipe<ADOPT> {
    Recipe(
      "adopt", ADOPT.init(beta1:beta2:epsilon:),
      .beta1(\.beta1), .beta2(\.beta2, default: 0.9999),
      .epsilon(\.epsilon, default: 1e-6).described(as: "the least root that is divided by"),
      summary: "Adam that divides by the mean square before this gradient (Taniguchi et al. 2024)",
      examples: ["adopt(beta1: 0.7)", "adopt(beta1: 0.8, beta2: 0.95, epsilon: 1e-3)"],
      standard: { ADOPT() })
  }
}
