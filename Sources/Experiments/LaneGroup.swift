internal import Hypergradient
internal import Records
internal import Tasks
internal import Vectors

/// Up to eight runs in lanes.
final class LaneGroup<T: LaneTask, Rule: UpdateRule, Controller: LearningRateController>
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
  private var clock: RunClock
  private var ranges = LaneRateRanges()

  /// - Parameter members: as many as controllers, at most eight.
  init(
    _ bench: CohortBench<T>, _ members: [(place: Int, score: RunScore)], rule: Rule,
    controllers: [Controller], on objective: Objective
  ) {
    self.bench = bench
    let dimension = bench.task.dimension
    cohort = OptimizerCohort(
      rule, controllers, on: objective, parameterCount: dimension)
    theta = Lines.allocate(dimension * laneCount, repeating: 0)
    for i in 0..<dimension {
      (theta + i * laneCount).update(repeating: bench.start[i], count: laneCount)
    }
    stepsPerEpoch = bench.task.stepsPerEpoch
    places = members.map(\.place)
    scores = members.map(\.score)
    isRunning = members.map { _ in true }
    stops = members.map { _ in nil }
    runningCount = members.count
    clock = RunClock(bench.frame.evaluations)
    evaluateIfDue()
  }

  deinit { Lines.free(theta) }

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
    let gradient = cohort.gradientMemory ?? bench.gradient
    bench.task.laneGradient(
      at: theta, lanes: laneCount, step: step, draws: draws, into: gradient, losses: losses,
      scratch: bench.scratch)
    let epoch = stepsPerEpoch.map { Double(step) / Double($0) }
    cohort.step(theta, gradient: gradient, losses: losses, epoch: epoch)
    stepsTaken = step + 1
    ranges.note(UnsafeRawPointer(cohort.learningRates).loadUnaligned(as: SIMD8<Double>.self))
    let loss = UnsafeRawPointer(losses).loadUnaligned(as: SIMD8<Double>.self)
    // x − x is zero for finite numbers alone.
    if any((loss - loss) .!= 0) {
      for lane in places.indices where isRunning[lane] && !loss[lane].isFinite {
        scores[lane].stop(.nonFinite)
        retireIfStopped(lane)
      }
    }
    if RunClock.checksDistance(after: stepsTaken) { checkDistances() }
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
    guard let (evaluation, step) = clock.due(by: stepsTaken) else { return }
    checkDistances()
    guard runningCount > 0 else { return }
    bench.task.laneLosses(
      at: theta, lanes: laneCount, step: step, into: bench.laneValues, scratch: bench.scratch)
    for lane in places.indices where isRunning[lane] {
      scores[lane].record(
        bench.laneValues[lane], step: step, evaluation: evaluation,
        learningRate: cohort.learningRate(of: lane), heldOut: heldOutScore(lane))
      retireIfStopped(lane)
    }
    clock.pass()
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
    ranges.range(of: lane, last: cohort.learningRate(of: lane))
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
      ranges.adopt(lane, from: other.ranges, lane: source)
    }
  }

  private func result(_ lane: Int) -> FinishedRun? {
    guard let place = places[lane] else { return nil }
    let (steps, rates) = stops[lane] ?? (stepsTaken, rates(lane))
    let (record, trace) = scores[lane].finished(
      // Only controllers that always step run in lanes.
      counts: EvaluationCounts(gradients: steps), rates: rates, steps: StepCounts())
    return FinishedRun(place: place, record: record, trace: trace)
  }

  func finish() -> [FinishedRun] { places.indices.compactMap { result($0) } }
}
