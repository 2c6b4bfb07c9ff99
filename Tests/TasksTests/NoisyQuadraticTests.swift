import Hypergradient
import Tasks
import Testing

struct NoisyQuadraticTests {
  /// E f after `steps` at a constant rate: Aᵢ ← (1 − η/i)² Aᵢ + η²σ²/i, E f = ½ Σ Aᵢ/i.
  private func expectedLoss(rate: Double, steps: Int, noiseVariance: Double) -> Double {
    (1...100).reduce(0.0) { sum, i in
      let h = 1 / Double(i)
      var a = 1.0
      for _ in 0..<steps {
        a = (1 - rate * h) * (1 - rate * h) * a + rate * rate * noiseVariance * h
      }
      return sum + 0.5 * h * a
    }
  }

  @Test func startHasTheKnownLoss() {
    for instance in 1...3 {
      let task = NoisyQuadratic(instance: instance)
      #expect((task.loss(at: task.start) - 2.593688758819).magnitude < 1e-11)
    }
  }

  /// The mean final loss over seeds against the exact recursion, which gives 0.14686 at the best
  /// constant rate 0.0774 for T = 1000 and σ² = 1.
  @Test func meanLossFollowsTheRecursion() {
    let (rate, steps) = (0.0774, 1000)
    let expected = expectedLoss(rate: rate, steps: steps, noiseVariance: 1)
    #expect((expected - 0.14686).magnitude < 5e-6)
    let task = NoisyQuadratic(instance: 1)
    let losses = (1...16).map {
      task.loss(at: task.descended(rate: rate, steps: steps, seed: $0))
    }
    let n = Double(losses.count)
    let mean = losses.reduce(0, +) / n
    let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    let z = (mean - expected) / (variance / n).squareRoot()
    #expect(z.magnitude < 4, "mean \(mean), expected \(expected)")
    // The losses must scatter little enough for the test to tell a doubled noise.
    #expect((variance / n).squareRoot() < 0.1 * expected)
  }

  @Test func bestConstantRateIsTheKnownOne() {
    let best = expectedLoss(rate: 0.0774, steps: 1000, noiseVariance: 1)
    #expect(best < expectedLoss(rate: 0.076, steps: 1000, noiseVariance: 1))
    #expect(best < expectedLoss(rate: 0.079, steps: 1000, noiseVariance: 1))
  }

  /// Each draw is centred, with variance σ²·tr H in total.
  @Test func noiseHasTheCovarianceOfTheHessian() {
    let d = 30
    let task = NoisyQuadratic(dimension: d, noiseVariance: 4, instance: 2)
    let count = 3000
    let draws = task.draws(seed: 1, steps: 0..<count)
    // Against the Hessian's diagonal, σ²Hⱼⱼ, to five standard errors of a variance.
    let minimiser = task.reference.minimiser!
    for j in 0..<d {
      var theta = minimiser
      theta[j] += 1
      let expected = 4 * task.exactGradient(at: theta)[j]
      let variance =
        (0..<count).reduce(0.0) { $0 + draws.values[$1 * d + j] * draws.values[$1 * d + j] }
        / Double(count)
      #expect((variance / expected - 1).magnitude < 5 * (2 / Double(count)).squareRoot())
    }
  }

  @Test func withoutNoiseTheSeenLossIsExact() {
    let task = NoisyQuadratic(dimension: 10, noiseVariance: 0)
    let seen = task.gradient(at: task.start, step: 0, draws: task.draws(seed: 1, steps: 0..<1))
    #expect(seen.loss == task.loss(at: task.start))
    #expect(seen.gradient == task.exactGradient(at: task.start))
  }
}
