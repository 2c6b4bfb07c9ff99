import Experiments
import Hypergradient
import Records
import Tasks
import Testing

/// Runs eight at a time have the records of runs alone, bit for bit.
struct LaneRunsTests {
  static let tasks = [
    "ellipsoid(condition: 10, dimension: 6)", "powerLaw(dimension: 6)",
    "curvatureShift(condition: 2, dimension: 5, factor: 100)",
    "noisyQuadratic(noiseVariance: 0.05, dimension: 5)",
    "leastSquares(labelNoise: 0.5, dimension: 6, examples: 24, batch: 5)",
    "logistic(dimension: 5, examples: 20, batch: 4)", "rosenbrock(dimension: 4)",
    "teacherStudent(inputs: 3, hidden: 5, examples: 32, batch: 8)",
    "twoSpirals(hidden: 4, examples: 32, batch: 8)",
    "teacherStudent(inputs: 3, hidden: 5, examples: 32, batch: 8, precision: .single)",
    "twoSpirals(hidden: 4, examples: 32, batch: 8, precision: .single)",
  ]

  @Test(arguments: tasks)
  func recordsAreThoseOfRunsAlone(_ spec: String) throws {
    let suite = try Self.suite(task: spec)
    let together = try suite.records(ofTask: 0, seed: 101, inLanes: true)
    let alone = try suite.records(ofTask: 0, seed: 101, inLanes: false)
    #expect(together.records.count == 4 * 5 * 19)
    #expect(together.records == alone.records)
    #expect(together.traces == alone.traces)
    // Some runs stop on the way, at different steps, so that lanes change hands.
    let stops = Set(
      together.records.filter(\.status.isDiverged).map(\.gradientEvaluations))
    #expect(stops.count > 2)
    #expect(together.records.contains { !$0.status.isDiverged })
  }

  @Test func sweepsEndWhereOptimizersDo() {
    compareSweeps(
      Nesterov(momentum: 0.8), on: NoisyQuadratic(dimension: 5, noiseVariance: 0.1), lanes: 8)
    // The direction is the gradient itself; these tasks align it as they make it.
    compareSweeps(GradientDescent(), on: DiagonalQuadratic<Float>(dimension: 37), lanes: nil)
    compareSweeps(GradientDescent(), on: DiagonalQuadratic<Double>(dimension: 37), lanes: 16)
    compareSweeps(GradientDescent(), on: NoisyQuadratic(dimension: 5), lanes: nil)
    compareSweeps(
      GradientDescent(), on: DiagonalQuadratic<Float>(dimension: 5, noiseVariance: 0), lanes: 16)
  }

  private func compareSweeps<T: LaneTask, R: UpdateRule>(_ rule: R, on task: T, lanes: Int?)
  where R.Scalar == T.Scalar {
    for form in HypergradientForm.allCases {
      let controllers = (1...19).map {
        HypergradientDescent(initial: 0.01 * Double($0), hyperLearningRate: 1e-3, form: form)
      }
      for jobs in [1, 2] {
        let losses = Sweep.finalLosses(
          rule, controllers, on: task, seeds: [3, 4], steps: 70, lanes: lanes, jobs: jobs)
        for (row, seed) in zip(losses, [3, 4]) {
          #expect(
            row == controllers.map { Self.finalLoss(task, rule, $0, seed: seed, steps: 70) })
        }
      }
    }
  }

  private static func finalLoss<T: BenchmarkTask, R: UpdateRule>(
    _ task: T, _ rule: R, _ controller: some LearningRateController, seed: Int, steps: Int
  ) -> Double where R.Scalar == T.Scalar {
    var optimizer = Optimizer(rule, controller, parameterCount: task.dimension)
    var theta = task.start
    let draws = task.draws(seed: seed, steps: 0..<steps)
    for step in 0..<steps {
      let (loss, gradient) = task.gradient(at: theta, step: step, draws: draws)
      optimizer.step(&theta, gradient: gradient, loss: loss)
    }
    return task.loss(at: theta, step: steps)
  }

  /// Rates from hopeless to divergent; a rule with a penalty, and one that keeps to itself.
  static func suite(task: String) throws -> Suite {
    let text = """
      name: lanes
      version: 1
      summary: For tests.
      steps: 130
      evaluations: 12
      tuningSeeds: [1]
      reportSeeds: [101]
      startingRates: {low: -4, high: 5, count: 19}
      tracedExponents: [-4, 0, 3, 5]
      rules:
        - {name: sgd, spec: "sgd.penalized(by: 0.01)"}
        - {name: plain, spec: sgd}
        - {name: adam, spec: adam}
        - {name: clipped, spec: "clipByNorm(2).then(heavyBall)"}
      methods:
        - name: fixed
          spec: "constant(rate)"
        - name: cosine
          spec: "scheduled(cosine(from: rate, over: steps))"
        - name: hypergradient
          spec: "hypergradient(initial: rate, hyperLearningRate: 1e-4)"
        - name: normalised
          spec: "hypergradient(initial: rate, hyperLearningRate: 0.05, form: .multiplicative)"
        - name: plateau
          spec: "plateau(initial: rate, increase: .by(4, after: 2), watching: .loss(averagedOver: 3))"
      tasks:
        - name: task
          spec: "\(task)"
          references:
            sgd: {rate: 0.1, target: 0.1}
            adam: {rate: 0.1, target: 0.1}
            plain: {rate: 0.1, target: 0.1}
            clipped: {rate: 0.1, target: 0.1}
          commonTarget: 0.1
      """
    return try SuiteFile.parse(text, file: "lanes.yaml")
  }
}
