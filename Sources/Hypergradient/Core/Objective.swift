package import HypergradientRecipes

/// What is minimised, in terms of what a trainer passes: f itself, −f, or either with an ℓ2 penalty.
///
///     minimised:  ±f(θ) + (λ/2)‖θ‖²
///     g = ±∇f(θ) + λθ        before everything, the alignment included
///
/// It belongs to an ``Optimizer``, or to the oracle that a method asks (`method.on(objective)`), and
/// no rule or controller knows of it: they see the gradient of what is minimised. The loss that
/// controllers and rules see is ±f, without the penalty, as PyTorch's users pass it; a method that
/// asks an oracle sees ±f + (λ/2)‖θ‖², so that its line searches compare what they descend on. A
/// metric is the trainer's own affair.
///
/// `.penalized(by: 1e-4)` is PyTorch's `weight_decay=1e-4` of the coupled kind, `.maximizing` its
/// `maximize=True`; together they climb f − (λ/2)‖θ‖². Decoupled decay is a rule, ``WeightDecay``.
public struct Objective: Sendable, Codable, Equatable {
  /// λ; at least 0.
  public var penalty: Double
  /// Whether f is maximised.
  public var maximizes: Bool

  /// - Precondition: `penalty` is finite and at least 0.
  public init(penalty: Double = 0, maximizes: Bool = false) {
    require(
      penalty >= 0 && penalty.isFinite,
      "the penalty coefficient is \(penalty), not a number of at least 0")
    self.penalty = penalty
    self.maximizes = maximizes
  }

  /// Without a check, so that a step on f itself costs nothing for the others.
  @inlinable init(plain: Void) { (penalty, maximizes) = (0, false) }

  /// f as it is.
  @inlinable public static var plain: Objective { Objective(plain: ()) }
  /// −f.
  public static var maximizing: Objective { Objective(maximizes: true) }
  /// f + (λ/2)‖θ‖².
  public static func penalized(by coefficient: Double) -> Objective {
    Objective(penalty: coefficient)
  }

  /// With (λ/2)‖θ‖² more.
  public func penalized(by coefficient: Double) -> Objective {
    Objective(penalty: penalty + coefficient, maximizes: maximizes)
  }

  /// Of −f, with the penalty's sign kept.
  public func maximized() -> Objective { Objective(penalty: penalty, maximizes: true) }

  /// Whether g is not ∇f itself.
  @inlinable var changesGradient: Bool { penalty != 0 || maximizes }

  /// What a rule or a controller sees for f.
  @inlinable func seen(_ loss: Double) -> Double { maximizes ? -loss : loss }

  /// With the terms of both; what either maximises is maximised.
  public static func + (a: Objective, b: Objective) -> Objective {
    Objective(penalty: a.penalty + b.penalty, maximizes: a.maximizes || b.maximizes)
  }
}

/// A rule of any type with the objective that a text gave it: `adam.penalized(by: 1e-4)`.
public struct RuleOnObjective<Scalar: ParameterScalar>: Sendable {
  public var rule: any UpdateRule<Scalar>
  public var objective: Objective

  public init(_ rule: any UpdateRule<Scalar>, on objective: Objective = .plain) {
    self.rule = rule
    self.objective = objective
  }
}

extension Recipe {
  /// `adam.penalized(by: 1e-4)`.
  package static func penalized<S: ParameterScalar>() -> Recipe
  where Product == Modifier<RuleOnObjective<S>> {
    Recipe(
      "penalized",
      { (coefficient: Double) in
        Modifier { RuleOnObjective($0.rule, on: $0.objective.penalized(by: coefficient)) }
      },
      .number("by", in: .atLeast(0), unit: "loss/parameters²", "λ of the penalty (λ/2)‖θ‖²"),
      summary: "coupled weight decay: an ℓ2 penalty in the objective",
      examples: [
        "nesterov.penalized(by: 0.2)", "clipByNorm(0.7).then(heavyBall).penalized(by: 0.1)",
        "autostep(initialRate: 4, metaRate: 0.1).penalized(by: 0.1)",
      ])
  }

  /// `adam.maximizing()`.
  package static func maximizing<S: ParameterScalar>() -> Recipe
  where Product == Modifier<RuleOnObjective<S>> {
    Recipe(
      "maximizing", { Modifier { RuleOnObjective($0.rule, on: $0.objective.maximized()) } },
      summary: "climbs: the objective is −f, with the penalty's sign kept",
      examples: [
        "adam(beta1: 0.7).maximizing()",
        "nadam(beta2: 0.9).then(weightDecay(0.1)).penalized(by: 0.2).maximizing()",
      ])
  }
}

extension Objective {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    penalty = try state.number(.penalty, in: .atLeast(0))
    maximizes = try state.value(.maximizes)
  }
}
