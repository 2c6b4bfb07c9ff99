/// Nesterov's accelerated gradient in the form that evaluates g at the look-ahead point:
///
///     v_t = μ v_{t−1} + g_t
///     u_t = g_t + μ v_t
///
/// μ ∈ [0, 1) is the momentum.
///
/// > Source: Yu. Nesterov, A method of solving a convex programming problem with convergence rate
/// > O(1/k²) (1983); in this form I. Sutskever, J. Martens, G. Dahl and G. Hinton, On the importance
/// > of initialization and momentum in deep learning (2013), and SGDN of A. G. Baydin et al., Online
/// > Learning Rate Adaptation with Hypergradient Descent (2018), Algorithm 5.
public struct Nesterov<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var momentum: Double

  /// - Precondition: `momentum` is in [0, 1).
  public init(momentum: Double = 0.9) {
    precondition(momentum >= 0 && momentum < 1, "momentum is \(momentum), not in [0, 1)")
    self.momentum = momentum
  }

  public var stateVectorCount: Int { 1 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let mu = Scalar(momentum)
    let v = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = mu * v[i] + g
      strip.direction[i] = g + mu * v[i]
    }
  }

  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    strip.take(
      .nesterov, moving: moving, constants: [momentum, 0, 0, 0, 0, 0, 0, 0], stateVectors: 1)
  }
}

extension Recipe where Product == RulePair {
  static let nesterov = Recipe(
    "nesterov",
    [Parameter("momentum", .number(.from(0, below: 1)), default: "0.9", "decay of the velocity")],
    summary: "Nesterov's momentum"
  ) { arguments in
    let momentum = arguments.number("momentum")
    return RulePair(Nesterov(momentum: momentum), Nesterov(momentum: momentum))
  }
}
