public import HypergradientRecipes
internal import Kernels

/// Lion, the sign of a mean:
///
///     u_t = sign(β₁ m_{t−1} + (1 − β₁) g_t)
///     m_t = β₂ m_{t−1} + (1 − β₂) g_t
///
/// sign(0) = 0. The paper's weight decay is `Lion().then(WeightDecay(λ))`; rates are 3 to 10 times
/// smaller than Adam's.
///
/// A gradient that is not finite stays in m for good; ``UpdateRule/guarded()`` skips its step.
///
/// > Source: X. Chen et al., Symbolic Discovery of Optimization Algorithms (2023), Algorithm 2
/// > (from memory; the form agrees with Optax' recorded run).
public struct Lion<Scalar: ParameterScalar>: UpdateRule, Equatable {
  public var beta1, beta2: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.99) {
    (self.beta1, self.beta2) = (beta1, beta2)
    checkDeclared()
  }

  /// m.
  public var requirements: RuleRequirements { RuleRequirements(stateVectors: [0]) }

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

  public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.lion, beta1, 1 - beta1, beta2, 1 - beta2)
  }
}

extension Lion: AdjustableRule, Declared {
  public static var recipe: Recipe<Lion> {
    Recipe(
      "lion", Lion.init(beta1:beta2:),
      .beta1(\.beta1).described(as: "weight of the past in the sign"),
      .beta2(\.beta2, default: 0.99).described(as: "decay of the mean"),
      summary: "the sign of a mean of gradients: every coordinate moves equally far",
      examples: ["lion(beta1: 0.6, beta2: 0.8)"], standard: { Lion() })
  }
}
