public import HypergradientRecipes
public import Kernels

/// Decoupled weight decay, after another rule: u = u′ + λθ.
///
/// `Adam().then(WeightDecay(0.01))` is AdamW with the decay multiplied by the learning rate, as in
/// PyTorch. It changes u only: the gradient in the alignment stays the objective's.
///
/// > Source: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization (2019), Algorithm 2
/// > with its schedule multiplier equal to the learning rate.
public struct WeightDecay<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// λ.
  public var coefficient: Double

  public init(_ coefficient: Double) {
    self.coefficient = coefficient
    checkDeclared()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let lambda = Scalar(coefficient)
    for i in 0..<strip.count {
      strip.direction[i] = strip.gradient[i] + lambda * strip.parameters[i]
    }
  }

  @inlinable public func kernel(_ step: RuleStep) -> RuleKernel? {
    RuleKernel(.penalised, coefficient)
  }
}

extension WeightDecay: AdjustableRule, Declared {
  public static var recipe: Recipe<WeightDecay> {
    Recipe(
      "weightDecay", WeightDecay.init(_:),
      .number(
        "_", \.coefficient, in: .atLeast(0), unit: "1/learning rate", "the decay coefficient"),
      summary: "decoupled weight decay; after a rule: adam.then(weightDecay(0.01))",
      examples: ["weightDecay(0.1)"], compared: ["adam.then(weightDecay(1e-3))"],
      standard: { WeightDecay(0.1) })
  }

  public static var hyperparameters: [Hyperparameter<WeightDecay>] {
    hyperparameters(naming: "coefficient")
  }
}
