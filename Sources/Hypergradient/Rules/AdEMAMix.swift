public import HypergradientRecipes

/// AdEMAMix, Adam with a second mean that forgets slowly:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t      s_t = β₃ s_{t−1} + (1 − β₃) g_t
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     u_t = (m̂_t + α s_t) / (√v̂_t + ε)
///     m̂ = m / (1 − β₁ᵗ)      v̂ = v / (1 − β₂ᵗ)
///
/// s is not corrected, so that it fills slowly. The paper's warm-up of α is
/// `ademamix.varying(.alpha, by: linear(from: 0, to: 5, over: T))`; its warm-up of β₃ is a schedule
/// of `beta3`.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: M. Pagliardini, P. Ablin and D. Grangier, The AdEMAMix Optimizer: Better, Faster,
/// > Older (ICLR 2025), Algorithm 1 without weight decay and schedules; α is 5 as in the authors'
/// > Optax code; their PyTorch class has 2.
public struct AdEMAMix<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  public var beta1, beta2, beta3, alpha, epsilon: Double

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, beta3: Double = 0.9999, alpha: Double = 5,
    epsilon: Double = 1e-8
  ) {
    (self.beta1, self.beta2, self.beta3) = (beta1, beta2, beta3)
    (self.alpha, self.epsilon) = (alpha, epsilon)
    checkDeclared()
  }

  /// m, v and s; β₁ᵗ and β₂ᵗ.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0, 0], scalars: [1, 1], nonNegative: [1])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, b2, rest2) = decays
    let (b3, rest3) = (Scalar.nearest(to: beta3), Scalar.nearest(to: 1 - beta3))
    let (k1, k2, epsilon) = rounded(biasCorrections(step), epsilon)
    let alpha = Scalar.nearest(to: alpha)
    let (m, v, s) = (strip.state(0), strip.state(1), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      v[i] = b2 * v[i] + rest2 * (g * g)
      s[i] = b3 * s[i] + rest3 * g
      strip.direction[i] = (m[i] * k1 + alpha * s[i]) / (root(v[i] * k2) + epsilon)
    }
  }
}

extension AdEMAMix: AdjustableRule, Declared {
  public static var recipe: Recipe<AdEMAMix> {
    Recipe(
      "ademamix", AdEMAMix.init(beta1:beta2:beta3:alpha:epsilon:),
      .beta1(\.beta1), .beta2(\.beta2),
      .number(
        "beta3", \.beta3, in: .from(0, below: 1), default: 0.9999, "decay of the slow mean"),
      .number("alpha", \.alpha, in: .atLeast(0), default: 5, "weight of the slow mean"),
      .epsilon(\.epsilon),
      summary: "Adam with a second mean that forgets slowly (Pagliardini et al. 2025)",
      examples: [
        "ademamix(beta3: 0.99)",
        "ademamix(beta1: 0.8, beta2: 0.95, beta3: 0.98, alpha: 2, epsilon: 1e-3)",
      ], standard: { AdEMAMix() })
  }
}
