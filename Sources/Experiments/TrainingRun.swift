internal import Hypergradient
internal import PortableMath
internal import Tasks

/// One run of one method on one task: it advances by blocks of draws and keeps its scores.
protocol TrainingRun<Scalar>: AnyObject {
  associatedtype Scalar: ParameterScalar
  /// Runs through the steps of a block; does nothing once the run has stopped.
  func advance(_ draws: Draws<Scalar>)
  /// The scores, after the last block.
  func finish() -> (record: RunRecord, trace: RunTrace?)
}

/// One evaluation of one run.
public struct Watched: Sendable {
  public let step: Int
  public let loss: Double
  public let gap: Double
  public let learningRate: Double
}

/// What is the same for every run of a cohort.
final class CohortBench<T: BenchmarkTask> {
  let task: T
  let taskName: String
  let horizon: Int
  let evaluations: EvaluationSteps
  let start: [T.Scalar]
  let initialLoss: Double
  /// ‖θ₀ − θ*‖ where θ* is known, else max(1, ‖θ₀‖).
  let startingDistance: Double
  let gradient: UnsafeMutablePointer<T.Scalar>
  let scratch: UnsafeMutablePointer<T.Scalar>

  /// Told of every evaluation.
  let watching: ((Watched) -> Void)?

  init(
    task: T, taskName: String, horizon: Int, evaluationCount: Int,
    watching: ((Watched) -> Void)? = nil
  ) {
    self.task = task
    self.watching = watching
    self.taskName = taskName
    self.horizon = horizon
    evaluations = EvaluationSteps(horizon: horizon, count: evaluationCount)
    start = task.start
    gradient = .allocate(capacity: max(1, task.dimension))
    gradient.initialize(repeating: 0, count: max(1, task.dimension))
    scratch = .allocate(capacity: max(1, task.scratchCount))
    scratch.initialize(repeating: 0, count: max(1, task.scratchCount))
    let scratch = scratch
    initialLoss = start.withUnsafeBufferPointer {
      task.loss(at: $0.baseAddress!, step: 0, scratch: scratch)
    }
    var square = 0.0
    if let minimiser = task.reference.minimiser {
      for (a, b) in zip(start, minimiser) { square += (Double(a) - b) * (Double(a) - b) }
      startingDistance = square.squareRoot()
    } else {
      for a in start { square += Double(a) * Double(a) }
      startingDistance = max(1, square.squareRoot())
    }
  }

  deinit {
    gradient.deallocate()
    scratch.deallocate()
  }

  func gap(_ loss: Double) -> Double {
    (loss - task.reference.value) / (initialLoss - task.reference.value)
  }
}

final class MethodRun<T: BenchmarkTask, Rule: UpdateRule, Controller: LearningRateController>:
  TrainingRun
where Rule.Scalar == T.Scalar {
  typealias Scalar = T.Scalar
  private let bench: CohortBench<T>
  private let plan: RunPlan
  private let ruleName: String
  private let goal: Goal
  private var optimizer: Optimizer<Rule, Controller>
  private let theta: UnsafeMutablePointer<Scalar>
  private let stepsPerEpoch: Int?
  private var stepsTaken = 0
  private var nextEvaluation = 0
  private var status = RunRecord.Status.finished
  private var isRunning = true

  private var lastLoss = 0.0
  private var lastGap = 1.0
  private var bestGap = Double.infinity
  private var worstGap = 0.0
  private var halfGap = Double.infinity
  private var area = 0.0
  private var areaCount = 0
  private var holds = true
  private var firstPassage: Int?
  private var firstPassageCommon: Int?
  private var smallestRate = Double.infinity
  private var largestRate = -Double.infinity
  private var negativeSteps = 0
  private var bestAccuracy: Double?
  private var lastScore: HeldOutScore?
  private var trace: RunTrace?

  init(
    _ bench: CohortBench<T>, _ plan: RunPlan, ruleName: String, goal: Goal, rule: Rule,
    controller: Controller
  ) {
    self.bench = bench
    self.plan = plan
    self.ruleName = ruleName
    self.goal = goal
    optimizer = Optimizer(rule, controller, parameterCount: bench.task.dimension)
    theta = .allocate(capacity: bench.task.dimension)
    _ = UnsafeMutableBufferPointer(start: theta, count: bench.task.dimension)
      .initialize(from: bench.start)
    stepsPerEpoch = bench.task.stepsPerEpoch
    if plan.isTraced {
      trace = RunTrace(
        task: bench.taskName, rule: ruleName, method: plan.methodName, seed: plan.seed,
        rateIndex: plan.rateIndex, steps: [], gaps: [], losses: [], learningRates: [])
    }
    evaluateIfDue()
  }

  deinit { theta.deallocate() }

  func advance(_ draws: Draws<Scalar>) {
    for step in draws.steps {
      guard isRunning else { return }
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
    if rate < smallestRate { smallestRate = rate }
    if rate > largestRate { largestRate = rate }
    if rate < 0 { negativeSteps += 1 }
    if !loss.isFinite {
      stop(.nonFinite)
      return
    }
    if stepsTaken % distanceCheckInterval == 0 { checkDistance() }
    if isRunning { evaluateIfDue() }
  }

  private func checkDistance() {
    let square = bench.start.withUnsafeBufferPointer {
      squaredDistance(theta, $0.baseAddress!, count: $0.count)
    }
    if !square.isFinite {
      stop(.nonFinite)
    } else if square.squareRoot() > escapeFactor * bench.startingDistance {
      stop(.escaped)
    }
  }

  private func evaluateIfDue() {
    let evaluations = bench.evaluations
    guard nextEvaluation < evaluations.steps.count,
      evaluations.steps[nextEvaluation] == stepsTaken
    else { return }
    checkDistance()
    guard isRunning else { return }
    let loss = bench.task.loss(at: theta, step: stepsTaken, scratch: bench.scratch)
    guard loss.isFinite else {
      stop(.nonFinite)
      return
    }
    record(loss, gap: bench.gap(loss), isLogSpaced: evaluations.isLogSpaced[nextEvaluation])
    nextEvaluation += 1
  }

  private func record(_ loss: Double, gap: Double, isLogSpaced: Bool) {
    lastLoss = loss
    lastGap = gap
    if gap < bestGap { bestGap = gap }
    if gap > worstGap { worstGap = gap }
    if stepsTaken == bench.evaluations.half { halfGap = gap }
    if isLogSpaced { add(gap) }
    if gap <= goal.target, firstPassage == nil { firstPassage = stepsTaken }
    if gap <= goal.commonTarget, firstPassageCommon == nil { firstPassageCommon = stepsTaken }
    if stepsTaken >= bench.evaluations.holdFrom, !(gap <= goal.target) { holds = false }
    trace?.steps.append(stepsTaken)
    trace?.gaps.append(gap)
    trace?.losses.append(loss)
    trace?.learningRates.append(optimizer.learningRate)
    bench.watching?(
      Watched(step: stepsTaken, loss: loss, gap: gap, learningRate: optimizer.learningRate))
    if let score = bench.task.heldOutScore(at: theta, scratch: bench.scratch) {
      lastScore = score
      bestAccuracy = max(bestAccuracy ?? 0, score.accuracy)
    }
  }

  private func add(_ gap: Double) {
    area += Portable.log(min(1, max(1e-16, gap))) / Portable.log(10)
    areaCount += 1
  }

  private func stop(_ status: RunRecord.Status) {
    self.status = status
    isRunning = false
    holds = false
    lastGap = .infinity
    lastLoss = .infinity
    worstGap = .infinity
    while areaCount < bench.evaluations.isLogSpaced.count(where: { $0 }) { add(1) }
  }

  func finish() -> (record: RunRecord, trace: RunTrace?) {
    if status == .finished, lastLoss > bench.initialLoss { status = .worse }
    let plan = plan
    let record = RunRecord(
      part: plan.part, task: bench.taskName, rule: ruleName, method: plan.methodName,
      seed: plan.seed, rateIndex: plan.rateIndex, startingRate: plan.startingRate,
      rateExponent: plan.rateExponent, hyperLearningRate: plan.hyperLearningRate,
      hyperIndex: plan.hyperIndex, status: status, initialLoss: bench.initialLoss,
      finalLoss: lastLoss, finalGap: lastGap, bestGap: bestGap, worstGap: worstGap,
      halfGap: halfGap, areaUnderLogGap: areaCount == 0 ? 0 : area / Double(areaCount),
      reached: holds && status == .finished, firstPassage: firstPassage,
      firstPassageCommon: firstPassageCommon, gradientEvaluations: stepsTaken, lossEvaluations: 0,
      finalLearningRate: optimizer.learningRate,
      smallestLearningRate: min(smallestRate, largestRate),
      largestLearningRate: max(smallestRate, largestRate), negativeSteps: negativeSteps,
      skippedSteps: optimizer.skippedSteps, retakenSteps: optimizer.retakenSteps,
      testLoss: status == .nonFinite ? nil : lastScore?.loss,
      testAccuracy: status == .nonFinite ? nil : lastScore?.accuracy,
      bestTestAccuracy: bestAccuracy)
    return (record, trace)
  }
}

/// A run this many times its starting distance away has diverged: rounding, not the method, decides
/// what follows.
private let escapeFactor = 1e8
/// Steps between checks of the distance, beside those at every evaluation.
private let distanceCheckInterval = 8
