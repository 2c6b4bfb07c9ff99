/// AdaMax, Adam by the largest gradient in place of the root mean square:
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t
///     w_t = max(β₂ w_{t−1}, |g_t| + ε)
///     u_t = m_t / ((1 − β₁ᵗ) w_t)
///
/// > Source: D. P. Kingma and J. Ba, Adam: A Method for Stochastic Optimization (2015), Algorithm 2,
/// > which has no ε; where it is, is PyTorch's. With ε = 0, u is 0 as long as every gradient was
/// > (the paper from memory; the form agrees with PyTorch's recorded run).
public struct AdaMax<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double

  /// - Precondition: the betas are in [0, 1) and `epsilon` is at least 0.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    checkHyperparameters()
  }

  public var stateVectorCount: Int { 2 }

  /// β₁ᵗ.
  public var initialScalars: [Double] { [1] }
  public var scalarCount: Int { 1 }

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
}

extension AdaMax: MomentRule {}

extension Recipe where Product == RulePair {
  static let adaMax = Recipe(
    "adamax", [.beta1, .beta2(), .epsilon()],
    summary: "Adam by the largest recent gradient in place of the root mean square"
  ) { arguments in
    func make<S: ParameterScalar>() -> AdaMax<S> {
      AdaMax(
        beta1: arguments.number("beta1"), beta2: arguments.number("beta2"),
        epsilon: arguments.number("epsilon"))
    }
    return RulePair(make() as AdaMax<Float>, make() as AdaMax<Double>)
  }
}
