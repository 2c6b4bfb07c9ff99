internal import Hypergradient
internal import HypergradientCatalogue
internal import Records
internal import Tasks

/// One run before it begins: its place in the suite and what it is made of.
struct RunPlan: Sendable {
  var part: RunRecord.Part
  var rule: Int
  var methodName: String
  var seed: Int
  var rateIndex: Int
  /// `nil` for a method that has no starting rate.
  var startingRate: Double?
  var rateExponent: Double?
  var hyperLearningRate: Double?
  var hyperIndex: Int?
  var isTraced: Bool
  var method: PlannedMethod
  /// Whether the rule is the suite's, so that plans of one `rule` have the same and may advance
  /// together.
  var hasSuiteRule = true
}

extension RunPlan {
  /// - Throws: ``SpecError``, and ``ExperimentError`` where a controller, inside a method as well, reads
  ///   what the task does not have.
  func check<T: BenchmarkTask>(
    on task: T, named taskName: String, horizon: Int
  ) throws {
    let asked: ControllerRequirements
    switch try method.made(for: T.Scalar.self, parameterCount: task.dimension) {
    case .pair(_, let controller): asked = controller.requirements
    case .method(let method): asked = method.controllerRequirements
    }
    if asked.signals.contains(.epoch) {
      guard let perEpoch = task.stepsPerEpoch else {
        throw ExperimentError(
          "method '\(methodName)' counts epochs, and task '\(taskName)' is not made of examples")
      }
      let last = (horizon - 1) / perEpoch
      if Double(last) > asked.lastEpoch {
        throw ExperimentError(
          "a schedule of method '\(methodName)' ends at epoch \(asked.lastEpoch), before the last "
            + "one, \(last), of task '\(taskName)': its policy past the horizon is 'error'")
      }
    }
    if asked.signals.contains(.metric) {
      throw ExperimentError(
        "method '\(methodName)' watches a validation metric, which a comparison does not measure: "
          + "watch the loss")
    }
  }
}

/// What runs are measured against.
struct Goal: Sendable {
  var target: Double
  var commonTarget: Double
}
