internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
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
  /// - Throws: ``SpecError``, and ``ExperimentError`` where a controller reads what the task does not
  ///   have, or ends before the run does.
  ///
  /// - Parameters:
  ///   - metric: what a controller that watches one is told.
  ///   - judge: whose loss the run is judged by, which no method is told.
  /// - Returns: whether the method is told the metric.
  @discardableResult
  func check<T: BenchmarkTask>(
    on task: T, named taskName: String, horizon: Int, metric: ValidationMetric = .loss,
    judgedBy judge: JudgedLoss = .training
  ) throws -> Bool {
    let made = try method.made(for: T.Scalar.self, parameterCount: task.dimension)
    let (requirements, climbs) =
      switch made {
      case .pair(let rule, let controller): (controller.requirements, rule.objective.maximizes)
      case .method(let method): (method.controllerRequirements, method.maximizes)
      }
    if requirements.signals.contains(.epoch) {
      guard let perEpoch = task.stepsPerEpoch else {
        throw ExperimentError(
          "method '\(methodName)' counts epochs, and task '\(taskName)' is not made of examples")
      }
      let last = Double((horizon - 1) / max(1, perEpoch))
      if last > requirements.lastEpoch {
        throw ExperimentError(
          "method '\(methodName)' has a schedule that ends at epoch "
            + "\(short(requirements.lastEpoch.rounded(.down))), before the last of the run, "
            + "\(short(last)), which counts from 0: its policy past the horizon is 'error'")
      }
    }
    if Double(horizon - 1) > requirements.lastStep {
      throw ExperimentError(
        "method '\(methodName)' has a schedule that ends at step "
          + "\(short(requirements.lastStep.rounded(.down))), before the \(horizon) steps of the run: its "
          + "policy past the horizon is 'error'")
    }
    if requirements.signals.contains(.metric) {
      guard task.stepsPerEpoch != nil, let score = task.startingScore else {
        throw ExperimentError(
          "method '\(methodName)' watches a validation metric, and task '\(taskName)' has no held-out "
            + "examples: watch the loss")
      }
      guard metric == .loss || score.accuracy != nil else {
        throw ExperimentError(
          "method '\(methodName)' watches the held-out accuracy, and task '\(taskName)' learns a number, "
            + "which has none: watch the held-out loss")
      }
      if let fault = requirements.fault(
        watching: "held-out \(metric.rawValue)",
        toward: metric == .accuracy || climbs ? .maximize : .minimize)
      {
        throw ExperimentError("method '\(methodName)' \(fault)")
      }
      guard judge != .heldOut else {
        throw ExperimentError(
          "method '\(methodName)' watches a validation metric, of the held-out examples that the suite "
            + "judges by: watch the loss, or judge by the training loss")
      }
    }
    return requirements.signals.contains(.metric)
  }
}

/// What runs are measured against.
struct Goal: Sendable {
  var target: Double
  var commonTarget: Double
}
