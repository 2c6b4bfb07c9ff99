public import HypergradientRecipes

/// A rule whose steps are skipped where they are not finite, before anything is spoiled:
///
///     u_t = base(g_t, …)      where g_t, u_t and the state after it are finite
///     no step                 elsewhere: θ, the rule's state and the controller stay, and it is counted
///
/// One gradient that is NaN or infinite spoils the momentum of a rule and the parameters for good; one
/// that is finite, and so large that its square is not, stops a coordinate of Adam and its relatives for
/// good. A schedule does not go on at a skipped step. After a direction that was not finite the next
/// alignment is zero. In a chain, a guard of one rule is one of all.
///
/// A rule that can't make a finite direction, as Adam with ε = 0 for a coordinate whose gradients are
/// all zero, skips every step: an ε above 0 is the remedy there.
///
/// An ``Optimizer`` counts such steps as skipped. During a step there is room for a copy of the rule's
/// state, and for u.
public struct Guarded<Base: UpdateRule>: UpdateRule {
  public typealias Scalar = Base.Scalar

  public var base: Base

  public init(_ base: Base) { self.base = base }

  public var requirements: RuleRequirements {
    var all = base.requirements
    all.facts.insert(.guarded)
    return all
  }

  public func fault(atStep step: Int) -> String? { base.fault(atStep: step) }

  public func begin(_ step: RuleStep) { base.begin(step) }

  public func survey(_ strip: Strip<Scalar>, _ step: RuleStep) { base.survey(strip, step) }

  public func direction(_ strip: Strip<Scalar>, _ step: RuleStep) { base.direction(strip, step) }

  public func accelerated(
    _ strip: Strip<Scalar>, _ step: RuleStep, moving: StripMove<Scalar>?
  ) -> Bool { base.accelerated(strip, step, moving: moving) }
}

extension Guarded: Equatable where Base: Equatable {}

extension Guarded: AdjustableRule where Base: AdjustableRule {
  public static var hyperparameters: [Hyperparameter<Self>] {
    let base: WritableKeyPath<Self, Base> = \.base
    return Base.hyperparameters.map {
      Hyperparameter($0.label, base.appending(path: $0.path), $0.domain)
    }
  }
}

extension UpdateRule {
  /// This rule, whose steps are skipped where they are not finite.
  public func guarded() -> Guarded<Self> { Guarded(self) }
}

extension Recipe {
  /// `adam.guarded()`.
  package static func guarded<S: ParameterScalar>() -> Recipe
  where Product == Modifier<RuleOnObjective<S>> {
    Recipe(
      "guarded",
      {
        Modifier { given in
          func open<R: UpdateRule<S>>(_ rule: R) -> any UpdateRule<S> { rule.guarded() }
          return RuleOnObjective(open(given.rule), on: given.objective)
        }
      },
      summary: "a step that is not finite is skipped and counted, before the state is spoiled",
      examples: [
        "adam(beta1: 0.6, beta2: 0.7).guarded()",
        "clipByNorm(0.8).then(heavyBall(momentum: 0.6)).guarded().penalized(by: 0.3)",
        "autostep(initialRate: 0.02, metaRate: 0.3).guarded()",
      ])
  }
}
