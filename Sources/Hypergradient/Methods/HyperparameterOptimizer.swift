/// Trains a few numbers, the hyperparameters of the level below: one level of a tower.
///
/// See ``LearnedHyperparameters`` for a level whose own hyperparameters are learned; an
/// ``Optimizer``, any rule times any controller that always steps, is a level, too.
public protocol HyperparameterOptimizer: Sendable, Codable {
  /// Whether anything is trained; the level below then finds the derivatives.
  var learns: Bool { get }

  /// Makes the state for `count` numbers.
  mutating func begin(count: Int)

  /// One step on them.
  mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>)
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

  public mutating func begin(count: Int) {
    precondition(
      controller.needs.isDisjoint(with: [.loss, .metric, .epoch]),
      "a level of a tower has no loss, metric or epoch for its controller")
    self = Optimizer(rule, controller, parameterCount: count)
  }

  public mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
  ) {
    _ = step(values, gradient: gradient, loss: nil, metric: nil, epoch: nil)
  }
}
