public import HypergradientRecipes
public import Kernels

/// Adam:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     m̂ = m_t / (1 − β₁ᵗ)      v̂ = v_t / (1 − β₂ᵗ)
///     u_t = m̂ / (√v̂ + ε)
///
/// The corrections' reciprocals are computed in Double and rounded once to Scalar: an element costs
/// one division and one root.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization (2015), Algorithm 1;
/// > ``Epsilon/onUncorrectedRoot`` is the form of the reference code of A. G. Baydin et al. (2018).
public struct Adam<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  /// Where ε is added.
  public enum Epsilon: String, Sendable, Codable, CaseIterable {
    /// m̂ / (√v̂ + ε), the paper's.
    case onCorrectedRoot
    /// m · √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√v + ε), the reference code's.
    case onUncorrectedRoot
  }

  public var beta1, beta2, epsilon: Double
  public var epsilonPlace: Epsilon

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    epsilonPlace: Epsilon = .onCorrectedRoot
  ) {
    (self.beta1, self.beta2) = (beta1, beta2)
    (self.epsilon, self.epsilonPlace) = (epsilon, epsilonPlace)
    checkDeclared()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, b2, rest2) = decays
    let (k1, k2, epsilon) = rounded(corrections(step), epsilon)
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      v[i] = b2 * v[i] + rest2 * (g * g)
      strip.direction[i] = (m[i] * k1) / ((v[i] * k2).squareRoot() + epsilon)
    }
  }

  /// What m and v are multiplied by, computed in Double.
  @inlinable func corrections(_ step: RuleStep) -> (Double, Double) {
    switch epsilonPlace {
    case .onCorrectedRoot: biasCorrections(step)
    case .onUncorrectedRoot: ((1 - step.scalars[1]).squareRoot() / (1 - step.scalars[0]), 1)
    }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    kernel(.adam, corrections(step), epsilon)
  }
}

extension Adam: AdjustableRule, Declared {
  public static var recipe: Recipe<Adam> {
    Recipe(
      "adam", Adam.init(beta1:beta2:epsilon:epsilonPlace:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon),
      .choice(
        "epsilonPlace", \.epsilonPlace, default: .onCorrectedRoot,
        "ε on √v̂, the paper's, or on √v, the reference hypergradient code's"),
      summary: "bias-corrected mean over root mean square",
      examples: [
        "adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3, epsilonPlace: .onUncorrectedRoot)",
        "adam(beta1: 0.7)",
      ],
      standard: { Adam() })
  }
}
