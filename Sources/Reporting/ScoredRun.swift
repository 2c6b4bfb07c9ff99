package import Records

/// What tables of tuned results read of a run.
package struct ScoredRun: Sendable {
  let seed: Int
  /// The final gap with NaN taken as infinite, and not below 10⁻¹⁶, where rounding begins.
  let shownGap: Double
  let area: Double
  private let passage: Int32
  private let passageCommon: Int32
  let lossEvaluations: Int
  let hessianVectorProducts: Int
  let finalLoss: Double
  /// Of a run that was stopped, too, where the task has none: its line does not tell.
  let heldOut: HeldOutScores?
  let isDiverged: Bool

  package init(_ run: RunRecord) {
    seed = run.seed
    shownGap = run.shownGap
    area = run.areaUnderLogGap.isNaN ? .infinity : run.areaUnderLogGap
    passage = run.firstPassage.map { Int32(clamping: $0) } ?? -1
    passageCommon = run.firstPassageCommon.map { Int32(clamping: $0) } ?? -1
    lossEvaluations = run.lossEvaluations
    hessianVectorProducts = run.hessianVectorProducts ?? 0
    finalLoss = run.finalLoss
    isDiverged = run.status.isDiverged
    heldOut = run.hasHeldOutScore || run.status.isStopped ? HeldOutScores(run) : nil
  }

  /// log₁₀ of ``shownGap``.
  var logGap: Double { decimalLog(shownGap) }
  /// What was paid at the first evaluated step at or below the rule's target, in gradients.
  var firstPassage: Int? { passage < 0 ? nil : Int(passage) }
  /// The same for the target that is common to all rules.
  var firstPassageCommon: Int? { passageCommon < 0 ? nil : Int(passageCommon) }
}
