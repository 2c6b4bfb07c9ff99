/// Adam with decoupled weight decay, u_t = m̂ / (√v̂ + ε) + λ θ_{t−1}: a name for
/// `Adam().then(WeightDecay(λ))`.
///
///     AdamW<Float>(weightDecay: 0.01)
///
/// The decay is multiplied by the learning rate, as in PyTorch.
///
/// > Source: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization (2019), Algorithm 2
/// > with its schedule multiplier equal to the learning rate.
public typealias AdamW<Scalar: ParameterScalar> = Chain<Adam<Scalar>, WeightDecay<Scalar>>

extension Chain {
  /// AdamW.
  ///
  /// - Precondition: the betas are in [0, 1), the others at least 0.
  public init<S>(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) where First == Adam<S>, Second == WeightDecay<S> {
    self.init(Adam(beta1: beta1, beta2: beta2, epsilon: epsilon), WeightDecay(weightDecay))
  }
}

extension Recipe where Product == RulePair {
  static let adamW = Recipe(
    "adamw",
    [
      .beta1, .beta2(), .epsilon(),
      Parameter("weightDecay", .number(.atLeast(0)), default: "0.01", "the decay coefficient"),
    ], summary: "Adam with decoupled weight decay, adam.then(weightDecay(0.01)) under one name"
  ) { arguments in
    func make<S: ParameterScalar>() -> AdamW<S> {
      AdamW(
        beta1: arguments.number("beta1"), beta2: arguments.number("beta2"),
        epsilon: arguments.number("epsilon"), weightDecay: arguments.number("weightDecay"))
    }
    return RulePair(make() as AdamW<Float>, make() as AdamW<Double>)
  }
}
