/// The line of a run in `runs.jsonl`, written and read field by field: the bytes of
/// ``JSONLines/encode(_:)``, at a sixth of its time.
///
/// Keys are in ascending order; a field that is `nil` has no key.
package enum RunLine {
  /// Appends the line, with the break after it.
  package static func append(_ run: RunRecord, to bytes: inout [UInt8]) {
    var line = JSONObjectWriter()
    line.put("areaUnderLogGap", run.areaUnderLogGap)
    line.put("bestGap", run.bestGap)
    line.put("bestTestAccuracy", run.bestTestAccuracy)
    line.put("finalGap", run.finalGap)
    line.put("finalLearningRate", run.finalLearningRate)
    line.put("finalLoss", run.finalLoss)
    line.put("firstPassage", run.firstPassage)
    line.put("firstPassageCommon", run.firstPassageCommon)
    line.put("gradientEvaluations", run.gradientEvaluations)
    line.put("halfGap", run.halfGap)
    line.put("hessianVectorProducts", run.hessianVectorProducts)
    line.put("hyperIndex", run.hyperIndex)
    line.put("hyperLearningRate", run.hyperLearningRate)
    line.put("initialLoss", run.initialLoss)
    line.put("largestLearningRate", run.largestLearningRate)
    line.put("lossEvaluations", run.lossEvaluations)
    line.put("method", run.method)
    line.put("negativeSteps", run.negativeSteps)
    line.put("part", run.part.rawValue)
    line.put("rateExponent", run.rateExponent)
    line.put("rateIndex", run.rateIndex)
    line.put("reached", run.reached)
    line.put("restoredSteps", run.restoredSteps)
    line.put("retakenSteps", run.retakenSteps)
    line.put("rule", run.rule)
    line.put("seed", run.seed)
    line.put("skippedSteps", run.skippedSteps)
    line.put("smallestLearningRate", run.smallestLearningRate)
    line.put("startingRate", run.startingRate)
    line.put("status", run.status.rawValue)
    line.put("target", run.target)
    line.put("task", run.task)
    line.put("testAccuracy", run.testAccuracy)
    line.put("testLoss", run.testLoss)
    line.put("worstGap", run.worstGap)
    bytes.append(contentsOf: line.finish())
  }

  /// Reads a line without its break; `nil` where it is not of the form that ``append(_:to:)`` writes.
  package static func read(_ line: UnsafeRawBufferPointer) -> RunRecord? {
    var fields = JSONObjectReader(line)
    guard
      let areaUnderLogGap = fields.double("areaUnderLogGap"),
      let bestGap = fields.double("bestGap"),
      case let bestTestAccuracy = fields.double("bestTestAccuracy"),
      let finalGap = fields.double("finalGap"),
      let finalLearningRate = fields.double("finalLearningRate"),
      let finalLoss = fields.double("finalLoss"),
      case let firstPassage = fields.int("firstPassage"),
      case let firstPassageCommon = fields.int("firstPassageCommon"),
      let gradientEvaluations = fields.int("gradientEvaluations"),
      let halfGap = fields.double("halfGap"),
      case let hessianVectorProducts = fields.int("hessianVectorProducts"),
      case let hyperIndex = fields.int("hyperIndex"),
      case let hyperLearningRate = fields.double("hyperLearningRate"),
      let initialLoss = fields.double("initialLoss"),
      let largestLearningRate = fields.double("largestLearningRate"),
      let lossEvaluations = fields.int("lossEvaluations"),
      let method = fields.text("method"),
      let negativeSteps = fields.int("negativeSteps"),
      let part = fields.text("part").flatMap(RunRecord.Part.init),
      case let rateExponent = fields.double("rateExponent"),
      let rateIndex = fields.int("rateIndex"),
      let reached = fields.flag("reached"),
      case let restoredSteps = fields.int("restoredSteps"),
      let retakenSteps = fields.int("retakenSteps"),
      let rule = fields.text("rule"),
      let seed = fields.int("seed"),
      let skippedSteps = fields.int("skippedSteps"),
      let smallestLearningRate = fields.double("smallestLearningRate"),
      case let startingRate = fields.double("startingRate"),
      let status = fields.text("status").flatMap(RunRecord.Status.init),
      case let target = fields.double("target"),
      let task = fields.text("task"),
      case let testAccuracy = fields.double("testAccuracy"),
      case let testLoss = fields.double("testLoss"),
      let worstGap = fields.double("worstGap"),
      fields.isAtEnd
    else { return nil }
    return RunRecord(
      part: part, task: task, rule: rule, method: method, seed: seed, rateIndex: rateIndex,
      startingRate: startingRate, rateExponent: rateExponent,
      hyperLearningRate: hyperLearningRate, hyperIndex: hyperIndex, status: status,
      initialLoss: initialLoss, finalLoss: finalLoss, finalGap: finalGap, bestGap: bestGap,
      worstGap: worstGap, halfGap: halfGap, areaUnderLogGap: areaUnderLogGap, target: target,
      reached: reached, firstPassage: firstPassage, firstPassageCommon: firstPassageCommon,
      gradientEvaluations: gradientEvaluations, lossEvaluations: lossEvaluations,
      hessianVectorProducts: hessianVectorProducts, finalLearningRate: finalLearningRate,
      smallestLearningRate: smallestLearningRate,
      largestLearningRate: largestLearningRate, negativeSteps: negativeSteps,
      skippedSteps: skippedSteps, retakenSteps: retakenSteps, restoredSteps: restoredSteps,
      testLoss: testLoss, testAccuracy: testAccuracy, bestTestAccuracy: bestTestAccuracy)
  }
}
