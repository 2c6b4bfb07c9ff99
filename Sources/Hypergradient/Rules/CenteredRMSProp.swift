/// RMSProp by the standard deviation of the gradient in place of its root mean square:
///
///     v_t = ρ v_{t−1} + (1 − ρ) g_t²
///     m_t = ρ m_{t−1} + (1 − ρ) g_t
///     u_t = g_t / (√(v_t − m_t²) + ε)
///
/// Where rounding makes v − m² negative it counts as 0 (PyTorch's gives NaN there). PyTorch's
/// `RMSprop(centered=True, momentum=μ)` is `CenteredRMSProp().then(HeavyBall(momentum: μ))`.
///
/// > Source: A. Graves, Generating Sequences with Recurrent Neural Networks (2013), eqs. 38–40,
/// > where ε is inside the root; outside, as in PyTorch, and with the momentum apart (the numbers of the
/// > equations from memory; the form agrees with PyTorch's recorded run).
public struct CenteredRMSProp<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// ρ ∈ [0, 1).
  public var decay: Double
  /// ε; at least 0.
  public var epsilon: Double

  /// - Precondition: `decay` is in [0, 1) and `epsilon` at least 0.
  public init(decay: Double = 0.99, epsilon: Double = 1e-8) {
    self.decay = decay
    self.epsilon = epsilon
    checkHyperparameters()
  }

  public var stateVectorCount: Int { 2 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (rho, rest) = (Scalar.nearest(to: decay), Scalar.nearest(to: 1 - decay))
    let epsilon = Scalar.nearest(to: epsilon)
    let (v, m) = (strip.state(0), strip.state(1))
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      v[i] = rho * v[i] + rest * (g * g)
      m[i] = rho * m[i] + rest * g
      let variance = v[i] - m[i] * m[i]
      strip.direction[i] = g / (root(variance) + epsilon)
    }
  }
}

extension CenteredRMSProp: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case decay, epsilon }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    hyperparameter == .decay ? .from(0, below: 1) : .atLeast(0)
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { hyperparameter == .decay ? decay : epsilon }
    set {
      switch hyperparameter {
      case .decay: decay = newValue
      case .epsilon: epsilon = newValue
      }
    }
  }
}

extension Recipe where Product == RulePair {
  static let centeredRMSProp = Recipe(
    "centeredRMSProp",
    [
      Parameter("decay", .number(.from(0, below: 1)), default: "0.99", "decay of both means"),
      .epsilon(),
    ], summary: "per-coordinate scaling by a decaying standard deviation"
  ) { arguments in
    let (decay, epsilon) = (arguments.number("decay"), arguments.number("epsilon"))
    return RulePair(
      CenteredRMSProp(decay: decay, epsilon: epsilon),
      CenteredRMSProp(decay: decay, epsilon: epsilon))
  }
}
