package import HypergradientRecipes

/// Trains a few numbers, the hyperparameters of the level below: one level of a tower.
///
/// See ``HyperparameterTower`` for a level whose own hyperparameters are learned; an
/// ``Optimizer``, any rule times any controller that always steps, is a level, too.
public protocol HyperparameterOptimizer: Sendable, Codable {
  /// Whether anything is trained; the level below then finds the derivatives.
  var learns: Bool { get }

  /// How many numbers it was begun for, 0 before; `nil` where it trains any number of them.
  var trainedCount: Int? { get }

  /// Makes the state for `count` numbers.
  mutating func begin(count: Int)

  /// One step on them.
  mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>)
}

extension HyperparameterOptimizer {
  public var trainedCount: Int? { nil }
}

/// The top of a tower: the hyperparameters below stay as they are.
public struct FixedHyperparameters: HyperparameterOptimizer, Equatable {
  public init() {}
  public var learns: Bool { false }
  public mutating func begin(count: Int) {}
  public mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
  ) {}
}

extension Optimizer: HyperparameterOptimizer where Rule.Scalar == Double {
  public var learns: Bool { true }
  public var trainedCount: Int? { parameterCount }

  public mutating func begin(count: Int) {
    require(
      controller.needs.isDisjoint(with: .ofTrainer),
      "a level of a tower has no loss, metric or epoch for its controller")
    self = Optimizer(rule, controller, on: objective, parameterCount: count)
  }

  public mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
  ) {
    _ = step(values, gradient, nil, passing: nil, nil)
  }
}

extension Recipe where Product == any HyperparameterOptimizer {
  /// `.optimizer(adam, rate: constant(1e-3))`.
  package static let optimizer = Recipe(
    "optimizer",
    { (rule: RuleOnObjective<Double>, controller: any LearningRateController) in
      func open<R: UpdateRule<Double>, C: LearningRateController>(
        _ update: R, _ controller: C
      ) -> any HyperparameterOptimizer {
        Optimizer(update, controller, on: rule.objective, parameterCount: 0)
      }
      return open(rule.rule, controller)
    },
    .rule("_", "the rule"), .controller("rate", "the controller of its rate"),
    unless: { _, controller in
      controller.needs.isDisjoint(with: .ofTrainer) && controller.requirements.alwaysSteps
        ? nil : "a level has no loss or metric for this controller"
    }, summary: "any rule times any controller")

  /// What may stand above a level.
  package static var levels: [Recipe] { [.level, .rates, .optimizer] }
}

extension Parameter where Value == (any HyperparameterOptimizer)? {
  /// What trains the numbers of a level; they stay as they are where it is left out.
  static var above: Parameter { above(default: .some(nil)) }

  /// The same, which can't be left out.
  static var neededAbove: Parameter { above(default: nil) }

  private static func above(default standard: Value?) -> Parameter {
    Parameter(
      "by", nil,
      .calls("level") { Recipe<any HyperparameterOptimizer>.levels }, default: standard,
      "what trains them: .level(rule, initial: …, by: …), .rates(initial: …, by: …) or "
        + ".optimizer(rule, rate: …)")
  }
}
