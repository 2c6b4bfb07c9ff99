internal import Experiments
internal import Hypergradient
internal import Tasks

/// A way to keep hypergradient descent from learning the noise.
public struct Guard: Sendable {
  public let name: String
  /// Gradients a step.
  public let gradients: Double
  let make: @Sendable (_ initial: Double, _ dimension: Int) -> any TrainingMethod<Double>

  public static let all = [
    Guard("multiplicative, β 0.02") { optimizer(multiplicative($0, 0.02), $1) },
    Guard("additive, β 0.01") {
      optimizer(HypergradientDescent(initial: $0, hyperLearningRate: 0.01), $1)
    },
    Guard("gate, 50 steps, 2 errors, β 0.02") {
      optimizer(
        SignificanceGate(initial: $0, hyperLearningRate: 0.02, window: 50, threshold: 2), $1)
    },
    Guard("trace, β 0.02") { optimizer(multiplicative($0, 0.02).guardedByTrace(), $1) },
    Guard("trace, β 0.05") { optimizer(multiplicative($0, 0.05).guardedByTrace(), $1) },
    Guard("independent draw, β 0.02", gradients: 2) { initial, _ in
      IndependentAlignment(GradientDescent(), by: multiplicative(initial, 0.02))
    },
    Guard("independent draw every 4, β 0.08", gradients: 1.25) { initial, _ in
      IndependentAlignment(GradientDescent(), by: multiplicative(initial, 0.08), every: 4)
    },
    Guard("both, β 0.05", gradients: 2) { initial, _ in
      IndependentAlignment(GradientDescent(), by: multiplicative(initial, 0.05).guardedByTrace())
    },
  ]

  private init(
    _ name: String, gradients: Double = 1,
    _ make: @escaping @Sendable (Double, Int) -> any TrainingMethod<Double>
  ) {
    self.name = name
    self.gradients = gradients
    self.make = make
  }

  private static func multiplicative(
    _ initial: Double, _ beta: Double
  ) -> HypergradientDescent<GradientDescent<Double>, ConstantRate> {
    HypergradientDescent(initial: initial, hyperLearningRate: beta, form: .multiplicative)
  }

  private static func optimizer(
    _ controller: some LearningRateController, _ dimension: Int
  ) -> any TrainingMethod<Double> {
    Optimizer(GradientDescent<Double>(), controller, parameterCount: dimension)
  }

  /// The median loss, over the best constant rate's expectation, and the median rate.
  public func result(
    in cell: Cell, from initial: Double, instances: ClosedRange<Int>, best: Double
  ) -> (ratio: Double, rate: Double) {
    let runs = instances.map { run(cell, from: initial, instance: $0) }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    return (median(runs.map(\.loss)) / best, median(runs.map(\.rate)))
  }

  private func run(
    _ cell: Cell, from initial: Double, instance: Int
  ) -> (loss: Double, rate: Double) {
    let task = cell.task(instance: instance)
    // Draw k of a step is the task's noise under a seed of its own.
    var oracle = TaskOracle(task: task, seed: instance, drawsAhead: 100) {
      instance + 1_000_000 * $0
    }
    func train<M: TrainingMethod<Double>>(_ made: M) -> (loss: Double, rate: Double) {
      var method = made
      var theta = task.start
      method.begin(at: theta)
      method.train(&theta, on: &oracle, steps: 0..<cell.steps) { step, _, oracle in
        oracle.begin(step: step)
        return true
      }
      return (task.loss(at: theta), method.learningRate)
    }
    return train(make(initial, task.dimension))
  }
}
