import Foundation
import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import PortableMath
import Records
import Tasks
import Testing

@testable import Experiments

/// The scores of a run from losses that are told one by one.
@Suite struct RunScoreTests {
  private static let evaluations = EvaluationSteps(horizon: 8, count: 4)

  /// Gaps are the losses themselves; from `end` on the run is stopped.
  private func scored(
    _ losses: (Int) -> Double, stopped: RunRecord.Status? = nil, at end: Int = .max
  ) throws -> RunRecord {
    let frame = ScoreFrame(
      taskName: "t", evaluations: Self.evaluations, initialLoss: 1, referenceValue: 0,
      judgedBy: .training, startingDistance: 1, watching: nil)
    let text = try SpecText("constant(1)")
    let plan = RunPlan(
      part: .sweep, rule: 0, methodName: "m", seed: 1, rateIndex: 0, isTraced: false,
      method: PlannedMethod(text, rule: nil, [:], .standard))
    var score = RunScore(frame, plan, ruleName: "r", goal: Goal(target: 0, commonTarget: 0))
    for (index, step) in Self.evaluations.steps.enumerated() {
      if step >= end {
        score.stop(stopped!)
        break
      }
      score.record(
        losses(step), step: step, evaluation: index, learningRate: 1,
        heldOut: HeldOutScore(loss: 2 + losses(step), accuracy: step == 1 ? 0.9 : 0.7))
    }
    return score.finished(
      counts: EvaluationCounts(gradients: 8), rates: RateRange(last: 1), steps: StepCounts()
    ).record
  }

  /// Each gap counts as no less than 10⁻¹⁶, and no more than 1.
  @Test func theAreaIsOfGapsWithinBounds() throws {
    // Log-spaced are 1, 2, 4, 8.
    for (losses, area) in [
      ([1e-20, 1e-17, 0, -1], -16.0), ([1e-13, 1e-14, 1e-15, 1e-18], -14.5), ([1, 5, 1e9, 2], 0),
      ([1e-2, 7, 1e-4, 1e-6], -3),
    ] {
      let run = try scored { step in
        step == 0 ? 1 : losses[[1, 2, 4, 8].firstIndex { step <= $0 }!]
      }
      #expect(abs(run.areaUnderLogGap - area) < 1e-12, "\(losses)")
    }
  }

  @Test func whatIsLeftOfAStoppedRun() throws {
    for status in [RunRecord.Status.nonFinite, .escaped] {
      let run = try scored({ 1 / Double(1 + $0) }, stopped: status, at: 4)
      #expect(run.status == status && status.isStopped && !run.reached)
      #expect(run.finalLoss == .infinity && run.finalGap == .infinity && run.worstGap == .infinity)
      #expect(run.bestGap == 1.0 / 3 && run.bestTestAccuracy == 0.9)
      // The log-spaced steps that it did not get to count as 1.
      #expect(abs(run.areaUnderLogGap - Portable.log(1.0 / 6) / Portable.log(10) / 4) < 1e-12)
      // The line of one that escaped has the last scores; to a reader both have none.
      #expect(run.testLoss == (status == .escaped ? 2 + 1.0 / 3 : nil))
      #expect(run.testAccuracy == (status == .escaped ? 0.7 : nil))
      let read = HeldOutScores(run)
      #expect(read.loss == .infinity && read.accuracy == 0 && read.bestAccuracy == 0.9)
    }
    for (run, status) in [
      (try scored { 1 / Double(1 + $0) }, RunRecord.Status.finished),
      (try scored { 1 + Double($0) }, .worse),
    ] {
      #expect(run.status == status && !status.isStopped && run.worstGap == max(1, run.finalGap))
      let read = HeldOutScores(run)
      #expect(read.loss == run.testLoss && read.loss == 2 + run.finalLoss && read.accuracy == 0.7)
    }
  }
}
