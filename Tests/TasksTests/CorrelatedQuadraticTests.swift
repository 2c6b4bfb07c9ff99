import Hypergradient
import Tasks
import Testing

struct CorrelatedQuadraticTests {
  /// Without correlation it is the noisy quadratic, bit for bit.
  @Test func withoutCorrelationTheDrawsAreWhite() {
    let (plain, task) = (
      NoisyQuadratic(dimension: 9, noiseVariance: 2, instance: 5),
      CorrelatedQuadratic(dimension: 9, noiseVariance: 2, correlation: 0, instance: 5)
    )
    #expect(
      plain.draws(seed: 3, steps: 7..<40).values == task.draws(seed: 3, steps: 7..<40).values)
    #expect(plain.start == task.start)
  }

  /// Any cut gives the same bits; single steps far from zero included.
  @Test(arguments: [0.3, 0.9, -0.7, 0.999])
  func drawsDependOnTheirStepAlone(_ correlation: Double) {
    let task = CorrelatedQuadratic(dimension: 3, correlation: correlation)
    let d = task.dimension
    let first = 1000
    let whole = task.draws(seed: 2, steps: first..<1100).values
    for size in [1, 3, 7, 64] {
      var pieces: [Double] = []
      for start in stride(from: first, to: 1100, by: size) {
        pieces += task.draws(seed: 2, steps: start..<min(start + size, 1100)).values
      }
      #expect(pieces == whole, "blocks of \(size)")
    }
    #expect(task.draws(seed: 2, steps: 1024..<1025).values == Array(whole[(24 * d)..<(25 * d)]))
    #expect(task.draws(seed: 2, steps: 0..<0).values == [])
  }

  /// Variance σ²tr H of the draws and their autocorrelation ρᵏ, within four standard errors: Bartlett's
  /// for an AR(1) process, Var r_k = ((1+ρ²)(1−ρ²ᵏ)/(1−ρ²) − 2kρ²ᵏ)/n.
  @Test(arguments: [0.5, 0.9, -0.5, -0.9, 0.99])
  func theNoiseIsAnAutoregression(_ correlation: Double) {
    let (d, steps, seeds) = (24, 1200, 20)
    let task = CorrelatedQuadratic(dimension: d, noiseVariance: 4, correlation: correlation)
    // The noise is √Λ·z in the basis of H: as many independent series count as (tr H)²/tr H².
    let trace = (1...d).reduce(0) { $0 + 1 / Double($1) }
    let squares = (1...d).reduce(0) { $0 + 1 / Double($1 * $1) }
    let count = Double(steps * seeds) * trace * trace / squares
    let lags = [0, 1, 2, 3, 5, 8, 20]
    var sums = [Double](repeating: 0, count: lags.count)
    for seed in 1...seeds {
      let values = task.draws(seed: seed, steps: 0..<steps).values
      for (index, lag) in lags.enumerated() {
        for i in 0..<((steps - lag) * d) { sums[index] += values[i] * values[i + lag * d] }
      }
    }
    let rho = correlation
    let variance = sums[0] / Double(steps * seeds) / (4 * trace)
    let spread = (2 * (1 + rho * rho) / (1 - rho * rho) / count).squareRoot()
    #expect((variance - 1).magnitude < 4 * spread, "variance \(variance)")
    for (index, lag) in lags.enumerated().dropFirst() {
      var power = 1.0
      for _ in 0..<lag { power *= rho }
      let square = power * power
      let error =
        (((1 + rho * rho) * (1 - square) / (1 - rho * rho) - 2 * Double(lag) * square) / count)
        .squareRoot()
      let found = sums[index] / sums[0] * Double(steps) / Double(steps - lag)
      #expect((found - power).magnitude < 4 * error, "lag \(lag): \(found), not \(power)")
      // Narrow enough to tell it from another correlation.
      if lag == 1 { #expect(error < 0.0025) }
    }
  }

  /// What correlation alone does to normalised multiplicative hypergradient descent (σ = 0.1, β = 0.02,
  /// 3000 steps from α = 0.05): white noise leaves a rate near 0.1, positive correlation drives it to
  /// the edge of stability, negative correlation to nothing.
  ///
  /// Recorded elsewhere, one run each: α 0.095, 1.69, 1.97, 2.7e-10 and f 0.0014, 0.055, 0.198, 0.131
  /// for ρ = 0, 0.5, 0.9, −0.5; runs of other seeds spread by the ranges below.
  @Test(arguments: [
    (0.0, 0.095, 1.4, 0.0014, 2.2), (0.5, 1.69, 1.25, 0.055, 2.5), (0.9, 1.97, 1.25, 0.198, 2.5),
    (-0.5, 2.7e-10, 4, 0.131, 1.2),
  ]) func correlationDrivesTheLearnedRate(
    _ correlation: Double, _ rate: Double, _ rateFactor: Double, _ loss: Double,
    _ lossFactor: Double
  ) {
    let task = CorrelatedQuadratic(correlation: correlation)
    let runs = (1...3).map { seed in
      var optimizer = Optimizer(
        GradientDescent<Double>(),
        HypergradientDescent(initial: 0.05, hyperLearningRate: 0.02, form: .multiplicative),
        parameterCount: task.dimension)
      var theta = task.start
      var gradient = theta
      var scratch = [Double](repeating: 0, count: task.scratchCount)
      for block in stride(from: 0, to: 3000, by: 100) {
        let draws = task.draws(seed: seed, steps: block..<(block + 100))
        for step in draws.steps {
          _ = task.gradient(
            at: theta, step: step, draws: draws, into: &gradient, scratch: &scratch)
          optimizer.step(&theta, gradient: gradient)
        }
      }
      return (rate: optimizer.learningRate, loss: task.loss(at: theta))
    }
    let found = (
      rate: runs.map(\.rate).sorted()[1], loss: runs.map(\.loss).sorted()[1]
    )
    #expect(
      (1 / rateFactor...rateFactor).contains(found.rate / rate), "α \(found.rate), not \(rate)")
    #expect(
      (1 / lossFactor...lossFactor).contains(found.loss / loss), "f \(found.loss), not \(loss)")
  }
}
