internal import Hypergradient
internal import Records
internal import Tasks

/// What is looked at before any work: a wrong text, a missing reference, a method that does not fit
/// or a task that fails its gates (gradient, reference, null method) ends the command here.
struct SuiteCheck: Sendable {
  let suite: Suite
  let factory: TaskFactory

  init(_ suite: Suite, _ factory: TaskFactory) {
    self.suite = suite
    self.factory = factory
  }

  /// Checks every task with the plans of its first seed, several tasks at a time.
  ///
  /// - Returns: for each task, roughly the seconds of a run; and the methods, by name, that are told a
  ///   validation metric.
  /// - Throws: the first error in the suite's order.
  func run(jobs: Int) throws -> (costs: [Double], toldMetric: [String]) {
    let outcomes = try Workers.map(Array(suite.tasks.indices), jobs: jobs) { index in
      Result { try check(suite.tasks[index]) }
    }
    let checked = try outcomes.map { try $0.get() }
    try suite.checkKinds(areGames: checked.map(\.isGame))
    let told = checked.reduce(into: Set()) { $0.formUnion($1.toldMetric) }
    return (checked.map(\.seconds), suite.methods.map(\.name).filter(told.contains))
  }

  private struct Checked {
    var seconds: Double
    var isGame: Bool
    var toldMetric: Set<String>
  }

  private func check(_ task: Suite.SuiteTask) throws -> Checked {
    let made = try factory.make(task.spec, instance: suite.reportSeeds[0], horizon: suite.steps)
    let horizon = try factory.horizon(of: suite, task: made)
    let target = task.references.values.map(\.target).max() ?? Calibration.leastTarget
    let failures = TaskGates.failures(
      of: made, horizon: max(2, horizon), target: max(target, task.commonTarget),
      effort: factory.data == nil ? .thorough : .quick)
    try made.checkForFailure()
    if let failure = failures.first {
      throw ExperimentError("task '\(task.name)' can't be in a suite: \(failure)")
    }
    for rule in suite.rules where task.references[rule.name] == nil {
      throw ExperimentError(
        "task '\(task.name)' has no reference for the rule '\(rule.name)': "
          + "'hypergrad calibrate' computes it")
    }
    var told: Set<String> = []
    for seed in [suite.reportSeeds[0]] + (suite.map?.seeds.prefix(1) ?? []) {
      let plans = try suite.plans(
        for: task, seed: seed, rules: Array(suite.rules.indices), horizon: horizon,
        names: factory.names)
      for plan in plans {
        let isTold = try plan.check(
          on: made, named: task.name, horizon: horizon, metric: suite.validationMetric ?? .loss,
          judgedBy: suite.judgedLoss)
        if isTold { told.insert(plan.methodName) }
      }
      var programs: Set<String> = []
      for plan in plans where programs.insert(plan.methodName).inserted {
        guard let program = try plan.checkProgram(on: made, seed: seed, horizon: horizon) else {
          continue
        }
        factory.note(program: program.command, isRepeatable: program.isRepeatable)
      }
    }
    let seconds = cost(of: made, horizon: horizon)
    try made.checkForFailure()
    return Checked(seconds: seconds, isGame: made is any GameTask, toldMetric: told)
  }

  /// The seconds of a run, from a few gradients and losses at the start. Only the order of the work
  /// depends on it.
  private func cost<T: BenchmarkTask>(of task: T, horizon: Int) -> Double {
    let steps = 0..<min(horizon, task.stepsPerBlock, 16)
    var theta = task.start
    var gradient = theta
    var scratch = [T.Scalar](repeating: 0, count: max(1, task.scratchCount))
    let begun = ContinuousClock.now
    let draws = task.draws(seed: suite.reportSeeds[0], steps: steps)
    for step in steps {
      _ = task.gradient(at: &theta, step: step, draws: draws, into: &gradient, scratch: &scratch)
    }
    let between = ContinuousClock.now
    _ = task.loss(at: &theta, step: 0, scratch: &scratch)
    let ended = ContinuousClock.now
    return (between - begun) / .seconds(1) / Double(steps.count) * Double(horizon)
      + (ended - between) / .seconds(1) * Double(suite.evaluations)
  }
}

extension Suite {
  /// A distance to an equilibrium and a loss that is minimised are not to share a mean.
  ///
  /// - Parameter areGames: of the tasks.
  func checkKinds(areGames: [Bool]) throws(ExperimentError) {
    guard let game = areGames.firstIndex(of: true), let loss = areGames.firstIndex(of: false)
    else { return }
    throw ExperimentError(
      "task '\(tasks[game].name)' is a game, scored by its distance to the equilibrium, and task "
        + "'\(tasks[loss].name)' is not: they belong in suites of their own")
  }
}
