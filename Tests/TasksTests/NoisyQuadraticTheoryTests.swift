import Hypergradient
import PortableMath
import Tasks
import Testing

/// Exact expectations on noisy quadratics against values that were computed independently.
struct NoisyQuadraticTheoryTests {
  /// Schedules on h = 1/i, c = σ²h, A₀ = 1; the optimised one is an upper bound.
  struct Row: Sendable {
    let steps: Int
    let noiseVariance: Double
    let constant, linear, cosine, greedy, optimised: Double
    /// Half a unit of the last digit given.
    let digits: Double
  }
  static let rows = [
    Row(
      steps: 1000, noiseVariance: 1, constant: 0.14686, linear: 0.07593, cosine: 0.078508,
      greedy: 0.25261, optimised: 0.067531, digits: 1.1e-5),
    Row(
      steps: 1000, noiseVariance: 0.01, constant: 0.003968, linear: 0.0011498, cosine: 0.0010984,
      greedy: 0.010957, optimised: 0.00073176, digits: 5.1e-7),
    Row(
      steps: 100, noiseVariance: 1, constant: 0.58088, linear: 0.44318, cosine: 0.46829,
      greedy: 0.6677, optimised: 0.43353, digits: 2.1e-5),
  ]

  @Test func theLossAtTheStart() {
    let theory = NoisyQuadraticTheory.inverse(noiseVariance: 1)
    #expect((theory.expectedLoss([]) - 2.5937).magnitude < 5e-5)
  }

  @Test(arguments: rows) func schedulesHaveTheKnownLosses(_ row: Row) {
    let theory = NoisyQuadraticTheory.inverse(noiseVariance: row.noiseVariance)
    let steps = row.steps
    func expect(_ loss: Double, _ known: Double, _ name: String) {
      // The known values are of a grid, so that none is below the least.
      #expect((loss - known).magnitude < row.digits, "\(name): \(loss), not \(known)")
    }
    let constant = theory.best(ConstantSchedule(1), steps: steps)
    let linear = theory.best(LinearSchedule(from: 1, to: 0, over: Double(steps)), steps: steps)
    let cosine = theory.best(CosineSchedule(from: 1, to: 0, over: Double(steps)), steps: steps)
    let greedy = theory.expectedLoss(theory.greedyRates(steps: steps))
    expect(constant.loss, row.constant, "constant")
    expect(linear.loss, row.linear, "linear")
    expect(cosine.loss, row.cosine, "cosine")
    expect(greedy, row.greedy, "greedy")
    let start = (0..<steps).map { linear.scale * (1 - Double($0) / Double(steps)) }
    let optimised = theory.expectedLoss(theory.refined(start))
    expect(optimised, row.optimised, "optimised")
    #expect(optimised < min(linear.loss, cosine.loss))
    if steps == 1000, row.noiseVariance == 1 {
      #expect((constant.scale - 0.0774).magnitude < 1e-3)
      #expect((greedy / optimised - 3.7).magnitude < 0.05)
      #expect((greedy / constant.loss - 1.7).magnitude < 0.05)
    }
  }

  /// The optimised rates are where every derivative vanishes, by finite differences.
  @Test func refinedRatesAreStationary() {
    let theory = NoisyQuadraticTheory.inverse(dimension: 20, noiseVariance: 0.1)
    let rates = theory.refined([Double](repeating: 0.2, count: 30), sweeps: 200)
    let least = theory.expectedLoss(rates)
    for step in rates.indices {
      for factor in [0.99, 1.01] {
        var moved = rates
        moved[step] *= factor
        #expect(theory.expectedLoss(moved) > least)
      }
      var (more, less) = (rates, rates)
      more[step] += 1e-5
      less[step] -= 1e-5
      let slope = (theory.expectedLoss(more) - theory.expectedLoss(less)) / 2e-5
      #expect(slope.magnitude < 1e-7 * least)
    }
    var loss = Double.infinity
    for sweeps in 1...6 {
      let next = theory.expectedLoss(
        theory.refined([Double](repeating: 0.2, count: 30), sweeps: sweeps))
      #expect(next <= loss)
      loss = next
    }
  }

  /// Wu et al.'s noisy quadratic, h = logspace(−2, 0, 100), s² = 1: losses above their floor.
  @Test(arguments: [
    (1.0, 100, 0.650081, 0.1308, 0.700539, 0.928),
    (1, 1000, 0.242036, 0.0378, 0.175597, 1.378),
    (100, 100, 9.122715, 0, 4.508412, 2.02),
    (100, 1000, 2.189308, 0.1743, 0.623389, 3.51),
  ]) func greedyRatesAreShortSighted(
    _ moment: Double, _ steps: Int, _ greedy: Double, _ rate: Double, _ constant: Double,
    _ ratio: Double
  ) {
    let theory = NoisyQuadraticTheory.scatteredMinima(initialMoment: moment)
    let floor = 0.5 * theory.curvatures.reduce(0, +)
    #expect((floor - 10.895719).magnitude < 5e-7)
    let rates = theory.greedyRates(steps: steps)
    let loss = theory.expectedLoss(rates)
    #expect((loss - greedy).magnitude < 5.1e-7, "\(loss)")
    if rate > 0 {
      // Their rate is given to four digits, and of a grid.
      let at = theory.expectedLoss(ConstantSchedule(1), times: rate, steps: steps)
      #expect((at / constant - 1).magnitude < 1e-3, "\(at)")
    }
    let best = theory.best(ConstantSchedule(1), steps: steps)
    #expect(best.loss <= constant * (1 + 1e-6) && best.loss > 0.995 * constant, "\(best)")
    #expect((loss / constant - ratio).magnitude < 0.006)
    if moment == 1, steps == 1000 {
      #expect((rates[0] - 0.7330).magnitude < 5e-5)
      #expect((rates[999] - 0.00520).magnitude < 5e-6)
    }
  }

  /// A minimum that walks, x*_{t+1} = x*_t + q w, seen through noise r: the least steady error of any
  /// constant rate is the Kalman filter's P, at α = K/h, with R = (r/h)²,
  /// P = (q² + √(q⁴ + 4q²R))/2 and K = P/(P + R).
  @Test(arguments: [(0.1, 1.0, 1.0), (0.3, 0.5, 2), (0.02, 1, 0.25)])
  func aMovingTargetHasTheKalmanRate(_ q: Double, _ r: Double, _ h: Double) {
    let noise = (r / h) * (r / h)
    let p = (q * q + (q * q * q * q + 4 * q * q * noise).squareRoot()) / 2
    let rate = p / (p + noise) / h
    if (q, r, h) == (0.1, 1, 1) { #expect((rate - 0.095125).magnitude < 5e-7) }
    /// E (x − x*)² in the long run: P ← (1 − ah)²P + a²r² + q².
    func steady(_ a: Double) -> Double {
      var error = 1.0
      for _ in 0..<20_000 {
        error = (1 - a * h) * (1 - a * h) * error + a * a * r * r + q * q
      }
      return error
    }
    #expect((steady(rate) / p - 1).magnitude < 1e-12)
    #expect(steady(0.99 * rate) > p && steady(1.01 * rate) > p)
  }

  /// x_T = Π(1−ah) x₀ − Σ_s w_s ξ_s with w_s = a_s Π_{t>s}(1−a_t h), so that
  /// E x_T² = Π(1−ah)² A₀ + c ΣΣ w_s w_r ρ^|s−r|.
  @Test(arguments: [0, 0.5, 0.9, -0.7]) func theRecursionIsTheDoubleSum(_ correlation: Double) {
    let (h, c, moment, steps) = (0.6, 0.3, 2.5, 40)
    let theory = NoisyQuadraticTheory(
      curvatures: [h], noiseVariances: [c], initialMoment: moment, correlation: correlation)
    let rates = (0..<steps).map { 0.9 - 0.02 * Double($0) }
    var (kept, weights) = (1.0, [Double](repeating: 0, count: steps))
    for step in rates.indices.reversed() {
      weights[step] = rates[step] * kept
      kept *= 1 - rates[step] * h
    }
    var expected = kept * kept * moment
    for s in rates.indices {
      for r in rates.indices {
        expected +=
          c * weights[s] * weights[r]
          * (0..<(s - r).magnitude).reduce(1.0) { power, _ in power * correlation }
      }
    }
    #expect((theory.expectedLoss(rates) / (0.5 * h * expected) - 1).magnitude < 1e-12)
  }

  // MARK: The tasks against their theory

  /// Mean final losses over seeds, at a constant and at a decaying rate, within four standard errors.
  @Test(arguments: [(0.01, 0.0), (1, 0), (0.01, 0.9), (0.01, -0.5), (1, 0.5)])
  func tasksFollowTheRecursion(_ noiseVariance: Double, _ correlation: Double) {
    let (d, steps) = (40, 300)
    let theory = NoisyQuadraticTheory.inverse(
      dimension: d, noiseVariance: noiseVariance, correlation: correlation)
    let schedules: [any Schedule] = [
      ConstantSchedule(0.1), LinearSchedule(from: 0.5, to: 0, over: Double(steps)),
    ]
    for schedule in schedules {
      let losses = (1...24).map { seed in
        let theta: [Double]
        if correlation == 0 {
          theta = descend(
            NoisyQuadratic(dimension: d, noiseVariance: noiseVariance, instance: 3), schedule,
            steps,
            seed)
        } else {
          theta = descend(
            CorrelatedQuadratic(
              dimension: d, noiseVariance: noiseVariance, correlation: correlation, instance: 3),
            schedule, steps, seed)
        }
        return NoisyQuadratic(dimension: d, instance: 3).loss(at: theta)
      }
      let expected = theory.expectedLoss((0..<steps).map { schedule($0) })
      let n = Double(losses.count)
      let mean = losses.reduce(0, +) / n
      let error = (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) / n).squareRoot()
      #expect((mean - expected).magnitude < 4 * error, "\(mean) ± \(error), expected \(expected)")
      #expect(error < 0.15 * expected)
    }
  }

  private func descend(
    _ task: some BenchmarkTask<Double>, _ schedule: any Schedule, _ steps: Int, _ seed: Int
  ) -> [Double] {
    let draws = task.draws(seed: seed, steps: 0..<steps)
    var optimizer = Optimizer(
      GradientDescent<Double>(), Scheduled(ClosureSchedule { schedule($0) }),
      parameterCount: task.dimension)
    var theta = task.start
    for step in 0..<steps {
      optimizer.step(
        &theta, gradient: task.gradient(at: theta, step: step, draws: draws).gradient)
    }
    return theta
  }
}
