/// A rule that climbs: the objective is −f, so that g = −∇f before everything, the alignment
/// included.
///
/// `GradientDescent().maximizing()` is PyTorch's `SGD(maximize=True)`. A trainer passes f and ∇f as
/// they are; controllers and rules see −f for the loss. A penalty keeps its sign, wherever it stands:
/// `penalized(by: λ)` with `maximizing()` climbs f − (λ/2)‖θ‖², as PyTorch does. Decoupled decay still
/// decays. A metric is the trainer's own affair.
public struct Maximizing<Base: UpdateRule>: UpdateRule {
  public var base: Base

  public init(_ base: Base) { self.base = base }

  @inlinable public var maximizes: Bool { true }
  public var stateVectorCount: Int { base.stateVectorCount }
  public var initialScalars: [Double] { base.initialScalars }
  public var scalarCount: Int { base.scalarCount }
  public var needs: RuleNeeds { base.needs }
  public var penalty: Double { base.penalty }
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

extension Maximizing: Equatable where Base: Equatable {}

extension UpdateRule {
  /// This rule on the objective −f.
  public func maximizing() -> Maximizing<Self> { Maximizing(self) }
}

extension Recipe where Product == RuleModifier {
  static let maximizing = Recipe(
    "maximizing", summary: "climbs: the objective is −f, with the penalty's sign kept"
  ) { _ in
    { rule in RulePair(maximize(rule.float), maximize(rule.double)) }
  }
}

private func maximize<Scalar>(_ rule: any UpdateRule<Scalar>) -> any UpdateRule<Scalar> {
  func open<R: UpdateRule<Scalar>>(_ rule: R) -> any UpdateRule<Scalar> { rule.maximizing() }
  return open(rule)
}
