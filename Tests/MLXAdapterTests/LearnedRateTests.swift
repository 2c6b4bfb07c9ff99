import Hypergradient
import Testing

// This module's own SGD and Optimizer are the stand-ins.

struct LearnedRateTests {
  private static let curvatures: [Float] = [1, 2, 4, 8]

  private func gradients(_ model: Module) -> ModuleParameters {
    ModuleParameters(
      items: model.items.mapValues { MLXArray(zip(Self.curvatures, $0.values).map { $0 * $1 }) })
  }

  private func model() -> Module {
    Module([
      "layers.0.weight": MLXArray([1, -2, 3, 0.5]), "layers.0.bias": MLXArray([0.25, 1, 1, -1]),
    ])
  }

  private static let controllers: [any LearningRateController] = [
    HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-5),
    HypergradientDescent(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative),
    ConstantRate(0.01),
  ]

  /// The rates are those of the package's own descent, which knows u exactly, but for what is lost in the
  /// difference of two floats.
  @Test(arguments: 0..<3) func ratesAreThoseOfTheOpenOptimizer(_ index: Int) {
    let controller = Self.controllers[index]
    let model = model()
    let learned = LearnedRate(SGD(learningRate: 1), \.learningRate, controller)
    var open = AnyOptimizer(GradientDescent<Float>(), controller, parameterCount: 8)
    let names = model.items.keys.sorted()
    var row = names.flatMap { model.items[$0]!.values }
    for _ in 0..<40 {
      learned.update(model: model, gradients: gradients(model))
      open.step(&row, gradient: row.indices.map { Self.curvatures[$0 % 4] * row[$0] })
      let rate = learned.controller.learningRate
      #expect((rate - open.learningRate).magnitude < 1e-3 * open.learningRate)
      #expect(learned.base.learningRate == Float(rate))
    }
    let trained = names.flatMap { model.items[$0]!.values }
    #expect(zip(trained, row).allSatisfy { ($0 - $1).magnitude < 1e-3 })
    #expect(index == 2 || learned.controller.learningRate > 2e-3)
  }

  /// `compile` is told of all that an update changes.
  @Test func stateIsTheBasesAndTheParametersBefore() {
    let model = model()
    let learned = LearnedRate(SGD(learningRate: 1), \.learningRate, ConstantRate(0.1))
    #expect(learned.innerState().isEmpty)
    let before = model.parameters().flattened().map(\.1.values)
    learned.update(model: model, gradients: gradients(model))
    #expect(learned.innerState().map(\.values) == before)
  }
}
