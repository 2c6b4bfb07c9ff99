import Hypergradient
import Tasks
import Testing

struct LeastSquaresTests {
  private func epochMean(_ task: LeastSquares, at theta: [Double], seed: Int) -> (
    loss: Double, gradient: [Double]
  ) {
    let steps = 0..<task.stepsPerEpoch!
    let draws = task.draws(seed: seed, steps: steps)
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: task.dimension)
    for step in steps {
      let seen = task.gradient(at: theta, step: step, draws: draws)
      loss += seen.loss / Double(steps.count)
      for i in gradient.indices { gradient[i] += seen.gradient[i] / Double(steps.count) }
    }
    return (loss, gradient)
  }

  /// The exact loss goes by the normal equations, the seen one by the residuals: over an epoch they
  /// must agree.
  @Test(arguments: [0, 0.5])
  func epochMeanIsExact(_ labelNoise: Double) {
    let task = LeastSquares(
      dimension: 10, examples: 40, condition: 100, labelNoise: labelNoise, batch: 8, instance: 2)
    let mean = epochMean(task, at: task.start, seed: 1)
    let exact = task.exactGradient(at: task.start)
    #expect((mean.loss / task.loss(at: task.start) - 1).magnitude < 1e-12)
    #expect(norm(zip(mean.gradient, exact).map { $0 - $1 }) < 1e-12 * norm(exact))
  }

  @Test func interpolationHasNoNoiseAtItsMinimum() {
    let task = LeastSquares(dimension: 10, examples: 40, batch: 8, instance: 1)
    #expect(task.reference.kind == .exact && task.reference.value == 0)
    let draws = task.draws(seed: 1, steps: 0..<1)
    let minimiser = task.reference.minimiser!
    let there = task.gradient(at: minimiser, step: 0, draws: draws)
    #expect(there.loss == 0)
    let here = task.gradient(at: task.start, step: 0, draws: draws)
    #expect(norm(there.gradient) < 1e-14 * norm(here.gradient))
  }

  @Test func labelNoiseHasResidualVariance() {
    // E f* = σ²/2 · (N − d)/N, with relative standard deviation √(2/(N − d)).
    let task = LeastSquares(dimension: 20, examples: 220, labelNoise: 2, batch: 20, instance: 1)
    #expect(task.reference.kind == .certified)
    #expect((task.reference.value / (2 * 200.0 / 220) - 1).magnitude < 5 * (2 / 200.0).squareRoot())
    // The certificate by minibatches, which know nothing of the factorisation.
    let mean = epochMean(task, at: task.reference.minimiser!, seed: 4)
    #expect((mean.loss / task.reference.value - 1).magnitude < 1e-12)
    #expect(norm(mean.gradient) < 1e-13)
    #expect(
      norm(
        task.gradient(
          at: task.reference.minimiser!, step: 0, draws: task.draws(seed: 1, steps: 0..<1)
        ).gradient) > 0.01)
  }
}
