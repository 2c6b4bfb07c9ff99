internal import Hypergradient
internal import Records
internal import Tasks

/// One run, or several that advance together: by blocks of draws, keeping their scores.
protocol TrainingRun<Scalar>: AnyObject {
  associatedtype Scalar: ParameterScalar
  /// Runs through the steps of a block; does nothing once all have stopped.
  func advance(_ draws: Draws<Scalar>)
  /// The scores, after the last block.
  func finish() -> [FinishedRun]
}

/// The scores of one run, and its place among the plans.
struct FinishedRun {
  var place: Int
  var record: RunRecord
  var trace: RunTrace?
}

/// One run by itself.
final class MethodRun<T: BenchmarkTask, Rule: UpdateRule, Controller: LearningRateController>:
  TrainingRun
where Rule.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private let bench: CohortBench<T>
  private let place: Int
  private var score: RunScore
  private var optimizer: Optimizer<Rule, Controller>
  private let theta: UnsafeMutablePointer<Scalar>
  private let stepsPerEpoch: Int?
  private var stepsTaken = 0
  private var nextEvaluation = 0
  private var rates: RateRange

  init(
    _ bench: CohortBench<T>, _ score: RunScore, place: Int, rule: Rule, controller: Controller
  ) {
    self.bench = bench
    self.score = score
    self.place = place
    optimizer = Optimizer(rule, controller, parameterCount: bench.task.dimension)
    rates = RateRange(last: optimizer.learningRate)
    theta = .allocate(capacity: bench.task.dimension)
    _ = UnsafeMutableBufferPointer(start: theta, count: bench.task.dimension)
      .initialize(from: bench.start)
    stepsPerEpoch = bench.task.stepsPerEpoch
    evaluateIfDue()
  }

  deinit { theta.deallocate() }

  func advance(_ draws: Draws<Scalar>) {
    for step in draws.steps {
      guard score.isRunning else { return }
      take(step, draws)
    }
  }

  private func take(_ step: Int, _ draws: Draws<Scalar>) {
    let task = bench.task
    let loss = task.gradient(
      at: theta, step: step, draws: draws, into: bench.gradient, scratch: bench.scratch)
    let epoch = stepsPerEpoch.map { Double(step) / Double($0) }
    optimizer.step(
      UnsafeMutableBufferPointer(start: theta, count: task.dimension),
      gradient: UnsafeBufferPointer(start: bench.gradient, count: task.dimension), loss: loss,
      epoch: epoch)
    stepsTaken = step + 1
    let rate = optimizer.learningRate
    rates.last = rate
    if rate < rates.smallest { rates.smallest = rate }
    if rate > rates.largest { rates.largest = rate }
    if rate < 0 { rates.negativeSteps += 1 }
    if !loss.isFinite {
      score.stop(.nonFinite)
      return
    }
    if stepsTaken % distanceCheckInterval == 0 { checkDistance() }
    if score.isRunning { evaluateIfDue() }
  }

  private func checkDistance() {
    let square = bench.start.withUnsafeBufferPointer {
      squaredDistance(theta, $0.baseAddress!, count: $0.count)
    }
    score.check(squaredDistance: square)
  }

  private func evaluateIfDue() {
    let steps = bench.frame.evaluations.steps
    guard nextEvaluation < steps.count, steps[nextEvaluation] == stepsTaken else { return }
    checkDistance()
    guard score.isRunning else { return }
    score.record(
      bench.task.loss(at: theta, step: stepsTaken, scratch: bench.scratch), step: stepsTaken,
      evaluation: nextEvaluation, learningRate: optimizer.learningRate,
      heldOut: bench.task.heldOutScore(at: theta, scratch: bench.scratch))
    nextEvaluation += 1
  }

  func finish() -> [FinishedRun] {
    let (record, trace) = score.finished(
      counts: EvaluationCounts(gradients: stepsTaken), rates: rates,
      skippedSteps: optimizer.skippedSteps,
      retakenSteps: optimizer.retakenSteps)
    return [FinishedRun(place: place, record: record, trace: trace)]
  }
}
