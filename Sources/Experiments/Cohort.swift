internal import Hypergradient
internal import HypergradientCatalogue
package import Records
internal import Tasks

/// The runs that share a task, an instance and a seed: they advance together, block by block, so
/// that a noise draw or a minibatch is made once for all of them; those of one rule and one type of
/// controller, where the task knows how, eight at a time.
enum Cohort {
  /// Runs plans to the end; the records are in their order. One run alone gives the same bits.
  ///
  /// - Parameters:
  ///   - goals: by rule.
  ///   - rules: the suite's names, to which `RunPlan.rule` points.
  ///   - metric: what controllers that watch one are told.
  ///   - inLanes: whether runs may advance eight at a time.
  ///   - watching: is told of every evaluation, for a live line.
  /// - Throws: ``SpecError``, the task's `failure`, and that of a method's program.
  static func run<T: BenchmarkTask>(
    _ plans: [RunPlan], on task: T, named taskName: String, seed: Int, horizon: Int,
    evaluationCount: Int, rules: [String], goals: [Goal], metric: ValidationMetric = .loss,
    judgedBy: JudgedLoss = .training, inLanes: Bool = true, watching: ((Watched) -> Void)? = nil
  ) throws -> (records: [RunRecord], traces: [RunTrace]) {
    let bench = CohortBench(
      task: task, taskName: taskName, horizon: horizon, evaluationCount: evaluationCount,
      metric: metric, judgedBy: judgedBy, watching: watching)
    var methods: [NamedMethod<T.Scalar>] = []
    for plan in plans {
      methods.append(
        try plan.method.made(for: T.Scalar.self, parameterCount: task.dimension))
    }
    func runs(_ alike: [Int]) -> [any TrainingRun<T.Scalar>] {
      let members = alike.map { place in
        (
          place: place,
          score: RunScore(
            bench.frame, plans[place], ruleName: rules[plans[place].rule],
            goal: goals[plans[place].rule])
        )
      }
      return makeRuns(bench, members, alike.map { methods[$0] }, seed: seed)
    }
    /// Advances runs together to the end.
    func finished(_ runs: [any TrainingRun<T.Scalar>]) throws -> [FinishedRun] {
      var first = runs.isEmpty ? horizon : 0
      while first < horizon {
        let steps = first..<min(horizon, first + task.stepsPerBlock)
        let draws = task.draws(seed: seed, steps: steps)
        for run in runs {
          do {
            try run.advance(draws)
          } catch {
            // A task that has failed is what such a program was told of.
            try task.checkForFailure()
            throw error
          }
        }
        try task.checkForFailure()
        first = steps.upperBound
      }
      try task.checkForFailure()
      return runs.flatMap { $0.finish() }
    }
    let all = inLanes ? groups(plans, methods, bench) : plans.indices.map { [$0] }
    /// Programs take a run's steps one run after the other: a thread has one at a time.
    func isAlone(_ alike: [Int]) -> Bool {
      guard case .method(let method) = methods[alike[0]] else { return false }
      return method.program != nil
    }
    var done = try finished(all.filter { !isAlone($0) }.flatMap(runs))
    for alike in all where isAlone(alike) { done += try finished(runs(alike)) }
    done.sort { $0.place < $1.place }
    return (done.map(\.record), done.compactMap(\.trace))
  }

  /// What runs in lanes have in common.
  private struct Kind: Hashable {
    var rule: Int
    var controller: ObjectIdentifier
    var needs: StepSignals.Needs
  }

  /// The plans' places: those that could advance in lanes beside each other, the others alone.
  private static func groups<T: BenchmarkTask>(
    _ plans: [RunPlan], _ methods: [NamedMethod<T.Scalar>], _ bench: CohortBench<T>
  ) -> [[Int]] {
    var groups: [[Int]] = []
    var places: [Kind: Int] = [:]
    for (place, plan) in plans.enumerated() {
      guard bench.laneTask != nil, plan.hasSuiteRule,
        case .pair(let rule, let controller) = methods[place],
        admits(rule, controller)
      else {
        groups.append([place])
        continue
      }
      let kind = Kind(
        rule: plan.rule, controller: ObjectIdentifier(type(of: controller)),
        needs: controller.needs)
      if let index = places[kind] {
        groups[index].append(place)
      } else {
        places[kind] = groups.count
        groups.append([place])
      }
    }
    return groups
  }

  private static func admits<Scalar: ParameterScalar>(
    _ rule: RuleOnObjective<Scalar>, _ controller: any LearningRateController
  ) -> Bool {
    func open<R: UpdateRule, C: LearningRateController>(_ update: R, _ controller: C) -> Bool {
      OptimizerCohort<R, C>.admits(update, controller, on: rule.objective)
    }
    return open(rule.rule, controller)
  }

  /// The runs of plans that may advance together.
  private static func makeRuns<T: BenchmarkTask>(
    _ bench: CohortBench<T>, _ members: [(place: Int, score: RunScore)],
    _ methods: [NamedMethod<T.Scalar>], seed: Int
  ) -> [any TrainingRun<T.Scalar>] {
    switch methods[0] {
    case .pair(let rule, let first):
      return pairRuns(bench, members, methods, rule.rule, first, rule.objective, seed: seed)
    case .method(let method):
      func open<M: TrainingMethod<T.Scalar>>(_ method: M) -> any TrainingRun<T.Scalar> {
        TrainingLoop(
          bench, members[0].score, place: members[0].place, seed: seed, method: method)
      }
      return [open(method)]
    }
  }

  private static func pairRuns<
    T: BenchmarkTask, R: UpdateRule<T.Scalar>, C: LearningRateController
  >(
    _ bench: CohortBench<T>, _ members: [(place: Int, score: RunScore)],
    _ methods: [NamedMethod<T.Scalar>], _ rule: R, _ first: C, _ objective: Objective, seed: Int
  ) -> [any TrainingRun<T.Scalar>] {
    let controllers = methods.map { method in
      guard case .pair(_, let controller as C) = method else {
        preconditionFailure("runs that advance together have one type of controller")
      }
      return controller
    }
    // Fewer are faster alone.
    let rest = members.count % laneCount
    let together = rest < fewestLanes ? members.count - rest : members.count
    var runs: [any TrainingRun<T.Scalar>] = []
    if together > 0 {
      func inLanes<L: LaneTask<T.Scalar>>(_ task: L) -> any TrainingRun<T.Scalar> {
        // L is T.
        LaneRuns(
          bench as! CohortBench<L>, Array(members[..<together]), rule: rule,
          controllers: Array(controllers[..<together]), on: objective)
      }
      runs.append(inLanes(bench.laneTask!))
    }
    for index in together..<members.count {
      runs.append(
        TrainingLoop(
          bench, members[index].score, place: members[index].place, seed: seed,
          method: Optimizer(
            rule, controllers[index], on: objective, parameterCount: bench.task.dimension)))
    }
    return runs
  }

  /// The least number of runs that advance in lanes.
  private static let fewestLanes = 3
}

extension Suite {
  /// The runs of one task and seed, on tasks that need no data.
  ///
  /// - Parameter throughOracle: whether optimizers are run as methods that ask an oracle.
  package func records(
    ofTask index: Int, seed: Int, inLanes: Bool, throughOracle: Bool = false
  ) throws -> (records: [RunRecord], traces: [RunTrace]) {
    let factory = TaskFactory(data: nil)
    let made = try factory.make(tasks[index].spec, instance: seed, horizon: steps)
    let horizon = try factory.horizon(of: self, task: made)
    var plans = try plans(
      for: tasks[index], seed: seed, rules: Array(rules.indices), horizon: horizon)
    if throughOracle {
      for plan in plans.indices { plans[plan].method.isThroughOracle = true }
    }
    func open<T: BenchmarkTask>(_ made: T) throws -> (records: [RunRecord], traces: [RunTrace]) {
      try Cohort.run(
        plans, on: made, named: tasks[index].name, seed: seed, horizon: horizon,
        evaluationCount: evaluations, rules: rules.map(\.name),
        goals: goals(
          of: tasks[index], on: made, seed: seed, horizon: horizon, factory.names.catalogue),
        metric: validationMetric ?? .loss, judgedBy: judgedLoss, inLanes: inLanes)
    }
    return try open(made)
  }
}
