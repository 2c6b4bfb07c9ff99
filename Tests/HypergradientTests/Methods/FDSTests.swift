internal import Hypergradient
internal import Testing

@Suite struct FDSTests {
  private typealias Hyper = MomentumHyperparameters

  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  /// E at the end of one inner run, in plain arrays; steps are numbered from `first`.
  private func end(
    _ schedule: [MomentumHyperparameters], horizon: Int, first: Int = 0, noise: Double = 0.3
  ) -> (loss: Double, point: [Double]) {
    var oracle = SmoothOracle(noise: noise)
    var w = Self.start
    var v = w.map { _ in 0.0 }
    for step in 0..<horizon {
      oracle.step = first + step
      let now = schedule[step * schedule.count / horizon]
      let g = oracle.gradient(w, draw: 0)
      for i in w.indices {
        v[i] = now.momentum * v[i] + g[i] + now.weightDecay * w[i]
        w[i] -= now.rate * v[i]
      }
    }
    return (oracle.value(w, draw: 1), w)
  }

  /// All hypergradients of a run of 20 steps in 3 blocks, whose hyperparameters have moved apart.
  @Test func hypergradientsAgainstDifferencesOfWholeRuns() {
    let horizon = 20
    var oracle = SmoothOracle()
    var method = FDS<Double>(
      horizon: horizon, blocks: 3,
      initial: MomentumHyperparameters(rate: 0.04, momentum: 0.6, weightDecay: 0.05),
      hyperLearningRates: MomentumHyperparameters(rate: 1e-3, momentum: 0.02, weightDecay: 1e-3))
    var x = Self.start
    method.begin(at: x)
    for run in 0..<3 {
      let schedule = method.schedule
      #expect(run == 0 || Set(schedule.map(\.rate)).count == 3)
      for step in 0..<horizon {
        oracle.step = run * horizon + step
        method.step(&x, &oracle)
      }
      for kind in MomentumHyperparameters.Kind.allCases {
        let expected = (0..<3).map { block in
          let at = schedule[block][kind]
          return derivative(at: at, step: 1e-3 * at) { value in
            var moved = schedule
            moved[block][kind] = value
            return [end(moved, horizon: horizon, first: run * horizon).loss]
          }[0]
        }
        let found = method.hypergradients.map { $0[kind] }
        let error = relativeDifference(found, expected)
        print("FDS run \(run), \(kind): relative difference \(error)")
        #expect(error < 1e-8, "\(kind): \(found), not \(expected)")
      }
    }
    #expect(method.runs == 3)
    // Three tangents a block; a tangent costs a product once it differs from zero.
    let products = (0..<horizon).reduce(0) { $0 + 3 * ($1 * 3 / horizon + 1) } - 3 * 3
    #expect(oracle.counts.hessianVectorProducts == 3 * products)
    #expect(oracle.counts.gradients == 3 * (horizon + 1))
    #expect(oracle.draws.filter { $0 == 1 }.count == 3)
  }

  /// The outer step, its bound on a change, and what the parameters hold, with one run after another.
  @Test func outerIterations() {
    let (horizon, beta) = (10, 3e-3)
    var oracle = SmoothOracle(noise: 0)
    var method = FDS<Double>(
      horizon: horizon, blocks: 2,
      initial: MomentumHyperparameters(rate: 0.01, momentum: 0, weightDecay: 0),
      hyperLearningRates: MomentumHyperparameters(rate: beta, momentum: 0, weightDecay: 0))
    var x = Self.start
    method.begin(at: x)
    var (best, bestPoint) = (Double.infinity, x)
    var losses: [Double] = []
    for run in 0..<12 {
      let schedule = method.schedule
      for step in 0..<horizon {
        method.step(&x, &oracle)
        if run == 0, step < horizon - 1 {
          #expect(relativeDifference(x, end(schedule, horizon: horizon, noise: 0).point) > 0.01)
        } else if step < horizon - 1 {
          #expect(x == bestPoint)
        }
      }
      let (loss, point) = end(schedule, horizon: horizon, noise: 0)
      losses.append(loss)
      if loss < best { (best, bestPoint) = (loss, x) }
      #expect(x == bestPoint)
      #expect(relativeDifference(x, point) < 1e-12 || loss > best)
      #expect(abs(method.bestLoss! - best) <= 1e-12 * best)
      for j in 0..<2 {
        let rate = schedule[j].rate
        let change = min(max(beta * method.hypergradients[j].rate, -rate / 2), rate / 2)
        #expect(method.schedule[j].rate == rate - change)
      }
    }
    #expect(losses[1] < losses[0] && losses.last! < 0.5 * losses[0], "\(losses)")
    #expect(method.schedule[0].momentum == 0 && method.schedule[0].weightDecay == 0)
    #expect(oracle.counts.hessianVectorProducts == 12 * (9 + 4))
  }

  /// A worse run leaves the parameters where the best one ended.
  @Test func aWorseRunIsNotTheResult() {
    var oracle = SmoothOracle(noise: 0)
    var method = FDS<Double>(
      horizon: 8, initial: MomentumHyperparameters(rate: 0.15, momentum: 0, weightDecay: 0),
      hyperLearningRates: MomentumHyperparameters(rate: 100, momentum: 0, weightDecay: 0))
    var x = Self.start
    method.begin(at: x)
    var worse = 0
    for _ in 0..<20 {
      let (before, schedule) = (method.bestLoss, method.schedule)
      let point = x
      for _ in 0..<8 { method.step(&x, &oracle) }
      let loss = end(schedule, horizon: 8, noise: 0).loss
      if let before, !(loss < before) {
        worse += 1
        #expect(x == point && method.bestLoss == before)
      }
    }
    #expect(worse > 0)
    let finite = x.allSatisfy(\.isFinite)
    #expect(finite)
  }

  /// A first run that diverges gives the start parameters back, and halves the rates.
  @Test func aRunThatDivergesFails() {
    var oracle = SmoothOracle(noise: 0)
    var method = FDS<Double>(
      horizon: 50, initial: MomentumHyperparameters(rate: 4, momentum: 0, weightDecay: 0),
      hyperLearningRates: MomentumHyperparameters(rate: 1e-3, momentum: 0, weightDecay: 0))
    var x = Self.start
    method.begin(at: x)
    while method.runs == 0 { method.step(&x, &oracle) }
    // At its far point no gradient is finite: the steps that are left are held.
    #expect(method.heldSteps > 10 && method.heldSteps < 50)
    #expect(x == Self.start)
    #expect(method.failedRuns == 1)
    #expect(method.schedule[0].rate == 2 && method.hyperLearningRates.rate == 5e-4)
    while method.bestLoss == nil { method.step(&x, &oracle) }
    #expect(method.bestSchedule![0].rate < 1)
  }

  /// A gradient that is not finite costs one step: the hypergradient is that of the steps made.
  @Test func aBadGradientIsAStepThatIsNotMade() {
    func run(_ fault: Double?) -> FDS<Double> {
      var oracle = SmoothOracle(noise: 0)
      var method = FDS<Double>(
        horizon: fault == nil ? 5 : 6,
        initial: MomentumHyperparameters(rate: 0.05, momentum: 0.5, weightDecay: 0),
        hyperLearningRates: MomentumHyperparameters(rate: 1e-3, momentum: 0, weightDecay: 0))
      var x = Self.start
      method.begin(at: x)
      while method.runs == 0 {
        oracle.faults.gradient = oracle.counts.gradients == 3 ? fault : nil
        method.step(&x, &oracle)
      }
      return method
    }
    let (plain, faulty) = (run(nil), run(.nan))
    #expect(faulty.heldSteps == 1 && plain.heldSteps == 0)
    #expect(faulty.bestLoss == plain.bestLoss)
    #expect(faulty.hypergradients == plain.hypergradients)
  }
}
