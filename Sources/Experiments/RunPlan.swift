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
  /// - Throws: ``SpecError``, and ``ExperimentError`` where the controller reads what the task does not have.
  func check<T: BenchmarkTask>(on task: T, named taskName: String) throws {
    let made = try method.made(for: T.Scalar.self, parameterCount: task.dimension)
    guard case .pair(_, let controller) = made else { return }
    if controller.needs.contains(.epoch), task.stepsPerEpoch == nil {
      throw ExperimentError(
        "method '\(methodName)' counts epochs, and task '\(taskName)' is not made of examples")
    }
    if controller.needs.contains(.metric) {
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
