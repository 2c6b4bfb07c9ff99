public import HypergradientRecipes
internal import Kernels

/// AdaBelief, Adam by how far the gradient is from its mean:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     s_t = β₂ s_{t−1} + (1 − β₂)(g_t − m_t)² + ε
///     u_t = m̂ / (√ŝ + ε)        m̂ = m_t / (1 − β₁ᵗ)      ŝ = s_t / (1 − β₂ᵗ)
///
/// The same ε twice, as in the paper; 1e-16 is the paper's and Optax' default, and lets u grow to
/// √((1 − β₂)/ε) times a constant gradient, 3·10⁶ by default.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes s infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: J. Zhuang, T. Tang, Y. Ding, S. Tatikonda, N. Dvornek, X. Papademetris and J. S. Duncan,
/// > AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients (2020), Algorithm 2
/// > without its projection (from memory; the form agrees with Optax' recorded run to rounding).
public struct AdaBelief<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  public var beta1, beta2, epsilon: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-16) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    checkDeclared()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, b2, rest2) = decays
    let (k1, k2, epsilon) = rounded(biasCorrections(step), epsilon)
    let (m, s) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      let surprise = g - m[i]
      s[i] = b2 * s[i] + rest2 * (surprise * surprise) + epsilon
      strip.direction[i] = (m[i] * k1) / (root(s[i] * k2) + epsilon)
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    kernel(.adaBelief, biasCorrections(step), epsilon)
  }
}

extension AdaBelief: AdjustableRule, Declared {
  public static var recipe: Recipe<AdaBelief> {
    Recipe(
      "adabelief", AdaBelief.init(beta1:beta2:epsilon:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon, default: 1e-16),
      summary: "Adam by the gradient's distance from its mean: long steps where it is as expected",
      examples: ["adabelief(beta1: 0.8, beta2: 0.9, epsilon: 1e-8)"], standard: { AdaBelief() })
  }
}
