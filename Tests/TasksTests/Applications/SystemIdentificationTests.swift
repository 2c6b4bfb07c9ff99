import Hypergradient
import Tasks
import Testing

struct SystemIdentificationTests {
  /// E f* = states·σ²/2·(T − regressors)/T, with relative standard deviation √(2/(states·T)).
  @Test(arguments: [0.01, 1, 30]) func residualsHaveTheNoisesVariance(_ noise: Double) {
    let task = SystemIdentification(
      states: 5, controls: 3, noise: noise, length: 400, batch: 20, instance: 2)
    let expected = 5 * noise * noise / 2 * (392.0 / 400)
    #expect((task.reference.value / expected - 1).magnitude < 5 * (2 / 2000.0).squareRoot())
  }

  /// The estimate is the closer to the truth the less noise there is: an error of σ over √T.
  @Test func theEstimateIsConsistent() {
    let minimisers = [1e-3, 1.0].map {
      SystemIdentification(noise: $0, length: 4000, batch: 8, instance: 3).reference.minimiser!
    }
    #expect(norm(zip(minimisers[0], minimisers[1]).map { $0 - $1 }) < 0.3)
    #expect(norm(minimisers[0]) > 1)
  }

  /// The exact loss goes by the normal equations, the seen one by the residuals.
  @Test func epochMeanIsExact() {
    let task = SystemIdentification(states: 3, controls: 1, length: 64, batch: 16)
    let draws = task.draws(seed: 1, steps: 0..<4)
    for point in [task.start, task.reference.minimiser!] {
      let seen = (0..<4).map { task.gradient(at: point, step: $0, draws: draws) }
      let loss = seen.map(\.loss).reduce(0, +) / 4
      #expect((loss / task.loss(at: point) - 1).magnitude < 1e-12)
      let exact = task.exactGradient(at: point)
      let mean = exact.indices.map { i in seen.map { $0.gradient[i] / 4 }.reduce(0, +) }
      #expect(norm(zip(mean, exact).map { $0 - $1 }) < 1e-12 * norm(task.start))
    }
  }
}
