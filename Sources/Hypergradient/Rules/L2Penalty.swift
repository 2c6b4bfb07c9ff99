/// Coupled weight decay, around another rule: the objective is f + (λ/2)‖θ‖², so that
/// g = ∇f + λθ before everything, the alignment included.
///
/// `Adam().penalized(by: 1e-4)` is PyTorch's `Adam(weight_decay=1e-4)`.
public struct L2Penalty<Base: UpdateRule>: UpdateRule {
  public var base: Base
  /// λ; at least 0.
  public var coefficient: Double

  /// - Precondition: `coefficient` is finite and at least 0.
  public init(_ base: Base, coefficient: Double) {
    precondition(
      coefficient >= 0 && coefficient.isFinite,
      "the penalty coefficient is \(coefficient), not a number of at least 0")
    self.base = base
    self.coefficient = coefficient
  }

  public var stateVectorCount: Int { base.stateVectorCount }
  public var initialScalars: [Double] { base.initialScalars }
  public var scalarCount: Int { base.scalarCount }
  public var needs: RuleNeeds { base.needs }
  public var penalty: Double { base.penalty + coefficient }
  @inlinable public var maximizes: Bool { base.maximizes }
  public func initialValue(ofStateVector index: Int) -> Base.Scalar {
    base.initialValue(ofStateVector: index)
  }
  public func begin(_ step: RuleStep) { base.begin(step) }
  public func survey(_ strip: Strip<Base.Scalar>, _ step: RuleStep) { base.survey(strip, step) }
  public func direction(_ strip: Strip<Base.Scalar>, _ step: RuleStep) {
    base.direction(strip, step)
  }
  @inlinable public func accelerated(
    _ strip: Strip<Base.Scalar>, _ step: RuleStep, moving: StripMove<Base.Scalar>?
  ) -> Bool {
    base.accelerated(strip, step, moving: moving)
  }
}

extension UpdateRule {
  /// This rule on the objective f + (λ/2)‖θ‖².
  public func penalized(by coefficient: Double) -> L2Penalty<Self> {
    L2Penalty(self, coefficient: coefficient)
  }
}

extension Recipe where Product == RuleModifier {
  static let penalized = Recipe(
    "penalized",
    [Parameter("by", .number(.atLeast(0)), "λ of the penalty (λ/2)‖θ‖²")],
    summary: "coupled weight decay: an ℓ2 penalty in the objective"
  ) { arguments in
    let lambda = arguments.number("by")
    return { rule in RulePair(penalize(rule.float, lambda), penalize(rule.double, lambda)) }
  }
}

private func penalize<Scalar>(
  _ rule: any UpdateRule<Scalar>, _ lambda: Double
) -> any UpdateRule<Scalar> {
  func open<R: UpdateRule<Scalar>>(_ rule: R) -> any UpdateRule<Scalar> {
    rule.penalized(by: lambda)
  }
  return open(rule)
}
