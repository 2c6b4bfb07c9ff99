package import Hypergradient
public import Records
package import Tasks

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
    func open<T: BenchmarkTask>(_ task: T) throws -> (record: RunRecord, trace: RunTrace) {
      try run(
        training, on: task, named: (request.task, request.method), seed: request.seed, steps: steps,
        evaluations: request.evaluations
      ) { watching($0, steps) }
    }
    return try open(task)
  }

  /// Trains on a task that is there already.
  ///
  /// - Parameter names: of the task and of the method, in the record.
  /// - Throws: ``ExperimentError`` where the method reads what the task does not have.
  package static func run<T: BenchmarkTask>(
    _ training: Training, on task: T, named names: (task: String, method: String), seed: Int,
    steps: Int, evaluations: Int, watching: ((Watched) -> Void)? = nil
  ) throws(ExperimentError) -> (record: RunRecord, trace: RunTrace) {
    var startingRate: Double?
    if case .pair(_, let controller) = training { startingRate = controller.learningRate }
    let plan = RunPlan(
      part: .sweep, rule: 0, methodName: names.method, seed: seed, rateIndex: 0,
      startingRate: startingRate, rateExponent: startingRate.map { _ in 0 }, isTraced: true,
      training: training)
    try plan.check(on: task, named: names.task)
    let (records, traces) = Cohort.run(
      [plan], on: task, named: names.task, seed: seed, horizon: steps,
      evaluationCount: evaluations, rules: [names.method],
      goals: [Goal(target: 0, commonTarget: 0)], watching: watching)
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
