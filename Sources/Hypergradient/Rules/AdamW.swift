package import HypergradientRecipes

/// Adam with decoupled weight decay, u_t = m̂ / (√v̂ + ε) + λ θ_{t−1}: a name for
/// `Adam().then(WeightDecay(λ))`.
///
/// ```swift
/// let rule = AdamW<Float>(weightDecay: 0.01)
/// ```
///
/// The decay is multiplied by the learning rate, as in PyTorch.
///
/// > Source: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization (2019), Algorithm 2
/// > with its schedule multiplier equal to the learning rate.
public typealias AdamW<Scalar: ParameterScalar> = Chain<Adam<Scalar>, WeightDecay<Scalar>>

extension Chain {
  /// AdamW.
  public init<S>(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) where First == Adam<S>, Second == WeightDecay<S> {
    Recipe<AdamW<S>>.adamW().check(beta1, beta2, epsilon, weightDecay)
    self.init(Adam(beta1: beta1, beta2: beta2, epsilon: epsilon), WeightDecay(weightDecay))
  }
}

extension Recipe {
  /// `adamw(weightDecay: 0.1)`.
  package static func adamW<S: ParameterScalar>() -> Recipe where Product == AdamW<S> {
    Recipe(
      "adamw", AdamW<S>.init(beta1:beta2:epsilon:weightDecay:),
      .beta1(\.first.beta1), .beta2(\.first.beta2), .epsilon(\.first.epsilon),
      .number(
        "weightDecay", \.second.coefficient, in: .atLeast(0), default: 0.01,
        unit: "1/learning rate", "the decay coefficient"),
      summary: "Adam with decoupled weight decay, adam.then(weightDecay(0.01)) under one name",
      examples: ["adamw(beta1: 0.8, beta2: 0.9, epsilon: 0.01, weightDecay: 0.1)"],
      standard: { AdamW() })
  }
}
