internal import Hypergradient
internal import Records
internal import Tasks

/// One run of a method that asks an oracle.
///
/// Its clock counts what it pays, in gradient evaluations: a step of the method that begins when n of
/// them are paid is at step n, rounded down, of the task, and T of them end the run. At an evaluated
/// step the parameters are those of the last step of the method that was paid for by then; a step
/// that would end past T is not taken, and a step that asks for nothing lets the clock go on by one.
final class OracleRun<T: BenchmarkTask, Method: TrainingMethod>: TrainingRun
where Method.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private let bench: CohortBench<T>
  private let place: Int
  private var score: RunScore
  private var method: Method
  private var oracle: TaskOracle<T>
  private let theta: UnsafeMutablePointer<Scalar>
  /// θ before the step.
  private let before: UnsafeMutablePointer<Scalar>
  private var rates: RateRange
  /// What was paid by the end of the last step of the method, and what for.
  private var counts = EvaluationCounts()
  /// The clock, in thirds.
  private var thirds = 0
  /// Thirds that the clock went on without a question.
  private var idleThirds = 0
  private var stepsTaken = 0
  private var nextEvaluation = 0
  private var isOver = false

  init(
    _ bench: CohortBench<T>, _ score: RunScore, place: Int, seed: Int, method: Method
  ) {
    self.bench = bench
    self.score = score
    self.place = place
    let dimension = bench.task.dimension
    theta = .allocate(capacity: 2 * dimension)
    _ = UnsafeMutableBufferPointer(start: theta, count: dimension).initialize(from: bench.start)
    before = theta + dimension
    before.initialize(from: theta, count: dimension)
    oracle = TaskOracle(
      task: bench.task, seed: seed, memory: bench.oracleMemory, origin: UnsafePointer(before))
    self.method = method
    self.method.begin(
      at: UnsafeBufferPointer(start: theta, count: dimension), groups: bench.task.parameterGroups)
    rates = RateRange(last: self.method.learningRate)
    evaluate(at: theta, learningRate: rates.last, through: 0)
  }

  deinit { theta.deallocate() }

  func advance(_ draws: Draws<Scalar>) {
    while score.isRunning, !isOver, thirds / 3 < draws.steps.upperBound { take(draws) }
  }

  private func take(_ draws: Draws<Scalar>) {
    let dimension = bench.task.dimension
    before.update(from: theta, count: dimension)
    let lastRate = rates.last
    oracle.begin(step: thirds / 3, draws: draws)
    method.step(UnsafeMutableBufferPointer(start: theta, count: dimension), &oracle)
    var paid = oracle.counts.thirds + idleThirds
    if paid == thirds {
      idleThirds += 3
      paid += 3
    }
    // What is evaluated before the step is paid for sees the parameters before it.
    evaluate(at: before, learningRate: lastRate, through: (paid - 1) / 3)
    guard score.isRunning else { return }
    guard paid <= 3 * bench.horizon else {
      theta.update(from: before, count: dimension)
      isOver = true
      return
    }
    thirds = paid
    counts = oracle.counts
    stepsTaken += 1
    note(method.learningRate)
    if oracle.isLost { return score.stop(.nonFinite) }
    if stepsTaken % distanceCheckInterval == 0 { checkDistance(theta) }
    evaluate(at: theta, learningRate: rates.last, through: thirds / 3)
    isOver = thirds == 3 * bench.horizon
  }

  private func note(_ rate: Double) {
    rates.last = rate
    if rate < rates.smallest { rates.smallest = rate }
    if rate > rates.largest { rates.largest = rate }
    if rate < 0 { rates.negativeSteps += 1 }
  }

  private func checkDistance(_ point: UnsafeMutablePointer<Scalar>) {
    let square = bench.start.withUnsafeBufferPointer {
      squaredDistance(point, $0.baseAddress!, count: $0.count)
    }
    score.check(squaredDistance: square)
  }

  /// Records the evaluations that are due up to a step, all with the same parameters.
  private func evaluate(
    at point: UnsafeMutablePointer<Scalar>, learningRate: Double, through last: Int
  ) {
    let steps = bench.frame.evaluations.steps
    while score.isRunning, nextEvaluation < steps.count, steps[nextEvaluation] <= last {
      checkDistance(point)
      guard score.isRunning else { return }
      let step = steps[nextEvaluation]
      score.record(
        bench.task.loss(at: point, step: step, scratch: bench.scratch), step: step,
        evaluation: nextEvaluation, learningRate: learningRate,
        heldOut: bench.task.heldOutScore(at: point, scratch: bench.scratch))
      nextEvaluation += 1
    }
  }

  func finish() -> [FinishedRun] {
    let (record, trace) = score.finished(counts: counts, rates: rates)
    return [FinishedRun(place: place, record: record, trace: trace)]
  }
}
