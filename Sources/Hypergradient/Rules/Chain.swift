package import HypergradientRecipes

/// One rule after another: the second's gradient is what the first wrote.
public struct Chain<First: UpdateRule, Second: UpdateRule>: UpdateRule
where First.Scalar == Second.Scalar {
  public typealias Scalar = First.Scalar
  public var first: First
  public var second: Second
  /// How many vectors and scalars of the state are the first's.
  private let firstVectors, firstScalars: Int

  private enum CodingKeys: CodingKey { case first, second }

  /// - Precondition: the second rule asks for no fact about the whole gradient: what it sees is
  ///   another vector.
  public init(_ first: First, _ second: Second) {
    if let fault = Self.fault(second) { stop(fault) }
    self.first = first
    self.second = second
    firstVectors = first.requirements.stateVectors.count
    firstScalars = first.requirements.scalars.count
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let second = try container.decode(Second.self, forKey: .second)
    if let fault = Self.fault(second) {
      throw DecodingError.dataCorruptedError(
        forKey: .second, in: container, debugDescription: fault)
    }
    self.init(try container.decode(First.self, forKey: .first), second)
  }

  /// Why a rule can't come second.
  static func fault(_ second: Second) -> String? {
    let facts = second.requirements.facts
    if facts.contains(.gradientNorm) { return "clipByNorm clips the gradient: put it first" }
    if facts.contains(.survey) { return "the rule looks at the whole gradient: put it first" }
    return nil
  }

  public var requirements: RuleRequirements { first.requirements + second.requirements }

  public func fault(atStep step: Int) -> String? {
    first.fault(atStep: step) ?? second.fault(atStep: step)
  }

  public func begin(_ step: RuleStep) {
    first.begin(step.first(scalars: firstScalars))
    second.begin(step.following(scalars: firstScalars))
  }

  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {
    first.survey(strip.first(stateVectors: firstVectors), step.first(scalars: firstScalars))
  }

  public func acceleratedSurvey(_ strip: Strip<Scalar>, _ step: RuleStep) -> Bool {
    first.acceleratedSurvey(
      strip.first(stateVectors: firstVectors), step.first(scalars: firstScalars))
  }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    first.direction(strip.first(stateVectors: firstVectors), step.first(scalars: firstScalars))
    second.direction(
      strip.following(stateVectors: firstVectors), step.following(scalars: firstScalars))
  }

  /// Part by part, so that the second finds in cache what the first wrote.
  public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool {
    let firstStep = step.first(scalars: firstScalars)
    let secondStep = step.following(scalars: firstScalars)
    let length = strip.partLength()
    var start = 0
    while start < strip.count {
      let part = strip.part(from: start, count: min(length, strip.count - start))
      let firstPart = part.first(stateVectors: firstVectors)
      if !first.accelerated(firstPart, firstStep, moving: nil) {
        first.direction(firstPart, firstStep)
      }
      let rest = part.following(stateVectors: firstVectors)
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

extension Recipe {
  /// `clipByNorm(1).then(adam)`.
  package static func then<S: ParameterScalar>() -> Recipe
  where Product == Modifier<RuleOnObjective<S>> {
    Recipe(
      "then", { (next: RuleOnObjective<S>) in Modifier(refusing: { chain($0, next) }) },
      .rule("_", "the rule that comes after"), summary: "one rule after another",
      examples: [
        "clipByNorm(0.5).then(adam)", "heavyBall.then(adam)", "adam.then(weightDecay(0.05))",
        "centeredRMSProp(decay: 0.8).then(heavyBall(momentum: 0.5))",
        "autostep(initialRate: 4, metaRate: 0.2).then(weightDecay(0.1))",
      ])
  }
}

private func chain<S>(
  _ first: RuleOnObjective<S>, _ second: RuleOnObjective<S>
) -> Result<RuleOnObjective<S>, Refusal> {
  func open<A: UpdateRule<S>, B: UpdateRule<S>>(
    _ a: A, _ b: B
  ) -> Result<any UpdateRule<S>, Refusal> {
    Chain<A, B>.fault(b).map { .failure(Refusal($0)) } ?? .success(a.then(b))
  }
  return open(first.rule, second.rule).map {
    RuleOnObjective($0, on: first.objective + second.objective)
  }
}
