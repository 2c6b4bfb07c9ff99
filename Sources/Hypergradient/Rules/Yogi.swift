public import HypergradientRecipes
internal import Kernels

/// Yogi, Adam whose mean square moves by at most a gradient's square:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     v_t = v_{t−1} − (1 − β₂) sign(v_{t−1} − g_t²) g_t²
///     u_t = m_t / (√v_t + ε)
///
/// m_0 = 0 and v_0 = 1e-6. ``Form/optax`` divides m and v by 1 − β₁ᵗ and 1 − β₂ᵗ, although v_0 is not
/// 0 and v no weighted mean, and starts from m_0 = v_0, as Optax and TensorFlow Addons do.
///
/// One finite gradient whose square overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and
/// stops its coordinate for good. ``UpdateRule/guarded()`` skips such a step, and one that is not
/// finite.
///
/// > Source: M. Zaheer, S. Reddi, D. Sachan, S. Kale and S. Kumar, Adaptive Methods for Nonconvex
/// > Optimization (2018), Algorithm 2 and section 5 (from memory and from secondary descriptions).
public struct Yogi<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// Without corrections.
    case paper
    /// With Adam's corrections, and m_0 = v_0.
    case optax
  }

  public var beta1, beta2, epsilon: Double
  /// v_0.
  public let initialAccumulator: Double
  public let form: Form

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-3,
    initialAccumulator: Double = 1e-6, form: Form = .paper
  ) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    (self.initialAccumulator, self.form) = (initialAccumulator, form)
    checkDeclared()
  }

  /// m and v; β₁ᵗ and β₂ᵗ.
  public var requirements: RuleRequirements {
    RuleRequirements(
      stateVectors: [form == .optax ? initialAccumulator : 0, initialAccumulator],
      scalars: [1, 1], nonNegative: [1])
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, _, rest2) = decays
    let (k1, k2, epsilon) = rounded(corrections(step), epsilon)
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      let square = g * g
      let change = rest2 * square
      v[i] = v[i] > square ? v[i] - change : v[i] < square ? v[i] + change : v[i]
      strip.direction[i] = (m[i] * k1) / (root(v[i] * k2) + epsilon)
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    let (k1, k2) = corrections(step)
    return RuleKernel(.yogi, beta1, 1 - beta1, 1 - beta2, k1, k2, epsilon)
  }

  /// What m and v are multiplied by.
  private func corrections(_ step: RuleStep) -> (Double, Double) {
    form == .optax ? biasCorrections(step) : (1, 1)
  }
}

extension Yogi: AdjustableRule, Declared {
  public static var recipe: Recipe<Yogi> {
    Recipe(
      "yogi", Yogi.init(beta1:beta2:epsilon:initialAccumulator:form:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon, default: 1e-3),
      .number(
        "initialAccumulator", \.initialAccumulator, in: .atLeast(0), default: 1e-6,
        unit: "gradient²", "first value of the mean square"),
      .choice("form", \.form, default: .paper, "without corrections, or Optax' with them"),
      summary: "Adam whose mean square grows and falls by small steps",
      examples: [
        "yogi(beta2: 0.9)",
        "yogi(beta1: 0.8, beta2: 0.9, epsilon: 0.01, initialAccumulator: 0.1, form: .optax)",
      ], standard: { Yogi() })
  }
}
