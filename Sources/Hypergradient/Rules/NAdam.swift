public import HypergradientRecipes
internal import Kernels
internal import PortableMath

/// NAdam, Adam with Nesterov's momentum and a momentum that warms up:
///
///     μ_t = β₁ (1 − ½ · 0.96^(ψ t))
///     m_t = μ_t m_{t−1} + (1 − μ_t) g_t
///     v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     u_t = [ (1 − μ_t) g_t / (1 − ∏_{i≤t} μ_i) + μ_{t+1} m_t / (1 − ∏_{i≤t+1} μ_i) ] / (√v̂ + ε)
///     v̂ = v_t / (1 − β₂ᵗ)
///
/// PyTorch's form (``Form/pyTorch``) decays the mean by β₁ in place of μ_t, so that its corrections by
/// products of μ do not sum to one, and keeps the product ∏ μ_i in single precision, whatever the
/// parameters' type: 2·10⁻⁹ of the largest parameter within ten steps of the recorded run.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: T. Dozat, Incorporating Nesterov Momentum into Adam (2016), Algorithm 2 (from memory and
/// > from secondary descriptions). Deviation: v̂ without the paper's further factor β₂, as in every
/// > implementation.
public struct NAdam<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public enum Form: String, Sendable, Codable, CaseIterable {
    /// The equations above.
    case paper
    /// The mean decays by β₁; ∏ μ_i is rounded to single precision at each step.
    case pyTorch
  }

  public var beta1, beta2, epsilon: Double
  /// ψ. With 0, μ is β₁/2 throughout.
  public let momentumDecay: Double
  public let form: Form

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 0.004, form: Form = .paper
  ) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    (self.momentumDecay, self.form) = (momentumDecay, form)
    checkDeclared()
  }

  /// m and v; ∏ μ_i and β₂ᵗ, and μ_t and μ_{t+1} of this step.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0], scalars: [1, 1, 0, 0], nonNegative: [1])
  }

  public func begin(_ step: RuleStep) {
    func momentum(_ t: Int) -> Double {
      beta1 * (1 - 0.5 * Portable.pow(0.96, Double(t) * momentumDecay))
    }
    let s = step.scalars
    s[2] = momentum(step.index + 1)
    s[3] = momentum(step.index + 2)
    s[0] = form == .paper ? s[0] * s[2] : Double(Float(s[0]) * Float(s[2]))
    s[1] *= beta2
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let factors = self.factors(step)
    let (decay, weightOfGradient) = (factors.decay, Scalar.nearest(to: factors.ofGradient))
    let (b1, rest1) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let epsilon = Scalar.nearest(to: epsilon)
    let weightOfMean = Scalar.nearest(to: factors.ofMean)
    let k2 = Scalar.nearest(to: factors.ofSquare)
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      v[i] = b2 * v[i] + rest2 * (g * g)
      let mean = weightOfGradient * g + weightOfMean * m[i]
      strip.direction[i] = mean / (root(v[i] * k2) + epsilon)
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    let (decay, ofGradient, ofMean, k2) = factors(step)
    return RuleKernel(
      .nAdam, decay, 1 - decay, beta2, 1 - beta2, ofGradient, ofMean, k2, epsilon)
  }

  /// What m decays by, and what g, m and v are multiplied by.
  private func factors(_ step: RuleStep) -> (
    decay: Double, ofGradient: Double, ofMean: Double, ofSquare: Double
  ) {
    let s = step.scalars
    return (
      form == .paper ? s[2] : beta1, (1 - s[2]) / (1 - s[0]), s[3] / (1 - s[0] * s[3]),
      1 / (1 - s[1])
    )
  }
}

extension NAdam: AdjustableRule, Declared {
  public static var recipe: Recipe<NAdam> {
    Recipe(
      "nadam", NAdam.init(beta1:beta2:epsilon:momentumDecay:form:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon),
      .number(
        "momentumDecay", \.momentumDecay, in: .atLeast(0), default: 0.004, unit: "1/step",
        "ψ of the momentum's warm-up"),
      .choice(
        "form", \.form, default: .paper,
        "the mean decays by μ_t, the paper's, or by beta1, PyTorch's"),
      summary: "Adam with Nesterov's momentum",
      examples: [
        "nadam(form: .pyTorch)",
        "nadam(beta1: 0.8, beta2: 0.9, epsilon: 0.01, momentumDecay: 0.1)",
      ], standard: { NAdam() })
  }
}
