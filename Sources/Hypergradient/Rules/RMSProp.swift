/// RMSProp:
///
///     v_t = ρ v_{t−1} + (1 − ρ) g_t²
///     u_t = g_t / (√v_t + ε)
///
/// No bias correction, as in the lecture; ε is outside the root, as in PyTorch.
///
/// > Source: T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6.5 (2012).
public struct RMSProp<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ρ ∈ [0, 1).
  public var decay: Double
  /// ε; at least 0.
  public var epsilon: Double

  /// - Precondition: `decay` is in [0, 1) and `epsilon` at least 0.
  public init(decay: Double = 0.99, epsilon: Double = 1e-8) {
    precondition(decay >= 0 && decay < 1, "decay is \(decay), not in [0, 1)")
    precondition(epsilon >= 0 && epsilon.isFinite, "epsilon is \(epsilon), not at least 0")
    self.decay = decay
    self.epsilon = epsilon
  }

  public var stateVectorCount: Int { 1 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let rho = Scalar(decay)
    let rest = Scalar(1 - decay)
    let epsilon = Scalar(epsilon)
    let v = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = rho * v[i] + rest * (g * g)
      strip.direction[i] = g / (v[i].squareRoot() + epsilon)
    }
  }

  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    strip.take(
      .rmsProp, moving: moving, constants: [decay, 1 - decay, epsilon, 0, 0, 0, 0, 0],
      stateVectors: 1)
  }
}

extension Recipe where Product == RulePair {
  static let rmsProp = Recipe(
    "rmsprop",
    [
      Parameter(
        "decay", .number(.from(0, below: 1)), default: "0.99", "decay of the mean square"),
      Parameter(
        "epsilon", .number(.atLeast(0)), default: "1e-8", unit: "gradient",
        "added to the root"),
    ], summary: "per-coordinate scaling by a decaying root mean square"
  ) { arguments in
    let (decay, epsilon) = (arguments.number("decay"), arguments.number("epsilon"))
    return RulePair(
      RMSProp(decay: decay, epsilon: epsilon), RMSProp(decay: decay, epsilon: epsilon))
  }
}
