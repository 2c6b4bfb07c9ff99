public import HypergradientRecipes

/// A rule that moves only the coordinates on which it agrees with the gradient:
///
///     φ_i = 1 where u_i g_i > 0, else 0          u ← u∘φ · d / (Σ φ_i + 1)
///
/// d is the number of coordinates, so that the others move as much farther as these do not. It is
/// for rules with momentum: u and g always agree in sign for gradient descent. The rule's state
/// does not know of the mask. One vector more is kept, and the rule may not look at the whole
/// gradient itself (``RuleRequirements/Facts/survey``). Put it around the rule alone, before a
/// decoupled decay: `adam.cautious().then(weightDecay(0.01))`.
///
/// > Source: K. Liang, L. Chen, B. Liu and Q. Liu, Cautious Optimizers: Improving Training with One
/// > Line of Code (2024), Algorithm 1. Deviation: d and the count are those of the whole vector,
/// > where published code takes each tensor's.
public struct Cautious<Base: UpdateRule>: UpdateRule {
  public typealias Scalar = Base.Scalar

  public var base: Base
  /// How many vectors and scalars of the state are the base's.
  private let vectors, scalars: Int

  private enum CodingKeys: CodingKey { case base }

  /// - Precondition: the rule asks for no look at the whole gradient of its own.
  public init(_ base: Base) {
    if let fault = Self.fault(base) { stop(fault) }
    self.base = base
    vectors = base.requirements.stateVectors.count
    scalars = base.requirements.scalars.count
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let base = try container.decode(Base.self, forKey: .base)
    if let fault = Self.fault(base) {
      throw DecodingError.dataCorruptedError(forKey: .base, in: container, debugDescription: fault)
    }
    self.init(base)
  }

  /// Why a rule can't be made cautious.
  static func fault(_ base: Base) -> String? {
    base.requirements.facts.contains(.survey)
      ? "the rule looks at the whole gradient before it has a direction, and can't be cautious"
      : nil
  }

  /// The base's, and u∘φ; the base's, Σ φ and d.
  public var requirements: RuleRequirements {
    base.requirements + RuleRequirements(stateVectors: [0], scalars: [0, 0], facts: [.survey])
  }

  public func fault(atStep step: Int) -> String? { base.fault(atStep: step) }

  public func begin(_ step: RuleStep) {
    base.begin(step.first(scalars: scalars))
    step.scalars[scalars] = 0
    step.scalars[scalars + 1] = 0
  }

  /// The base's direction, where it agrees with g, into the vector that is kept.
  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let masked = strip.state(vectors)
    let inner = Strip(
      count: strip.count, gradient: strip.gradient, parameters: strip.parameters,
      direction: masked, state: strip.state(0), stride: strip.stride, stateVectors: vectors)
    let innerStep = step.first(scalars: scalars)
    if !base.accelerated(inner, innerStep, moving: nil) { base.direction(inner, innerStep) }
    step.scalars[scalars] += Double(CautiousLoops.mask(masked, strip.gradient, strip.count))
    step.scalars[scalars + 1] += Double(strip.count)
  }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) {
    let (kept, all) = (step.scalars[scalars], step.scalars[scalars + 1])
    CautiousLoops.scale(
      strip.direction, UnsafePointer(strip.state(vectors)),
      Scalar.nearest(to: all / (kept + 1)), strip.count)
  }
}

private enum CautiousLoops {
  /// u where it has the sign of g, else 0·u, so that what is not finite stays so; how many are
  /// left.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func mask<Scalar: ParameterScalar>(
    _ u: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ count: Int
  ) -> Int32 {
    // Loops that vectorise, without a branch, which no processor could foretell.
    var kept: Int32 = 0
    for i in 0..<count { kept = sign(u[i]) * sign(g[i]) > 0 ? kept &+ 1 : kept }
    for i in 0..<count {
      let agrees: Scalar = sign(u[i]) * sign(g[i]) > 0 ? 1 : 0
      u[i] = agrees * u[i]
    }
    return kept
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scale<Scalar: ParameterScalar>(
    _ u: UnsafeMutablePointer<Scalar>, _ masked: UnsafePointer<Scalar>, _ factor: Scalar,
    _ count: Int
  ) {
    for i in 0..<count { u[i] = factor * masked[i] }
  }
}

extension Cautious: Equatable where Base: Equatable {}

extension Cautious: AdjustableRule where Base: AdjustableRule {
  public static var hyperparameters: [Hyperparameter<Self>] {
    let base: WritableKeyPath<Self, Base> = \.base
    return Base.hyperparameters.map {
      Hyperparameter($0.label, base.appending(path: $0.path), $0.domain)
    }
  }
}

extension UpdateRule {
  /// This rule, moving only the coordinates on which it agrees with the gradient.
  ///
  /// - Precondition: the rule asks for no look at the whole gradient of its own.
  public func cautious() -> Cautious<Self> { Cautious(self) }
}

extension Recipe {
  /// `adam.cautious()`.
  package static func cautious<S: ParameterScalar>() -> Recipe
  where Product == Modifier<RuleOnObjective<S>> {
    Recipe(
      "cautious",
      { Modifier(refusing: { cautiousRule($0) }) },
      summary: "moves only the coordinates on which rule and gradient agree (Liang et al. 2024)",
      examples: [
        "adam.cautious()", "heavyBall(momentum: 0.8).cautious()",
        "adam(beta1: 0.8).cautious().then(weightDecay(0.05))",
        "clipByNorm(0.7).then(adam(beta1: 0.75)).cautious()",
      ], compared: [.init("adam.cautious()", as: "adam-cautious")])
  }
}

private func cautiousRule<S>(
  _ given: RuleOnObjective<S>
) -> Result<RuleOnObjective<S>, Refusal> {
  func open<R: UpdateRule<S>>(_ rule: R) -> Result<any UpdateRule<S>, Refusal> {
    Cautious<R>.fault(rule).map { .failure(Refusal($0)) } ?? .success(rule.cautious())
  }
  return open(given.rule).map { RuleOnObjective($0, on: given.objective) }
}
