public import HypergradientRecipes

/// MARS, Adam of a gradient whose variance is reduced by the one before it:
///
///     c_t = g_t + γ β₁/(1 − β₁) (g_t − g_{t−1})      c̃_t = c_t / max(1, ‖c_t‖)
///     m_t = β₁ m_{t−1} + (1 − β₁) c̃_t
///     v_t = β₂ v_{t−1} + (1 − β₂) c̃_t²
///     u_t = m̂_t / (√v̂_t + ε)
///     m̂ = m / (1 − β₁ᵗ)      v̂ = v / (1 − β₂ᵗ)
///
/// g_{−1} = 0, as in the authors' code. Decoupled weight decay is `.then(weightDecay(λ))`. Where
/// Σc² overflows, c̃ is 0. A gradient that is not finite spoils the state; ``UpdateRule/guarded()``
/// skips its step.
///
/// > Source: H. Yuan, Y. Liu, S. Wu, X. Zhou and Q. Gu, MARS: Unleashing the Power of Variance
/// > Reduction for Training Large Models (ICML 2025), Algorithms 1 and 2 (MARS-AdamW) in the
/// > approximate form, with g_{t−1} of the last step's minibatch. Deviation: the norm is that of
/// > the whole vector, where the authors' code takes each tensor's.
public struct MARS<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  public var beta1, beta2, gamma, epsilon: Double

  public init(
    beta1: Double = 0.95, beta2: Double = 0.99, gamma: Double = 0.025, epsilon: Double = 1e-8
  ) {
    (self.beta1, self.beta2) = (beta1, beta2)
    (self.gamma, self.epsilon) = (gamma, epsilon)
    checkDeclared()
  }

  /// m, v and g_{t−1}; β₁ᵗ, β₂ᵗ and Σ c².
  public var requirements: RuleRequirements {
    RuleRequirements(
      stateVectors: [0, 0, 0], scalars: [1, 1, 0], facts: [.survey], nonNegative: [1])
  }

  public func begin(_ step: RuleStep) {
    step.scalars[0] *= beta1
    step.scalars[1] *= beta2
    step.scalars[2] = 0
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let weight = Scalar.nearest(to: gamma * beta1 / (1 - beta1))
    let last = strip.state(2)
    let gradient = strip.gradient
    func square(_ i: Int) -> Double {
      let c = Double(gradient[i] + weight * (gradient[i] - last[i]))
      return c * c
    }
    var lanes = SIMD8<Double>.zero
    let whole = strip.count & ~7
    for i in stride(from: 0, to: whole, by: 8) {
      lanes += SIMD8(
        square(i), square(i + 1), square(i + 2), square(i + 3), square(i + 4), square(i + 5),
        square(i + 6), square(i + 7))
    }
    for i in whole..<strip.count { lanes[i - whole] += square(i) }
    step.scalars[2] += lanes.sum()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let weight = Scalar.nearest(to: gamma * beta1 / (1 - beta1))
    let factor = Scalar.nearest(to: 1 / max(1, step.scalars[2].squareRoot()))
    let (b1, rest1, b2, rest2) = decays
    let (k1, k2, epsilon) = rounded(biasCorrections(step), epsilon)
    let (m, v, last) = (strip.state(0), strip.state(1), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      let c = factor * (g + weight * (g - last[i]))
      last[i] = g
      m[i] = b1 * m[i] + rest1 * c
      v[i] = b2 * v[i] + rest2 * (c * c)
      strip.direction[i] = (m[i] * k1) / (root(v[i] * k2) + epsilon)
    }
  }
}

extension MARS: AdjustableRule, Declared {
  public static var recipe: Recipe<MARS> {
    Recipe(
      "mars", MARS.init(beta1:beta2:gamma:epsilon:),
      .beta1(\.beta1, default: 0.95), .beta2(\.beta2, default: 0.99),
      .number("gamma", \.gamma, in: .atLeast(0), default: 0.025, "share of the correction"),
      .epsilon(\.epsilon),
      summary: "Adam of a gradient corrected by the one before it (Yuan et al. 2025)",
      examples: ["mars(gamma: 0.1)", "mars(beta1: 0.8, beta2: 0.95, gamma: 0.2, epsilon: 1e-3)"],
      standard: { MARS() })
  }
}
