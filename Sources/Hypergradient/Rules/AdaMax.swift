public import HypergradientRecipes
internal import Kernels

/// AdaMax, Adam by the largest gradient in place of the root mean square:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     w_t = max(β₂ w_{t−1}, |g_t| + ε)
///     u_t = m_t / ((1 − β₁ᵗ) w_t)
///
/// A gradient that is not finite stays in m and w for good; ``UpdateRule/guarded()`` skips its
/// step.
///
/// > Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization (2015), Algorithm 2,
/// > which has no ε; where it is, is PyTorch's. With ε = 0, u is 0 as long as every gradient was
/// > (the paper from memory; the form agrees with PyTorch's recorded run).
public struct AdaMax<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var beta1, beta2, epsilon: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
    checkDeclared()
  }

  /// m and w; β₁ᵗ.
  public var requirements: RuleRequirements {
    RuleRequirements(stateVectors: [0, 0], scalars: [1], nonNegative: [1])
  }

  public func begin(_ step: RuleStep) { step.scalars[0] *= beta1 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, epsilon) = (Scalar.nearest(to: beta2), Scalar.nearest(to: epsilon))
    let k1 = Scalar.nearest(to: 1 / (1 - step.scalars[0]))
    let (m, w) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      m[i] = b1 * m[i] + rest1 * g
      let (old, new) = (b2 * w[i], g.magnitude + epsilon)
      w[i] = old > new ? old : new
      strip.direction[i] = w[i] == 0 ? 0 : (m[i] * k1) / w[i]
    }
  }

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.adaMax, beta1, 1 - beta1, beta2, epsilon, 1 / (1 - step.scalars[0]))
  }
}

extension AdaMax: AdjustableRule, Declared {
  public static var recipe: Recipe<AdaMax> {
    Recipe(
      "adamax", AdaMax.init(beta1:beta2:epsilon:),
      .beta1(\.beta1), .beta2(\.beta2), .epsilon(\.epsilon),
      summary: "Adam by the largest recent gradient in place of the root mean square",
      examples: ["adamax(beta1: 0.7, beta2: 0.8, epsilon: 0.01)"], standard: { AdaMax() })
  }
}
