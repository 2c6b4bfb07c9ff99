internal import Hypergradient
internal import Records
internal import Tasks

/// Up to eight runs in lanes.
final class LaneGroup<T: BenchmarkTask, Rule: UpdateRule, Controller: LearningRateController>
where Rule.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private let bench: CohortBench<T>
  private var cohort: OptimizerCohort<Rule, Controller>
  private let theta: UnsafeMutablePointer<Scalar>
  private let stepsPerEpoch: Int?

  /// The runs' places among the plans, a lane each; `nil` where the run has left.
  private var places: [Int?]
  private var scores: [RunScore]
  private var isRunning: [Bool]
  /// The steps and rates of those that have stopped.
  private var stops: [(steps: Int, rates: RateRange)?]
  private(set) var runningCount: Int

  private var stepsTaken = 0
  private var nextEvaluation = 0
  private var smallest = SIMD8<Double>(repeating: .infinity)
  private var largest = SIMD8<Double>(repeating: -.infinity)
  private var negativeSteps = SIMD8<Int64>.zero

  /// - Parameter members: as many as controllers, at most eight.
  init(
    _ bench: CohortBench<T>, _ members: [(place: Int, score: RunScore)], rule: Rule,
    controllers: [Controller]
  ) {
    self.bench = bench
    let dimension = bench.task.dimension
    cohort = OptimizerCohort(rule, controllers, parameterCount: dimension)
    theta = .allocate(capacity: dimension * laneCount)
    for i in 0..<dimension {
      (theta + i * laneCount).initialize(repeating: bench.start[i], count: laneCount)
    }
    stepsPerEpoch = bench.task.stepsPerEpoch
    places = members.map(\.place)
    scores = members.map(\.score)
    isRunning = members.map { _ in true }
    stops = members.map { _ in nil }
    runningCount = members.count
    evaluateIfDue()
  }

  deinit { theta.deallocate() }

  /// Lanes whose runs have stopped or left.
  var freeCount: Int { places.count - runningCount }

  func advance(_ draws: Draws<Scalar>) {
    for step in draws.steps {
      guard runningCount > 0 else { return }
      take(step, draws)
    }
  }

  private func take(_ step: Int, _ draws: Draws<Scalar>) {
    let losses = bench.laneValues
    bench.task.laneGradient(
      at: theta, lanes: laneCount, step: step, draws: draws, into: bench.gradient, losses: losses,
      scratch: bench.scratch)
    let epoch = stepsPerEpoch.map { Double(step) / Double($0) }
    cohort.step(theta, gradient: bench.gradient, losses: losses, epoch: epoch)
    stepsTaken = step + 1
    let rates = UnsafeRawPointer(cohort.learningRates).loadUnaligned(as: SIMD8<Double>.self)
    smallest.replace(with: rates, where: rates .< smallest)
    largest.replace(with: rates, where: rates .> largest)
    negativeSteps.replace(with: negativeSteps &+ 1, where: rates .< 0)
    let loss = UnsafeRawPointer(losses).loadUnaligned(as: SIMD8<Double>.self)
    // x − x is zero for finite numbers alone.
    if any((loss - loss) .!= 0) {
      for lane in places.indices where isRunning[lane] && !loss[lane].isFinite {
        scores[lane].stop(.nonFinite)
        retireIfStopped(lane)
      }
    }
    if stepsTaken % distanceCheckInterval == 0 { checkDistances() }
    evaluateIfDue()
  }

  private func checkDistances() {
    squaredDistances(theta, bench.start, count: bench.task.dimension, into: bench.laneValues)
    for lane in places.indices where isRunning[lane] {
      scores[lane].check(squaredDistance: bench.laneValues[lane])
      retireIfStopped(lane)
    }
  }

  private func evaluateIfDue() {
    let steps = bench.frame.evaluations.steps
    guard nextEvaluation < steps.count, steps[nextEvaluation] == stepsTaken else { return }
    checkDistances()
    guard runningCount > 0 else { return }
    bench.task.laneLosses(
      at: theta, lanes: laneCount, step: stepsTaken, into: bench.laneValues, scratch: bench.scratch)
    for lane in places.indices where isRunning[lane] {
      scores[lane].record(
        bench.laneValues[lane], step: stepsTaken, evaluation: nextEvaluation,
        learningRate: cohort.learningRate(of: lane), heldOut: heldOutScore(lane))
      retireIfStopped(lane)
    }
    nextEvaluation += 1
  }

  private func heldOutScore(_ lane: Int) -> HeldOutScore? {
    guard bench.hasHeldOutExamples else { return nil }
    for i in 0..<bench.task.dimension { bench.column[i] = theta[i * laneCount + lane] }
    return bench.task.heldOutScore(at: bench.column, scratch: bench.scratch)
  }

  private func retireIfStopped(_ lane: Int) {
    if scores[lane].isRunning { return }
    stops[lane] = (stepsTaken, rates(lane))
    isRunning[lane] = false
    runningCount -= 1
    cohort.retire(lane)
  }

  private func rates(_ lane: Int) -> RateRange {
    RateRange(
      last: cohort.learningRate(of: lane), smallest: smallest[lane], largest: largest[lane],
      negativeSteps: Int(negativeSteps[lane]))
  }

  /// Takes over running runs of another group that has come equally far, as far as lanes are free;
  /// hands on the scores of the stopped runs that they replace.
  func fill(from other: LaneGroup, finished: inout [FinishedRun]) {
    for lane in places.indices where !isRunning[lane] {
      guard let source = other.isRunning.firstIndex(of: true) else { return }
      if let result = result(lane) { finished.append(result) }
      places[lane] = other.places[source]
      scores[lane] = other.scores[source]
      stops[lane] = nil
      isRunning[lane] = true
      runningCount += 1
      other.places[source] = nil
      other.isRunning[source] = false
      other.runningCount -= 1
      cohort.adopt(lane, from: other.cohort, run: source)
      for i in 0..<bench.task.dimension {
        theta[i * laneCount + lane] = other.theta[i * laneCount + source]
      }
      smallest[lane] = other.smallest[source]
      largest[lane] = other.largest[source]
      negativeSteps[lane] = other.negativeSteps[source]
    }
  }

  private func result(_ lane: Int) -> FinishedRun? {
    guard let place = places[lane] else { return nil }
    let (steps, rates) = stops[lane] ?? (stepsTaken, rates(lane))
    let (record, trace) = scores[lane].finished(
      counts: EvaluationCounts(gradients: steps), rates: rates)
    return FinishedRun(place: place, record: record, trace: trace)
  }

  func finish() -> [FinishedRun] { places.indices.compactMap { result($0) } }
}
