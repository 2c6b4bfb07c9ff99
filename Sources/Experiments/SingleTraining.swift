package import Hypergradient
public import Records
internal import Tasks

/// One method on one task: the same code as a comparison, with one run in the cohort.
public enum SingleTraining {
  public struct Request: Sendable {
    public var task: String
    /// `rule + controller`, or a method that is not one, such as `dog()`.
    public var method: String
    public var seed: Int
    /// T; `nil` for `epochs` epochs of a task made of examples.
    public var steps: Int?
    public var epochs: Int
    public var data: String?
    /// The label column of CSV data; `nil` for the last one.
    public var labelColumn: String?
    public var evaluations: Int

    public init(
      task: String, method: String, seed: Int, steps: Int?, epochs: Int, data: String?,
      labelColumn: String? = nil, evaluations: Int
    ) {
      self.task = task
      self.method = method
      self.seed = seed
      self.steps = steps
      self.epochs = epochs
      self.data = data
      self.labelColumn = labelColumn
      self.evaluations = evaluations
    }
  }

  /// Trains, telling every evaluation to `watching`.
  ///
  /// - Throws: ``SpecError`` for texts, ``ExperimentError``, and what reading the data throws.
  public static func run(
    _ request: Request, watching: @escaping (Watched, _ horizon: Int) -> Void
  ) throws -> (record: RunRecord, trace: RunTrace) {
    try run(request, training: nil, watching: watching)
  }

  /// - Parameter training: in place of what the request's text describes.
  package static func run(
    _ request: Request, training: Training?,
    watching: @escaping (Watched, _ horizon: Int) -> Void = { _, _ in }
  ) throws -> (record: RunRecord, trace: RunTrace) {
    let factory = TaskFactory(data: request.data, labelColumn: request.labelColumn)
    var horizon = request.steps
    var task = try factory.make(request.task, instance: request.seed, horizon: horizon ?? 1000)
    if horizon == nil, let perEpoch = task.stepsPerEpoch {
      horizon = perEpoch * request.epochs
      task = try factory.make(request.task, instance: request.seed, horizon: horizon)
    }
    let steps = horizon ?? 1000
    let training =
      try training
      ?? SpecReader(request.method, variables: ["steps": Double(steps)]).training()
    var startingRate: Double?
    if case .pair(_, let controller) = training { startingRate = controller.learningRate }
    let plan = RunPlan(
      part: .sweep, rule: 0, methodName: request.method, seed: request.seed, rateIndex: 0,
      startingRate: startingRate, rateExponent: startingRate.map { _ in 0 }, isTraced: true,
      training: training)
    try plan.check(on: task, named: request.task)
    func open<T: BenchmarkTask>(_ task: T) -> (records: [RunRecord], traces: [RunTrace]) {
      Cohort.run(
        [plan], on: task, named: request.task, seed: request.seed, horizon: steps,
        evaluationCount: request.evaluations, rules: [request.method],
        goals: [Goal(target: 0, commonTarget: 0)], watching: { watching($0, steps) })
    }
    let (records, traces) = open(task)
    return (records[0], traces[0])
  }

  /// A trace as CSV.
  public static func csv(_ trace: RunTrace) -> String {
    var text = "step,gap,loss,learningRate\n"
    for i in trace.steps.indices {
      text += "\(trace.steps[i]),\(trace.gaps[i]),\(trace.losses[i]),\(trace.learningRates[i])\n"
    }
    return text
  }
}
