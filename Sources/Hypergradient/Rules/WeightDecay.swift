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
}
