public import HypergradientRecipes
internal import Kernels

/// AMSGrad, Adam whose denominator never falls:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     w_t = max(w_{t−1}, v_t)
///     u_t = m̂ / (√ŵ + ε)        m̂ = m_t / (1 − β₁ᵗ)      ŵ = w_t / (1 − β₂ᵗ)
///
/// The corrections, which PyTorch and Keras apply, may be left out (``BiasCorrection/none``), as in
/// the paper's algorithm. The maximum is of the uncorrected v. Keras' form differs by ε on √w.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v and w infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: S. J. Reddi, S. Kale and S. Kumar, On the Convergence of Adam and Beyond (2018),
/// > Algorithm 2, which has neither corrections nor ε. The default is PyTorch's `Adam(amsgrad=True)`;
/// > without corrections the first step is (1 − β₁)/√(1 − β₂) times as long.
public struct AMSGrad<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  /// Whether m and w are divided by the weight that they have gathered.
  public enum BiasCorrection: String, Sendable, Codable, CaseIterable {
    case both, none
  }

  public var beta1, beta2, epsilon: Double
  public var biasCorrection: BiasCorrection

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    biasCorrection: BiasCorrection = .both
  ) {
    (self.beta1, self.beta2) = (beta1, beta2)
    (self.epsilon, self.biasCorrection) = (epsilon, biasCorrection)
    checkDeclared()
  }

  /// m, v and w; β₁ᵗ and β₂ᵗ.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0, 0], scalars: [1, 1], nonNegative: [1, 2])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, b2, rest2) = decays
    let (k1, k2, epsilon) = rounded(corrections(step), epsilon)
    let (m, v, w) = (strip.state(0), strip.state(1), strip.state(2))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      v[i] = b2 * v[i] + rest2 * (g * g)
      w[i] = w[i] < v[i] ? v[i] : w[i]
      strip.direction[i] = (m[i] * k1) / (root(w[i] * k2) + epsilon)
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    kernel(.amsGrad, corrections(step), epsilon)
  }

  /// What m and v are multiplied by.
  private func corrections(_ step: RuleStep) -> (Double, Double) {
    biasCorrection == .both ? biasCorrections(step) : (1, 1)
  }
}

extension AMSGrad: AdjustableRule, Declared {
  public static var recipe: Recipe<AMSGrad> {
    Recipe(
      "amsgrad", AMSGrad.init(beta1:beta2:epsilon:biasCorrection:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon),
      .choice(
        "biasCorrection", \.biasCorrection, default: .both,
        "PyTorch's corrections, or none as in the paper"),
      summary: "Adam whose denominator never falls",
      examples: [
        "amsgrad(beta2: 0.9)",
        "amsgrad(beta1: 0.8, beta2: 0.9, epsilon: 0.1, biasCorrection: .none)",
      ], standard: { AMSGrad() })
  }
}
