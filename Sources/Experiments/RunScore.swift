internal import Hypergradient
internal import PortableMath
internal import Records
public import Tasks

/// One evaluation of one run.
public struct Watched: Sendable {
  public let step: Int
  public let loss: Double
  public let gap: Double
  /// Of the last step; `nil` where a method has taken none yet.
  public let learningRate: Double?
  /// The distance that a parameter-free method estimates.
  public let distance: Double?
  /// On held-out examples, where the task has them.
  public let heldOut: HeldOutScore?
}

/// What scores are measured against: the same for every run of a cohort.
struct ScoreFrame {
  let taskName: String
  let evaluations: EvaluationSteps
  let initialLoss: Double
  let referenceValue: Double
  let judgedBy: JudgedLoss
  /// ‖θ₀ − θ*‖ where θ* is known, else max(1, ‖θ₀‖).
  let startingDistance: Double
  /// Told of every evaluation.
  let watching: ((Watched) -> Void)?

  func gap(_ loss: Double) -> Double { (loss - referenceValue) / (initialLoss - referenceValue) }
}

/// The scores of one run, from its evaluations to its record.
struct RunScore {
  private let frame: ScoreFrame
  private let plan: RunPlan
  private let ruleName: String
  private let goal: Goal
  private(set) var isRunning = true

  private var status = RunRecord.Status.finished
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
  private var bestAccuracy: Double?
  private var lastHeldOut: HeldOutScore?
  private(set) var trace: RunTrace?

  init(_ frame: ScoreFrame, _ plan: RunPlan, ruleName: String, goal: Goal) {
    self.frame = frame
    self.plan = plan
    self.ruleName = ruleName
    self.goal = goal
    if plan.isTraced {
      trace = RunTrace(
        task: frame.taskName, rule: ruleName, method: plan.methodName, seed: plan.seed,
        rateIndex: plan.rateIndex, steps: [], gaps: [], losses: [], learningRates: [])
    }
  }

  /// Stops the run if it has moved too far; takes ‖θ − θ₀‖².
  mutating func check(squaredDistance: Double) {
    if !squaredDistance.isFinite {
      stop(.nonFinite)
    } else if squaredDistance.squareRoot() > escapeFactor * frame.startingDistance {
      stop(.escaped)
    }
  }

  /// Takes the exact loss at evaluation `index`, after `step` steps, and the scores on held-out
  /// examples; stops the run if the one that it is judged by is not finite.
  ///
  /// - Parameter hasStepped: whether the rate is that of a step.
  /// - Returns: what is seen; `nil` where the run was stopped.
  @discardableResult
  mutating func record(
    _ trained: Double, step: Int, evaluation index: Int, learningRate: Double,
    hasStepped: Bool = true, distance: Double? = nil, heldOut: @autoclosure () -> HeldOutScore?
  ) -> Watched? {
    let heldOut = heldOut()
    let loss = frame.judgedBy == .training ? trained : heldOut?.loss ?? .nan
    guard loss.isFinite else {
      stop(.nonFinite)
      return nil
    }
    let gap = frame.gap(loss)
    lastLoss = loss
    lastGap = gap
    if gap < bestGap { bestGap = gap }
    if gap > worstGap { worstGap = gap }
    if step == frame.evaluations.half { halfGap = gap }
    if frame.evaluations.isLogSpaced[index] { add(gap) }
    if gap <= goal.target, firstPassage == nil { firstPassage = step }
    if gap <= goal.commonTarget, firstPassageCommon == nil { firstPassageCommon = step }
    if step >= frame.evaluations.holdFrom, !(gap <= goal.target) { holds = false }
    trace?.steps.append(step)
    trace?.gaps.append(gap)
    trace?.losses.append(loss)
    trace?.learningRates.append(learningRate)
    let watched = Watched(
      step: step, loss: loss, gap: gap, learningRate: hasStepped ? learningRate : nil,
      distance: distance, heldOut: heldOut)
    frame.watching?(watched)
    if let score = heldOut {
      trace?.testLosses.append(score.loss)
      lastHeldOut = score
      if let accuracy = score.accuracy {
        trace?.testAccuracies.append(accuracy)
        bestAccuracy = max(bestAccuracy ?? 0, accuracy)
      }
    }
    return watched
  }

  private mutating func add(_ gap: Double) {
    area += Portable.log(min(1, max(RunRecord.leastGap, gap))) / Portable.log(10)
    areaCount += 1
  }

  mutating func stop(_ status: RunRecord.Status) {
    self.status = status
    isRunning = false
    holds = false
    lastGap = .infinity
    lastLoss = .infinity
    worstGap = .infinity
    while areaCount < frame.evaluations.logSpacedCount { add(1) }
  }

  /// How the run ended, if no step is left.
  ///
  /// - Parameter climbs: whether its loss is to rise.
  func ending(climbing climbs: Bool = false) -> RunRecord.Status {
    let isWorse = climbs ? lastLoss < frame.initialLoss : lastLoss > frame.initialLoss
    return status == .finished && isWorse ? .worse : status
  }

  /// The scores after the last step, of a run that paid for `counts`.
  func finished(
    counts: EvaluationCounts, rates: RateRange, steps: StepCounts
  ) -> (record: RunRecord, trace: RunTrace?) {
    let status = ending()
    let record = RunRecord(
      part: plan.part, task: frame.taskName, rule: ruleName, method: plan.methodName,
      seed: plan.seed, rateIndex: plan.rateIndex, startingRate: plan.startingRate,
      rateExponent: plan.rateExponent, hyperLearningRate: plan.hyperLearningRate,
      hyperIndex: plan.hyperIndex, status: status, initialLoss: frame.initialLoss,
      finalLoss: lastLoss, finalGap: lastGap, bestGap: bestGap, worstGap: worstGap,
      halfGap: halfGap, areaUnderLogGap: areaCount == 0 ? 0 : area / Double(areaCount),
      target: goal.target, reached: holds && status == .finished, firstPassage: firstPassage,
      firstPassageCommon: firstPassageCommon, gradientEvaluations: counts.gradients,
      lossEvaluations: counts.losses,
      hessianVectorProducts:
        counts.hessianVectorProducts == 0 ? nil : counts.hessianVectorProducts,
      finalLearningRate: rates.last, smallestLearningRate: rates.bounds.low,
      largestLearningRate: rates.bounds.high,
      negativeSteps: rates.negativeSteps, skippedSteps: steps.skipped,
      retakenSteps: steps.retaken, restoredSteps: steps.restored == 0 ? nil : steps.restored,
      testLoss: status == .nonFinite ? nil : lastHeldOut?.loss,
      testAccuracy: status == .nonFinite ? nil : lastHeldOut?.accuracy,
      bestTestAccuracy: bestAccuracy)
    return (record, trace)
  }
}
