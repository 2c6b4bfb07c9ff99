internal import Hypergradient
internal import Records
internal import Tasks

/// One run of anything that trains: a method that asks an oracle, of which an optimizer, a rule times
/// a controller, is the common case.
///
/// Its clock counts what it pays, in gradient evaluations: a step of the method that begins when n of
/// them are paid is at step n, rounded down, of the task, and T of them end the run. At an evaluated
/// step the parameters are those of the last step of the method that was paid for by then; a step
/// that would end past T is not taken, and a step that asks for nothing lets the clock go on by one.
/// A method that watches a validation metric is told it at the first step of each epoch but the first.
/// An optimizer pays one gradient a step: its steps are the task's. ``LaneRuns`` are the fast path for
/// those, with the same bits.
final class TrainingLoop<T: BenchmarkTask, Method: TrainingMethod>: TrainingRun
where Method.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private let bench: CohortBench<T>
  private let place: Int
  private var score: RunScore
  private var clock: RunClock
  private var rates: RateRange
  private var distance: Double?
  private var method: Method
  private var oracle: TaskOracle<T>
  /// Steps of the task an epoch, where the method watches a metric.
  private let stepsPerMetric: Int?
  /// Epochs whose metric was told.
  private var epochsTold = 0
  private let theta: UnsafeMutablePointer<Scalar>
  /// θ before the step.
  private let before: UnsafeMutablePointer<Scalar>
  /// What was paid by the end of the last step of the method that counts, and what for; and the
  /// steps until then that were not plain ones.
  private var counts = EvaluationCounts()
  private var stepCounts = StepCounts()
  /// The same in thirds of a gradient, with those that went by without a question.
  private var thirds = 0
  private var idleThirds = 0
  private var stepsTaken = 0
  private var isOver = false

  init(_ bench: CohortBench<T>, _ score: RunScore, place: Int, seed: Int, method: Method) {
    self.bench = bench
    self.score = score
    self.place = place
    let dimension = bench.task.dimension
    theta = .allocate(capacity: 2 * dimension)
    _ = UnsafeMutableBufferPointer(start: theta, count: dimension).initialize(from: bench.start)
    before = theta + dimension
    before.initialize(from: theta, count: dimension)
    oracle = TaskOracle(
      task: bench.task, seed: seed, memory: bench.oracleMemory, origin: UnsafePointer(before),
      horizon: bench.horizon)
    self.method = method
    self.method.begin(
      at: UnsafeBufferPointer(start: theta, count: dimension), groups: bench.task.parameterGroups)
    stepsPerMetric =
      self.method.controllerRequirements.signals.contains(.metric) ? bench.task.stepsPerEpoch : nil
    clock = RunClock(bench.frame.evaluations)
    rates = RateRange(last: self.method.learningRate)
    distance = self.method.distanceEstimate
    evaluate(at: theta, through: 0)
  }

  deinit { theta.deallocate() }

  func advance(_ draws: Draws<Scalar>) throws {
    while score.isRunning, !isOver, thirds / 3 < draws.steps.upperBound {
      take(draws)
      if let failure = method.program?.failure { throw failure }
    }
  }

  private func take(_ draws: Draws<Scalar>) {
    let dimension = bench.task.dimension
    before.update(from: theta, count: dimension)
    oracle.begin(step: thirds / 3, draws: draws)
    tellMetric(step: thirds / 3)
    method.step(UnsafeMutableBufferPointer(start: theta, count: dimension), &oracle)
    var paid = oracle.counts.thirds + idleThirds
    if paid == thirds {
      idleThirds += 3
      paid += 3
    }
    // What is evaluated before the step is paid for sees the parameters, and the rate, before it.
    evaluate(at: before, through: (paid - 1) / 3)
    guard score.isRunning else { return }
    guard paid <= 3 * bench.horizon else {
      isOver = true
      return
    }
    thirds = paid
    counts = oracle.counts
    stepCounts = method.stepCounts
    stepsTaken += 1
    rates.note(method.learningRate)
    distance = method.distanceEstimate
    if oracle.isLost { return score.stop(.nonFinite) }
    if RunClock.checksDistance(after: stepsTaken) { checkDistance(theta) }
    evaluate(at: theta, through: thirds / 3)
    isOver = thirds == 3 * bench.horizon
  }

  private func tellMetric(step: Int) {
    guard let stepsPerMetric else { return }
    var metric: Double?
    if step / stepsPerMetric > epochsTold {
      epochsTold = step / stepsPerMetric
      metric = bench.task.heldOutScore(at: theta, scratch: bench.scratch)
        .flatMap { bench.metric == .loss ? $0.loss : $0.accuracy }
    }
    oracle.metric = metric
  }

  private func checkDistance(_ point: UnsafeMutablePointer<Scalar>) {
    let square = bench.start.withUnsafeBufferPointer {
      squaredDistance(point, $0.baseAddress!, count: $0.count)
    }
    score.check(squaredDistance: square)
  }

  /// Records the evaluations that are due by a step, all with the same parameters and the last rate.
  private func evaluate(at point: UnsafeMutablePointer<Scalar>, through last: Int) {
    while score.isRunning, let (evaluation, step) = clock.due(by: last) {
      checkDistance(point)
      guard score.isRunning else { return }
      score.record(
        bench.task.loss(at: point, step: step, scratch: bench.scratch), step: step,
        evaluation: evaluation, learningRate: rates.last, hasStepped: stepsTaken > 0,
        distance: distance,
        heldOut: bench.task.heldOutScore(at: point, scratch: bench.scratch))
      clock.pass()
    }
  }

  func finish() -> [FinishedRun] {
    let (record, trace) = score.finished(counts: counts, rates: rates, steps: stepCounts)
    return [FinishedRun(place: place, record: record, trace: trace)]
  }
}
