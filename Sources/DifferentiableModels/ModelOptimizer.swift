internal import HypergradientRecipes
public import Hypergradient
public import _Differentiation

/// An optimizer of one type of models, with the shape of those of Swift for TensorFlow and of what came
/// after it: `learningRate`, and `update(_:along:)` with nothing but the model and its gradient.
///
/// It conforms to such a protocol by one line, in the program that has the protocol:
///
///     extension ModelOptimizer: @retroactive Optimizer {}
///
/// ```swift
/// import DifferentiableModels
///
/// var heights: [Double] = [4, -2]
/// let optimizer = try AnyOptimizer<Double>(
///   "adam + hypergradient(initial: 1e-2, hyperLearningRate: 1e-5)", parameterCount: 2)
/// var trained = ModelOptimizer(optimizer, for: heights)
/// trained.update(&heights, along: .init(heights))
/// ```
public struct ModelOptimizer<Model: Differentiable, Scalar: ParameterScalar>: Sendable {
  /// The rule and the controller.
  public private(set) var optimizer: AnyOptimizer<Scalar>
  /// The minibatch loss of the next update, for a controller or a rule that needs it; taken by it.
  public var loss: Double?

  /// - Precondition: the optimizer has as many parameters as the model.
  public init(_ optimizer: AnyOptimizer<Scalar>, for model: Model) {
    let count = parameterCount(of: model, as: Scalar.self)
    require(
      optimizer.parameterCount == count,
      "an optimizer of \(optimizer.parameterCount) parameters for a model of \(count)")
    self.optimizer = optimizer
  }

  /// The rate that the last update applied; before the first, the controller's initial one.
  ///
  /// One that is set stays: the rule goes on with its state, and the controller is gone.
  public var learningRate: Scalar {
    get { Scalar.nearest(to: optimizer.learningRate) }
    set { optimizer = optimizer.under(ConstantRate(Double(newValue))) }
  }

  /// One step along the gradient.
  public mutating func update(_ model: inout Model, along direction: Model.TangentVector) {
    optimizer.update(&model, along: direction, loss: loss)
    loss = nil
  }
}
