public import Datasets
internal import Hypergradient
package import HypergradientCatalogue
internal import PortableMath
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
    public var data: DataSource?
    public var evaluations: Int
    /// What a controller that watches a metric is told.
    public var metric: ValidationMetric

    public init(
      task: String, method: String, seed: Int, steps: Int?, epochs: Int, data: DataSource?,
      evaluations: Int, metric: ValidationMetric = .loss
    ) {
      self.task = task
      self.method = method
      self.seed = seed
      self.steps = steps
      self.epochs = epochs
      self.data = data
      self.evaluations = evaluations
      self.metric = metric
    }
  }

  /// Trains, telling every evaluation to `watching`, and before it to `noting` what a person should
  /// know of how the data were read.
  ///
  /// - Throws: ``SpecError`` for texts, ``ExperimentError``, and what reading the data throws.
  public static func run(
    _ request: Request, names: Names = .standard, noting: (String) -> Void = { _ in },
    watching: @escaping (Watched, _ horizon: Int) -> Void
  ) throws -> (record: RunRecord, trace: RunTrace) {
    let factory = TaskFactory(data: request.data, names: names)
    for fault in [
      RunLimits.fault("the number of steps", request.steps ?? 1, RunLimits.steps),
      RunLimits.fault("the number of epochs", request.epochs, RunLimits.epochs),
      RunLimits.fault("the number of evaluations", request.evaluations, RunLimits.evaluations),
    ] {
      if let fault { throw ExperimentError(fault) }
    }
    var horizon = request.steps
    var task = try factory.make(request.task, instance: request.seed, horizon: horizon ?? 1000)
    if horizon == nil, let perEpoch = task.stepsPerEpoch {
      horizon = try steps(of: request.epochs, perEpoch)
      task = try factory.make(request.task, instance: request.seed, horizon: horizon)
    }
    for note in factory.takeNotes() { noting(note) }
    let steps = horizon ?? 1000
    let method = PlannedMethod(
      try SpecText(request.method, variables: ["steps"]), rule: nil, ["steps": Double(steps)],
      names.catalogue)
    func open<T: BenchmarkTask>(_ task: T) throws -> (record: RunRecord, trace: RunTrace) {
      try run(
        method, on: task, named: (request.task, request.method), seed: request.seed, steps: steps,
        evaluations: request.evaluations, metric: request.metric
      ) { watching($0, steps) }
    }
    return try open(task)
  }

  /// The steps of so many epochs.
  ///
  /// - Throws: ``ExperimentError`` where no run has so many.
  package static func steps(of epochs: Int, _ perEpoch: Int) throws(ExperimentError) -> Int {
    let (steps, isTooLarge) = perEpoch.multipliedReportingOverflow(by: epochs)
    guard !isTooLarge, steps <= Suite.mostSteps else {
      throw ExperimentError(
        "\(epochs) epochs of \(perEpoch) steps are more than \(Suite.mostSteps) steps")
    }
    return steps
  }

  /// Trains a method that is there already on a task that is, too.
  ///
  /// - Parameter names: of the task and of the method, in the record.
  /// - Throws: ``ExperimentError`` where the method reads what the task does not have.
  package static func run<T: BenchmarkTask>(
    _ method: NamedMethod<T.Scalar>, on task: T, named names: (task: String, method: String),
    seed: Int, steps: Int, evaluations: Int, watching: ((Watched) -> Void)? = nil
  ) throws -> (record: RunRecord, trace: RunTrace) {
    try run(
      PlannedMethod(method), on: task, named: names, seed: seed, steps: steps,
      evaluations: evaluations, watching: watching)
  }

  private static func run<T: BenchmarkTask>(
    _ method: PlannedMethod, on task: T, named names: (task: String, method: String), seed: Int,
    steps: Int, evaluations: Int, metric: ValidationMetric = .loss,
    watching: ((Watched) -> Void)? = nil
  ) throws -> (record: RunRecord, trace: RunTrace) {
    var startingRate: Double?
    if case .pair(_, let controller) = try method.made(
      for: T.Scalar.self, parameterCount: task.dimension)
    {
      startingRate = controller.learningRate
    }
    let plan = RunPlan(
      part: .sweep, rule: 0, methodName: names.method, seed: seed, rateIndex: 0,
      startingRate: startingRate, rateExponent: startingRate.map { _ in 0 }, isTraced: true,
      method: method)
    try plan.check(on: task, named: names.task, horizon: steps, metric: metric)
    var distances: [Double?] = []
    var rates: [Double] = []
    let (records, traces) = try Cohort.run(
      [plan], on: task, named: names.task, seed: seed, horizon: steps,
      evaluationCount: evaluations, rules: [names.method],
      goals: [Goal(target: 0, commonTarget: 0)], metric: metric
    ) { watched in
      distances.append(watched.distance)
      // A pair begins with the rate that its controller has.
      rates.append(watched.learningRate ?? startingRate ?? .nan)
      watching?(watched)
    }
    var trace = traces[0]
    trace.learningRates = rates
    if distances.contains(where: { $0 != nil }) { trace.distances = distances.map { $0 ?? .nan } }
    return (records[0], trace)
  }

  /// Whether a method can be trained on a task.
  ///
  /// - Throws: ``SpecError``, and ``ExperimentError`` where it reads what the task does not have, or a
  ///   schedule ends before.
  package static func check<T: BenchmarkTask>(
    _ method: String, on task: T, named name: String, steps: Int, names: Names,
    metric: ValidationMetric
  ) throws {
    try plan(method, seed: 0, steps: steps, names: names)
      .check(on: task, named: name, horizon: steps, metric: metric)
  }

  /// - Throws: ``SpecError``.
  static func plan(_ method: String, seed: Int, steps: Int, names: Names) throws -> RunPlan {
    let planned = PlannedMethod(
      try SpecText(method, variables: ["steps"]), rule: nil, ["steps": Double(steps)],
      names.catalogue)
    return RunPlan(
      part: .sweep, rule: 0, methodName: method, seed: seed, rateIndex: 0, startingRate: nil,
      rateExponent: nil, isTraced: true, method: planned)
  }

  /// A trace as CSV; with the scores on held-out examples where there are any, and the distance of a
  /// method that estimates one. The rate of a training method is NaN before its first step.
  public static func csv(_ trace: RunTrace) -> String {
    let columns: [(name: String, values: [Double])] = [
      ("gap", trace.gaps), ("loss", trace.losses), ("learningRate", trace.learningRates),
      ("testLoss", trace.testLosses), ("testAccuracy", trace.testAccuracies),
      ("distance", trace.distances ?? []),
    ].filter { !$0.1.isEmpty }
    var text = "step," + columns.map(\.name).joined(separator: ",") + "\n"
    for (i, step) in trace.steps.enumerated() {
      text += "\(step)," + columns.map { $0.values[i].spelled }.joined(separator: ",") + "\n"
    }
    return text
  }
}
