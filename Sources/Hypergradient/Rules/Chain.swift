/// One rule after another: the second's gradient is what the first wrote.
public struct Chain<First: UpdateRule, Second: UpdateRule>: UpdateRule
where First.Scalar == Second.Scalar {
  public typealias Scalar = First.Scalar
  public var first: First
  public var second: Second

  /// - Precondition: the second rule has no penalty; it would not be part of the objective.
  public init(_ first: First, _ second: Second) {
    precondition(
      !second.maximizes, "what is maximised belongs to the objective: put maximizing on the chain")
    precondition(
      !second.needs.contains(.survey), "a rule that surveys the gradient comes first in a chain")
    precondition(second.penalty == 0, "a penalty belongs to the objective: put it first")
    self.first = first
    self.second = second
  }

  public var stateVectorCount: Int { first.stateVectorCount + second.stateVectorCount }
  public var initialScalars: [Double] { first.initialScalars + second.initialScalars }
  public var scalarCount: Int { first.scalarCount + second.scalarCount }
  public var needs: RuleNeeds { first.needs.union(second.needs) }
  public var penalty: Double { first.penalty }
  @inlinable public var maximizes: Bool { first.maximizes }

  public func initialValue(ofStateVector index: Int) -> Scalar {
    index < first.stateVectorCount
      ? first.initialValue(ofStateVector: index)
      : second.initialValue(ofStateVector: index - first.stateVectorCount)
  }

  public func begin(_ step: RuleStep) {
    first.begin(step)
    second.begin(step.advanced(by: first.scalarCount))
  }

  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) { first.survey(strip, step) }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    first.direction(strip, step)
    second.direction(
      strip.following(stateVectors: first.stateVectorCount),
      step.advanced(by: first.scalarCount))
  }

  /// Part by part, so that the second finds in cache what the first wrote.
  public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    let secondStep = step.advanced(by: first.scalarCount)
    let stateVectors = first.stateVectorCount
    let length = strip.partLength()
    var start = 0
    while start < strip.count {
      let part = strip.part(from: start, count: min(length, strip.count - start))
      if !first.accelerated(part, step, moving: nil) { first.direction(part, step) }
      let rest = part.following(stateVectors: stateVectors)
      var move: StripMove<Scalar>?
      if let moving { move = moving.part(from: start) }
      if !second.accelerated(rest, secondStep, moving: move) {
        second.direction(rest, secondStep)
        if let move {
          move.move(along: part.direction, count: part.count, threads: part.threads)
        }
      }
      start += part.count
    }
    return true
  }
}

extension UpdateRule {
  /// This rule, then another on what it wrote.
  public func then<Next: UpdateRule>(_ next: Next) -> Chain<Self, Next>
  where Next.Scalar == Scalar {
    Chain(self, next)
  }
}

extension Recipe where Product == RuleModifier {
  static let then = Recipe(
    "then", [Parameter("_", .rule, "the rule that comes after")],
    summary: "one rule after another"
  ) { arguments throws(SpecError) in
    let next = arguments.rule("_")
    if next.double.penalty != 0 {
      throw arguments.error("a penalty belongs to the objective: put it on the first rule")
    }
    if next.double.needs.contains(.gradientNorm) {
      throw arguments.error("clipByNorm clips the gradient: put it first")
    }
    if next.double.maximizes {
      throw arguments.error("what is maximised belongs to the objective: put it on the first rule")
    }
    if next.double.needs.contains(.survey) {
      throw arguments.error("the rule looks at the whole gradient: put it first")
    }
    return { rule in RulePair(chain(rule.float, next.float), chain(rule.double, next.double)) }
  }
}

private func chain<Scalar>(
  _ first: any UpdateRule<Scalar>, _ second: any UpdateRule<Scalar>
) -> any UpdateRule<Scalar> {
  func open<A: UpdateRule<Scalar>, B: UpdateRule<Scalar>>(_ a: A, _ b: B) -> any UpdateRule<Scalar>
  {
    a.then(b)
  }
  return open(first, second)
}
