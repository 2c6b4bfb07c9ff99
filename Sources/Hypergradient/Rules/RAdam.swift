public import HypergradientRecipes
internal import Kernels

/// RAdam, rectified Adam: momentum alone until the mean square is worth dividing by.
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t          v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     ρ_∞ = 2 / (1 − β₂) − 1                   ρ_t = ρ_∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
///     r_t = √[ (ρ_t − 4)(ρ_t − 2) ρ_∞ / ((ρ_∞ − 4)(ρ_∞ − 2) ρ_t) ]
///     u_t = m̂ · r_t √(1 − β₂ᵗ) / (√v_t + ε)    if ρ_t > threshold
///     u_t = m̂                                  otherwise
///     m̂ = m_t / (1 − β₁ᵗ)
///
/// ρ_t is a difference of numbers near ρ_∞: of β₂ above 1 − 10⁻⁶, rounding decides at which of the first
/// steps it passes the threshold.
///
/// With ε = 0 a coordinate whose gradients were all zero is 0/0. One finite gradient whose square
/// overflows, beyond 1.8·10¹⁹ in Float, makes v infinite and stops its coordinate for good.
/// ``UpdateRule/guarded()`` skips such a step, and one that is not finite.
///
/// > Source: L. Liu, H. Jiang, P. He, W. Chen, X. Liu, J. Gao and J. Han, On the Variance of the
/// > Adaptive Learning Rate and Beyond (2020), Algorithm 2. The paper's threshold is 4, and it has no
/// > ε; 5 is that of the authors' published code and of PyTorch, whose ε is on the uncorrected root
/// > (the paper from memory; the default agrees with PyTorch's recorded run).
public struct RAdam<Scalar: ParameterScalar>: AdaptiveMomentRule, Equatable {
  public var beta1, beta2, epsilon: Double
  /// ρ above which the step is rectified.
  public let threshold: Double

  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, threshold: Double = 5
  ) {
    (self.beta1, self.beta2) = (beta1, beta2)
    (self.epsilon, self.threshold) = (epsilon, threshold)
    checkDeclared()
  }

  /// r_t √(1 − β₂ᵗ); `nil` where the step is not rectified.
  func rectification(_ step: RuleStep) -> Double? {
    let power = step.scalars[1]
    return varianceRectification(beta2, power, step: step.index + 1, above: threshold)
      .map { $0 * (1 - power).squareRoot() }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1, b2, rest2) = decays
    let epsilon = Scalar.nearest(to: epsilon)
    let k1 = biasCorrections(step).0
    let (m, v) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      v[i] = b2 * v[i] + rest2 * (g * g)
    }
    if let rectification = rectification(step) {
      let factor = Scalar.nearest(to: k1 * rectification)
      for i in 0..<strip.count {
        strip.direction[i] = (m[i] * factor) / (root(v[i]) + epsilon)
      }
    } else {
      let factor = Scalar.nearest(to: k1)
      for i in 0..<strip.count { strip.direction[i] = m[i] * factor }
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    let k1 = biasCorrections(step).0
    guard let rectification = self.rectification(step) else {
      return RuleKernel(.rAdamMean, beta1, 1 - beta1, beta2, 1 - beta2, k1)
    }
    return RuleKernel(
      .rAdam, beta1, 1 - beta1, beta2, 1 - beta2, k1 * rectification, epsilon)
  }
}

/// r_t of ``RAdam`` at step t ≥ 1, `power` being β₂ᵗ; `nil` where ρ_t is not above the threshold.
func varianceRectification(
  _ beta2: Double, _ power: Double, step t: Int, above threshold: Double
) -> Double? {
  let infinite = 2 / (1 - beta2) - 1
  let rho = infinite - 2 * Double(t) * power / (1 - power)
  guard rho > threshold else { return nil }
  let square = (rho - 4) * (rho - 2) * infinite / ((infinite - 4) * (infinite - 2) * rho)
  return square.squareRoot()
}

extension RAdam: AdjustableRule, Declared {
  public static var recipe: Recipe<RAdam> {
    Recipe(
      "radam", RAdam.init(beta1:beta2:epsilon:threshold:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon),
      .number(
        "threshold", \.threshold, in: .atLeast(4), default: 5,
        "steps of weight that a mean square must have: 5 of the code, 4 of the paper"),
      summary: "Adam that rectifies the variance of its first steps, in place of a warm-up",
      examples: [
        "radam(threshold: 4)", "radam(beta1: 0.8, beta2: 0.99, epsilon: 0.01, threshold: 4)",
      ], standard: { RAdam() })
  }
}
