internal import Hypergradient
internal import Tasks

/// The runs that share a task, an instance and a seed: they advance together, block by block, so
/// that a noise draw or a minibatch is made once for all of them.
enum Cohort {
  /// Runs plans to the end, in their order. One run alone gives the same bits.
  ///
  /// - Parameters:
  ///   - goals: by rule.
  ///   - rules: the suite's names, to which `RunPlan.rule` points.
  ///   - watching: is told of every evaluation, for a live line.
  static func run<T: BenchmarkTask>(
    _ plans: [RunPlan], on task: T, named taskName: String, seed: Int, horizon: Int,
    evaluationCount: Int, rules: [String], goals: [Goal],
    watching: ((Watched) -> Void)? = nil
  ) -> (records: [RunRecord], traces: [RunTrace]) {
    let bench = CohortBench(
      task: task, taskName: taskName, horizon: horizon, evaluationCount: evaluationCount,
      watching: watching)
    let runs = plans.map { plan in
      makeRun(bench, plan, ruleName: rules[plan.rule], goal: goals[plan.rule])
    }
    var first = 0
    while first < horizon {
      let steps = first..<min(horizon, first + task.stepsPerBlock)
      let draws = task.draws(seed: seed, steps: steps)
      for run in runs { run.advance(draws) }
      first = steps.upperBound
    }
    var records: [RunRecord] = []
    var traces: [RunTrace] = []
    for run in runs {
      let (record, trace) = run.finish()
      records.append(record)
      if let trace { traces.append(trace) }
    }
    return (records, traces)
  }

  private static func makeRun<T: BenchmarkTask>(
    _ bench: CohortBench<T>, _ plan: RunPlan, ruleName: String, goal: Goal
  ) -> any TrainingRun<T.Scalar> {
    func open<R: UpdateRule<T.Scalar>, C: LearningRateController>(
      _ rule: R, _ controller: C
    ) -> any TrainingRun<T.Scalar> {
      MethodRun(
        bench, plan, ruleName: ruleName, goal: goal, rule: rule, controller: controller)
    }
    return open(plan.update.rule(for: T.Scalar.self), plan.controller)
  }
}
