import DifferentiableModels
import Hypergradient
import HypergradientCatalogue
import Testing
import _Differentiation

// The protocol of optimizers of Swift for TensorFlow (swift-apis, Sources/TensorFlow/Optimizers), as far
// as it has to do with tensors' gradients, and a trainer that knows nothing else.

private protocol TensorFlowOptimizer {
  associatedtype Model: Differentiable
  associatedtype Scalar: FloatingPoint
  var learningRate: Scalar { get set }
  mutating func update(_ model: inout Model, along direction: Model.TangentVector)
}

private struct Descent<Model: Differentiable>: TensorFlowOptimizer
where Model.TangentVector: VectorProtocolStandIn {
  var learningRate: Double
  mutating func update(_ model: inout Model, along direction: Model.TangentVector) {
    model.move(by: direction.scaled(by: -learningRate))
  }
}

private protocol VectorProtocolStandIn {
  func scaled(by factor: Double) -> Self
}

extension Array<Double>.DifferentiableView: VectorProtocolStandIn {
  fileprivate func scaled(by factor: Double) -> Self { Self(base.map { factor * $0 }) }
}

extension ModelOptimizer: TensorFlowOptimizer {}

private func train<Trainer: TensorFlowOptimizer>(
  _ model: inout Trainer.Model, _ optimizer: inout Trainer, steps: Int,
  gradient: (Trainer.Model) -> Trainer.Model.TangentVector
) {
  for _ in 0..<steps { optimizer.update(&model, along: gradient(model)) }
}

struct TensorFlowStandInTests {
  private func gradient(_ x: [Double]) -> [Double].DifferentiableView {
    .init(x.enumerated().map { Double($0 + 1) * $1 })
  }

  /// A trainer of the protocol takes ours for its own, and makes the same steps with it.
  @Test func trainerTakesOursForItsOwn() throws {
    let start = [1.0, -2, 3]
    var (ours, theirs) = (start, start)
    let descent = Optimizer(GradientDescent<Double>(), ConstantRate(0.125), for: start)
    var adapter = ModelOptimizer(AnyOptimizer(descent), for: start)
    var own = Descent<[Double]>(learningRate: 0.125)
    train(&ours, &adapter, steps: 20, gradient: gradient)
    train(&theirs, &own, steps: 20, gradient: gradient)
    // 1/8 is exact, so that −(η·g) and −η·g are the same bits.
    #expect(ours == theirs)
    #expect(adapter.learningRate == 0.125)
  }

  @Test func theRateIsLearned() throws {
    var model = [1.0, -2, 3]
    var adapter = ModelOptimizer(
      try AnyOptimizer<Double>(
        "sgd + hypergradient(initial: 1e-3, hyperLearningRate: 1e-4)", parameterCount: 3),
      for: model)
    train(&model, &adapter, steps: 50, gradient: gradient)
    #expect(adapter.learningRate > 2e-3)
    let learned = adapter.learningRate
    adapter.learningRate = 0.5 * learned
    let before = model
    train(&model, &adapter, steps: 1, gradient: gradient)
    #expect(model == before.enumerated().map { $1 - 0.5 * learned * (Double($0 + 1) * $1) })
    #expect(adapter.learningRate == 0.5 * learned)
  }

  /// A loss is handed to a controller that needs it, once.
  @Test func theLossIsPassedOn() throws {
    var model = [1.0]
    var adapter = ModelOptimizer(
      try AnyOptimizer<Double>(
        "sgd + plateau(initial: 0.1, reduce: .by(0.5, after: 5))", parameterCount: 1), for: model)
    adapter.loss = 0.5
    adapter.update(&model, along: gradient(model))
    #expect(adapter.loss == nil && model == [0.9])
  }
}
