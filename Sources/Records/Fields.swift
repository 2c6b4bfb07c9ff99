/// A field of a file of results, for a reader who writes a program for it.
public struct Field: Sendable, Equatable {
  public let name: String
  /// What stands there: a number, a text, … .
  public let kind: String
  /// A sentence without its full stop.
  public let about: String

  init(_ name: String, _ kind: String, _ about: String) {
    self.name = name
    self.kind = kind
    self.about = about
  }
}

extension RunRecord {
  /// The keys of a line of `runs.jsonl`, in the order of the file.
  public static let fields: [Field] = [
    Field(
      "areaUnderLogGap", "number",
      "mean over log-spaced evaluations of log₁₀ of the gap, each gap within 10⁻¹⁶…1"),
    Field("bestGap", "number", "the least gap at an evaluated step"),
    Field(
      "bestTestAccuracy", "number or absent",
      "on data of classes: the largest share of held-out rows classified rightly at an evaluated step"
    ),
    Field(
      "finalGap", "number",
      "(f − f*)/(f₀ − f*) at the end, of the loss that the suite judges by; \"inf\" for a run that was "
        + "stopped"),
    Field("finalLearningRate", "number", "the learning rate of the last step"),
    Field(
      "finalLoss", "number",
      "the exact loss at the end, of the held-out rows where the suite judges by them; \"inf\" for a run "
        + "that was stopped"),
    Field(
      "firstPassage", "integer or absent",
      "gradient evaluations at the first evaluated step at or below the rule's target"),
    Field(
      "firstPassageCommon", "integer or absent",
      "the same for the target that is common to all rules"),
    Field("gradientEvaluations", "integer", "gradients that the run paid for"),
    Field("halfGap", "number", "the gap at T/2; \"inf\" for a run that was stopped before it"),
    Field(
      "hessianVectorProducts", "integer or absent",
      "Hessian-vector products that the run paid for, each two gradients; absent for none"),
    Field(
      "hyperIndex", "integer or absent", "in the map: position of the hyper-learning-rate, from 0"),
    Field("hyperLearningRate", "number or absent", "in the map: the hyper-learning-rate"),
    Field("initialLoss", "number", "the same loss at the start"),
    Field("largestLearningRate", "number", "the largest learning rate of any step"),
    Field(
      "lossEvaluations", "integer",
      "losses that the run paid for beyond its gradients, each a third of one"),
    Field("method", "text", "the method's name in the suite"),
    Field("negativeSteps", "integer", "steps with a learning rate below 0"),
    Field("part", "text", "sweep, over starting rates, or map, over hyper-learning-rates, too"),
    Field(
      "rateExponent", "number or absent",
      "log₁₀ of the starting rate over the best fixed rate of the task and rule"),
    Field("rateIndex", "integer", "position of the starting rate in the suite's grid, from 0"),
    Field(
      "reached", "true or false",
      "the gap was at or below the rule's target throughout the last 5 % of T"),
    Field(
      "restoredSteps", "integer or absent",
      "steps back to parameters that were kept; absent for none"),
    Field("retakenSteps", "integer", "steps along the direction before, to another rate"),
    Field("rule", "text", "the update rule's name in the suite"),
    Field("seed", "integer", "names the instance, the starting point and the noise"),
    Field("skippedSteps", "integer", "steps that left the parameters where they were"),
    Field("smallestLearningRate", "number", "the smallest learning rate of any step"),
    Field(
      "startingRate", "number or absent",
      "the starting rate; absent for a method that has none"),
    Field(
      "status", "text",
      "finished, nonFinite (loss, gradient or parameter), escaped (past 10⁸ times the starting "
        + "distance) or worse (a final loss above the first); all but the first are diverged"),
    Field(
      "target", "number",
      "the gap that the rule's fixed reference rate has reached by T/2 on this seed and keeps"),
    Field("task", "text", "the task's name in the suite"),
    Field(
      "testAccuracy", "number or absent",
      "on data of classes: the share of held-out rows classified rightly at the end; of a run that was "
        + "stopped absent, or the last evaluated, and 0 in tables"),
    Field(
      "testLoss", "number or absent",
      "on real data: the loss over the held-out rows at the end; of a run that was stopped absent, or "
        + "the last evaluated, and infinite in tables"),
    Field("worstGap", "number", "the largest gap at an evaluated step; \"inf\" where stopped"),
  ]
}

extension RunTrace {
  /// The columns of `traces.csv`, which has a row for each evaluated step of a traced run.
  public static let fields: [Field] = [
    Field("task", "text", "the task's name in the suite"),
    Field("rule", "text", "the update rule's name in the suite"),
    Field("method", "text", "the method's name in the suite"),
    Field("seed", "integer", "as in runs.jsonl"),
    Field("rateIndex", "integer", "as in runs.jsonl"),
    Field("step", "integer", "gradient evaluations paid for so far, from 0"),
    Field("gap", "number", "the gap of the exact loss there"),
    Field("loss", "number", "the exact loss there"),
    Field("learningRate", "number", "the learning rate of the last step"),
    Field("testLoss", "number or empty", "on real data: the loss over the held-out rows there"),
    Field(
      "testAccuracy", "number or empty",
      "on data of classes: the share of held-out rows classified rightly there"),
  ]
}

extension ResultsFolder {
  /// The columns of `timings.csv`, which no number of a table depends on.
  public static let timingFields: [Field] = [
    Field("task", "text", "the task's name in the suite"),
    Field("rule", "text", "the update rule's name in the suite"),
    Field("seed", "integer", "as in runs.jsonl"),
    Field("seconds", "number", "wall-clock time of the runs of that task, rule and seed"),
  ]
}
