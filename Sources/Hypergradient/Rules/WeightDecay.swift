/// Decoupled weight decay, after another rule: u = u′ + λθ.
///
/// `Adam().then(WeightDecay(0.01))` is AdamW with the decay multiplied by the learning rate, as in
/// PyTorch. It changes u only: the gradient in the alignment stays the objective's.
///
/// > Source: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization (2019), Algorithm 2
/// > with its schedule multiplier equal to the learning rate.
public struct WeightDecay<Scalar: ParameterScalar>: UpdateRule, Equatable {
  /// λ; at least 0.
  public var coefficient: Double

  /// - Precondition: `coefficient` is finite and at least 0.
  public init(_ coefficient: Double) {
    precondition(
      coefficient >= 0 && coefficient.isFinite,
      "the decay coefficient is \(coefficient), not a number of at least 0")
    self.coefficient = coefficient
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let lambda = Scalar(coefficient)
    for i in 0..<strip.count {
      strip.direction[i] = strip.gradient[i] + lambda * strip.parameters[i]
    }
  }

  @inlinable public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    strip.take(.penalised, moving: moving, constants: [coefficient, 0, 0, 0, 0, 0, 0, 0])
  }
}

extension Recipe where Product == RulePair {
  static let weightDecay = Recipe(
    "weightDecay",
    [Parameter("_", .number(.atLeast(0)), "the decay coefficient")],
    summary: "decoupled weight decay; after a rule: adam.then(weightDecay(0.01))"
  ) { arguments in
    let coefficient = arguments.number("_")
    return RulePair(WeightDecay(coefficient), WeightDecay(coefficient))
  }
}
