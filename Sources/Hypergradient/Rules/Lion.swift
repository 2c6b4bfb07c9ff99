/// Lion, the sign of a mean:
///
///     u_t = sign(β₁ m_{t−1} + (1 − β₁) g_t)
///     m_t = β₂ m_{t−1} + (1 − β₂) g_t
///
/// sign(0) = 0. The paper's weight decay is `Lion().then(WeightDecay(λ))`; rates are 3 to 10 times
/// smaller than Adam's.
///
/// > Source: X. Chen et al., Symbolic Discovery of Optimization Algorithms (2023), Algorithm 2
/// > (from memory; the form agrees with Optax' recorded run).
public struct Lion<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// β₁ ∈ [0, 1).
  public var beta1: Double
  /// β₂ ∈ [0, 1).
  public var beta2: Double

  /// - Precondition: the betas are in [0, 1).
  public init(beta1: Double = 0.9, beta2: Double = 0.99) {
    self.beta1 = beta1
    self.beta2 = beta2
    checkHyperparameters()
  }

  public var stateVectorCount: Int { 1 }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let m = strip.state(0)
    for i in 0..<strip.count {
      let g = strip.gradient[i]
      strip.direction[i] = sign(b1 * m[i] + rest1 * g)
      m[i] = b2 * m[i] + rest2 * g
    }
  }
}

extension Lion: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case beta1, beta2 }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .from(0, below: 1) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { hyperparameter == .beta1 ? beta1 : beta2 }
    set {
      switch hyperparameter {
      case .beta1: beta1 = newValue
      case .beta2: beta2 = newValue
      }
    }
  }
}

extension Recipe where Product == RulePair {
  static let lion = Recipe(
    "lion",
    [
      Parameter(
        "beta1", .number(.from(0, below: 1)), default: "0.9", "weight of the past in the sign"),
      Parameter("beta2", .number(.from(0, below: 1)), default: "0.99", "decay of the mean"),
    ], summary: "the sign of a mean of gradients: every coordinate moves equally far"
  ) { arguments in
    let (beta1, beta2) = (arguments.number("beta1"), arguments.number("beta2"))
    return RulePair(Lion(beta1: beta1, beta2: beta2), Lion(beta1: beta1, beta2: beta2))
  }
}
