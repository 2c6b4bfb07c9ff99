import Experiments
import Hypergradient
import HypergradientCatalogue
import Records
import Tasks
import Testing

/// Runs of methods that ask an oracle: the bits of optimizers, the clock, the budget.
@Suite struct TrainingLoopTests {
  /// An optimizer through the oracle is the optimizer.
  @Test(arguments: LaneRunsTests.tasks)
  func anOptimizerHasTheSameRecords(_ spec: String) throws {
    let suite = try LaneRunsTests.suite(task: spec)
    let direct = try suite.records(ofTask: 0, seed: 101, inLanes: false)
    let asked = try suite.records(ofTask: 0, seed: 101, inLanes: false, throughOracle: true)
    #expect(asked.records.count == 4 * 5 * 19)
    #expect(asked.records == direct.records)
    #expect(asked.traces == direct.traces)
  }

  /// What a method saw, told again step by step: the state at every evaluated step is that of the
  /// last step of the method that was paid for by then.
  @Test(
    arguments: [
      "armijo(sgd, initial: 1, maximum: 1e6)", "armijo(adam, initial: 1, backtracking: 0.5)",
      "hdm(curvature: 50)", "osgm(feedback: .gradientNorm, scalingRate: 0.1)", "dog()",
    ], ["ellipsoid(condition: 10, dimension: 6)", "curvatureShift(dimension: 6, factor: 30)"])
  func theClockCountsWhatIsPaid(_ text: String, _ spec: String) throws {
    let steps = 150
    let (record, trace) = try train(spec, text, steps: steps)
    let replica = try Replica.run(text, spec, steps: steps)
    #expect(trace.steps.count > 20)
    for (step, loss) in zip(trace.steps, trace.losses) {
      #expect(loss == replica.loss(atStep: step), "\(text) on \(spec), step \(step)")
    }
    #expect(record.gradientEvaluations == replica.counts.gradients)
    #expect(record.lossEvaluations == replica.counts.losses)
    #expect(record.hessianVectorProducts ?? 0 == replica.counts.hessianVectorProducts)
    #expect(record.cost <= Double(steps) && record.cost > Double(steps) - 40)
    let line = text.hasPrefix("armijo")
    #expect((record.lossEvaluations > 100) == line)
    #expect((record.hessianVectorProducts ?? 0 > 10) == text.contains("gradientNorm"))
  }

  /// A record's cost is the sum of what an oracle counts.
  @Test func pricesAreThoseOfTheOracle() throws {
    var (run, _) = try train("ellipsoid(dimension: 2)", "dog()", steps: 5)
    for (gradients, losses, products) in [(5, 0, 0), (0, 4, 0), (0, 0, 3), (7, 2, 5)] {
      (run.gradientEvaluations, run.lossEvaluations) = (gradients, losses)
      run.hessianVectorProducts = products == 0 ? nil : products
      let counts = EvaluationCounts(
        gradients: gradients, losses: losses, hessianVectorProducts: products)
      #expect(run.cost == Double(counts.thirds) / 3)
    }
  }

  /// Across a shift of the curvature an old answer is of no use, so that the point is asked for again:
  /// a trial that is taken serves the next step only where nothing changes.
  @Test func aShiftIsNotOverlooked() throws {
    let method = "hdm(curvature: 1000)"
    let still = try Replica.run(method, "ellipsoid(dimension: 6)", steps: 50)
    let shifted = try Replica.run(method, "curvatureShift(dimension: 6)", steps: 50)
    #expect(still.states.count == 50 && shifted.states.count == 26)
    #expect(
      try train("curvatureShift(dimension: 6)", method, steps: 50).trace.losses.last
        == shifted.loss(atStep: 50))
  }

  /// A bowl whose gradient is not a number at step 3; its loss is one everywhere.
  struct Hole: BenchmarkTask {
    let dimension = 2
    var start: [Double] { [1, -2] }
    var reference: ReferenceValue { ReferenceValue(0, .exact, minimiser: [0, 0]) }
    var scratchCount: Int { 0 }
    func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }
    func gradient(
      at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
      into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
    ) -> Double {
      exactGradient(at: theta, step: step, into: gradient, scratch: scratch)
      if step == 3 { gradient[1] = .nan }
      return loss(at: theta, step: step, scratch: scratch)
    }
    func loss(
      at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
    ) -> Double { (theta[0] * theta[0] + theta[1] * theta[1]) / 2 }
    func exactGradient(
      at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
      scratch: UnsafeMutablePointer<Double>
    ) { (gradient[0], gradient[1]) = (theta[0], theta[1]) }
  }

  /// Takes the last step again, or skips, where the gradient is not finite.
  struct Discarding: LearningRateController {
    var retakes: Bool
    var learningRate = 1.0
    var requirements: ControllerRequirements {
      ControllerRequirements(
        signals: [.gradientNorm], alwaysSteps: false, keepsDirection: true)
    }
    mutating func decide(_ signals: StepSignals) -> StepDecision {
      if signals.gradientNorm.isFinite { return .step(learningRate) }
      return retakes ? .retake(learningRate) : .skip
    }
  }

  /// In a comparison a schedule does not go on at a gradient that is discarded, however: the rates after
  /// it are those of a run without it, a step later.
  @Test(arguments: [true, false]) func noScheduleGoesOnAtABadGradient(_ retakes: Bool) throws {
    let schedule = CosineSchedule(from: 0.5, to: 0.01, over: 10)
    let methods: [NamedMethod<Double>] = [
      .pair(
        try Catalogue.standard.rule("sgd"),
        Discarding(retakes: retakes).scaled(by: schedule)),
      .method(
        GroupedOptimizer(
          GradientDescent<Double>(), rate: Discarding(retakes: retakes).scaled(by: schedule))),
    ]
    for method in methods {
      let (record, trace) = try SingleTraining.run(
        method, on: Hole(), named: ("hole", "discarding"), seed: 1, steps: 9, evaluations: 9)
      #expect(record.status == .finished)
      #expect(record.retakenSteps + record.skippedSteps == 1)
      // Row k is after step k − 1; step 3 takes none.
      let expected = [0, 0, 1, 2, 2, 3, 4, 5, 6, 7].map { schedule($0) }
      #expect(trace.steps.count > 6 && trace.steps.last == 9)
      for (step, rate) in zip(trace.steps, trace.learningRates).dropFirst() {
        #expect(abs(rate - expected[step]) < 1e-15, "step \(step)")
      }
    }
  }

  /// One gradient of draw 0 and `others` more of draws 1, 2, …; keeps what it was told.
  struct Asking: TrainingMethod {
    var draws: [Int]
    var learningRate: Double { 0 }
    var stepCounts: StepCounts { StepCounts() }
    var memoryVectors: Int { 0 }
    var groupCount = 0
    mutating func begin(at parameters: UnsafeBufferPointer<Double>, groups: [Range<Int>]) {
      groupCount = groups.count
    }
    mutating func step<O: Oracle<Double>>(
      _ parameters: UnsafeMutableBufferPointer<Double>, _ oracle: inout O
    ) {
      for draw in draws {
        _ = oracle.evaluate(at: UnsafePointer(parameters.baseAddress!), draw: draw)
      }
    }
  }

  /// A method that asks for nothing comes to its end, and one whose step is too dear takes none.
  @Test func everyRunEnds() throws {
    let dear = [Int](repeating: 0, count: 31)
    for (draws, paid) in [([], 0), ([0], 30), ([0, 1, 0], 30), (dear, 0)] {
      let (record, trace) = try SingleTraining.run(
        .method(Asking(draws: draws)), on: NoisyQuadratic(dimension: 4),
        named: ("noisyQuadratic", "asking"), seed: 1, steps: 30, evaluations: 20)
      #expect(record.gradientEvaluations == paid && record.status == .finished)
      #expect(trace.steps.last == 30 && record.finalGap == 1)
    }
  }

  /// Draw 0 is what an optimizer sees at the step; another draw is other noise, the same whenever it
  /// is asked.
  @Test func drawsAreKeyedByStepAndNumber() {
    let task = LeastSquares(dimension: 6, examples: 24, labelNoise: 0.5, batch: 5)
    let start = task.start
    start.withUnsafeBufferPointer { start in
      let point = start.baseAddress!
      func oracle() -> TaskOracle<LeastSquares> {
        TaskOracle(
          task: task, seed: 3,
          memory: OracleMemory(dimension: task.dimension, scratchCount: task.scratchCount),
          origin: point)
      }
      var (first, second) = (oracle(), oracle())
      let draws = task.draws(seed: 3, steps: 4..<9)
      func gradient(_ oracle: inout TaskOracle<LeastSquares>, _ draw: Int) -> [Double] {
        let (loss, gradient) = oracle.evaluate(at: point, draw: draw)
        return [loss] + UnsafeBufferPointer(start: gradient, count: task.dimension)
      }
      first.begin(step: 6, draws: draws)
      second.begin(step: 6, draws: draws)
      let direct = task.gradient(at: task.start, step: 6, draws: draws)
      let zero = gradient(&first, 0)
      #expect(zero == [direct.loss] + direct.gradient)
      let (one, two) = (gradient(&first, 1), gradient(&first, 2))
      #expect(one != zero && two != zero && one != two)
      #expect(gradient(&second, 2) == two && gradient(&second, 1) == one)
      #expect(second.loss(at: point, draw: 1) == one[0])
      second.begin(step: 7, draws: draws)
      #expect(gradient(&second, 1) != one && second.epoch == 7.0 / 4)
      #expect(first.counts == EvaluationCounts(gradients: 3))
      #expect(second.counts == EvaluationCounts(gradients: 3, losses: 1))
    }
  }

  @Test func aHessianVectorProductIsTheHessians() {
    let task = Rosenbrock(dimension: 4)
    var v = [0.3, -1, 0.5, 2]
    let start = task.start
    start.withUnsafeBufferPointer { start in
      var oracle = TaskOracle(
        task: task, seed: 1,
        memory: OracleMemory(dimension: 4, scratchCount: task.scratchCount),
        origin: start.baseAddress!)
      oracle.begin(step: 0, draws: task.draws(seed: 1, steps: 0..<1))
      let product = Array(
        UnsafeBufferPointer(
          start: oracle.hessianVectorProduct(at: start.baseAddress!, &v, draw: 0), count: 4))
      #expect(oracle.counts == EvaluationCounts(hessianVectorProducts: 1))
      let h = 1e-6
      let above = task.exactGradient(at: zip(start, v).map { $0 + h * $1 })
      let below = task.exactGradient(at: zip(start, v).map { $0 - h * $1 })
      for i in 0..<4 {
        let expected = (above[i] - below[i]) / (2 * h)
        #expect(abs(product[i] - expected) < 1e-5 * (1 + abs(expected)))
      }
    }
  }

  /// A network's layers reach the method: one rate a layer is another method than one for all.
  @Test func layersAreGroups() throws {
    let task = "teacherStudent(inputs: 3, hidden: 5, examples: 32, batch: 8)"
    let whole = try train(task, "dog()").record
    let layers = try train(task, "dog(byGroup: .yes)").record
    #expect(whole.finalLoss != layers.finalLoss)
    let single = "logistic(dimension: 5, examples: 20, batch: 4)"
    #expect(
      try train(single, "dog()").record.finalLoss
        == train(single, "dog(byGroup: .yes)").record.finalLoss)
    let network = SmallNetwork(sizes: [3, 5, 1])
    #expect(network.parameterGroups == [0..<15, 15..<20, 20..<25, 25..<26])
    #expect(network.parameterGroups.last?.upperBound == network.parameterCount)
  }

  @Test func aRunThatOverflowsIsNotFinite() throws {
    let run = try train("rosenbrock(dimension: 4)", "scheduleFreeSGD(rate: 1e200)").record
    #expect(run.status.isDiverged && run.finalGap == .infinity)
    #expect(run.gradientEvaluations < 20)
  }

  private func request(_ task: String, _ method: String, steps: Int) -> SingleTraining.Request {
    SingleTraining.Request(
      task: task, method: method, seed: 1, steps: steps, epochs: 1, data: nil, evaluations: 20)
  }

  private func train(
    _ task: String, _ method: String, steps: Int = 200
  ) throws -> (record: RunRecord, trace: RunTrace) {
    try SingleTraining.run(request(task, method, steps: steps)) { _, _ in }
  }
}

/// A run told again with an oracle of its own, on a task without noise.
private struct Replica {
  var counts = EvaluationCounts()
  /// Thirds paid, and the parameters by then.
  var states: [(thirds: Int, theta: [Double])] = []
  var task: any BenchmarkTask<Double>

  func loss(atStep step: Int) -> Double {
    task.loss(at: states.last { $0.thirds <= 3 * step }!.theta, step: step)
  }

  static func run(_ text: String, _ spec: String, steps: Int) throws -> Replica {
    guard
      case .method(let made) = try Catalogue.standard.method(
        text, for: Double.self)
    else {
      preconditionFailure("'\(text)' is not a method")
    }
    let task =
      try TaskFactory(data: nil).make(spec, instance: 1, horizon: steps)
      as! any BenchmarkTask<Double>
    func open<T: BenchmarkTask<Double>, M: TrainingMethod<Double>>(_ task: T, _ made: M) -> Replica
    {
      var replica = Replica(task: task)
      var method = made
      var theta = task.start
      var time = 0
      var oracle = FunctionOracle<Double>(
        parameterCount: task.dimension, isDeterministic: task.isDeterministic
      ) { point, gradient, _ in
        let (loss, g) = task.gradient(
          at: Array(point), step: time, draws: task.draws(seed: 1, steps: time..<time + 1))
        for i in g.indices { gradient[i] = g[i] }
        return loss
      }
      method.begin(at: theta)
      replica.states = [(0, theta)]
      while true {
        method.step(&theta, &oracle)
        guard oracle.counts.thirds <= 3 * steps else { return replica }
        replica.counts = oracle.counts
        replica.states.append((oracle.counts.thirds, theta))
        time = oracle.counts.thirds / 3
        if time == steps { return replica }
      }
    }
    return open(task, made)
  }
}
