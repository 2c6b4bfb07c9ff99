public import HypergradientRecipes
internal import PortableMath

/// AdamG, Adam with a numerator that is scaled by the golden step, s(v) = p v^q:
///
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     r_t = β₃ r_{t−1} + (1 − β₃) p v_t^q
///     m_t = β₁ m_{t−1} + (1 − β₁) r_t g_t
///     u_t = m̂_t / (√v̂_t + ε)
///     m̂ = m / (1 − β₁ᵗ)      v̂ = v / (1 − β₂ᵗ)
///
/// The method is parameter-free at the rate min(1, 1/√n) of the n-th step: `adamg +
/// scheduled(powerLaw(maximum: 1, exponent: -0.5))`. v^q is of each coordinate, in the unit of
/// gradients: the method depends on that unit, by its square's q-th power.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: Y. Pang, S. Yu, B. Hoang and J. Zhou, Towards Stability of Parameter-free
/// > Optimization (2024), the algorithm AdamG, as in pytorch_optimizer's code.
public struct AdamG<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  public var beta1, beta2, beta3, scale, power, epsilon: Double

  public init(
    beta1: Double = 0.95, beta2: Double = 0.999, beta3: Double = 0.95, scale: Double = 0.2,
    power: Double = 0.24, epsilon: Double = 1e-8
  ) {
    (self.beta1, self.beta2, self.beta3) = (beta1, beta2, beta3)
    (self.scale, self.power, self.epsilon) = (scale, power, epsilon)
    checkDeclared()
  }

  /// m, v and r; β₁ᵗ and β₂ᵗ.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0, 0], scalars: [1, 1], nonNegative: [1, 2])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, b2, rest2) = decays
    let (b3, rest3) = (Scalar.nearest(to: beta3), Scalar.nearest(to: (1 - beta3) * scale))
    let (k1, k2, epsilon) = rounded(biasCorrections(step), epsilon)
    let (m, v, r) = (strip.state(0), strip.state(1), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = b2 * v[i] + rest2 * (g * g)
      r[i] = b3 * r[i] + rest3 * Scalar.nearest(to: Portable.pow(Double(v[i]), power))
      m[i] = b1 * m[i] + rest1 * (r[i] * g)
      strip.direction[i] = (m[i] * k1) / ((v[i] * k2).squareRoot() + epsilon)
    }
  }
}

extension AdamG: AdjustableRule, Declared {
  public static var recipe: Recipe<AdamG> {
    Recipe(
      "adamg", AdamG.init(beta1:beta2:beta3:scale:power:epsilon:),
      .beta1(\.beta1, default: 0.95), .beta2(\.beta2),
      .number(
        "beta3", \.beta3, in: .from(0, below: 1), default: 0.95, "decay of the golden step"),
      .number("scale", \.scale, in: .above(0), default: 0.2, "p of the golden step"),
      .number("power", \.power, in: .between(0, 1), default: 0.24, "q of the golden step"),
      .epsilon(\.epsilon),
      summary: "Adam with a golden step: parameter-free at the rate 1/√n (Pang et al. 2024)",
      examples: [
        "adamg(scale: 4)", "adamg(beta1: 0.8, beta2: 0.95, beta3: 0.5, scale: 3, power: 0.4)",
      ],
      compared: ["adamg + scheduled(powerLaw(maximum: 1, exponent: -0.5))"],
      standard: { AdamG() })
  }
}
