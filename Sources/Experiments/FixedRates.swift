internal import HypergradientCatalogue
internal import PortableMath
internal import Records
internal import Statistics
internal import Tasks

/// What fixed rates reach on the instance and the noise of one seed.
enum FixedRates {
  /// By rule and rate, in the order of `rates`:
  ///
  ///     level(η, s) = max(gap at T/2, gap at T), ∞ for a run that diverged
  ///
  /// - Parameters:
  ///   - rates: by rule.
  ///   - rules: with the suite's names and texts, as many as `rates`.
  static func levels<T: BenchmarkTask>(
    _ rates: [[Double]], of rules: [Suite.Named], on task: T, named taskName: String, seed: Int,
    horizon: Int, in suite: Suite, _ catalogue: Catalogue
  ) throws -> [[Double]] {
    let fixed = try SpecText("constant(rate)", variables: ["rate"])
    let texts = try rules.map { try SpecText($0.spec) }
    let plans = rules.indices.flatMap { rule in
      rates[rule].enumerated().map { index, rate in
        RunPlan(
          part: .sweep, rule: rule, methodName: "fixed", seed: seed, rateIndex: index,
          startingRate: rate, rateExponent: 0, isTraced: false,
          method: PlannedMethod(fixed, rule: texts[rule], ["rate": rate], catalogue))
      }
    }
    let records = try Cohort.run(
      plans, on: task, named: taskName, seed: seed, horizon: horizon,
      evaluationCount: suite.evaluations, rules: rules.map(\.name),
      goals: rules.map { _ in Goal(target: 0, commonTarget: 0) }, judgedBy: suite.judgedLoss
    ).records
    var levels = rates.map { $0.map { _ in Double.infinity } }
    for (plan, record) in zip(plans, records) where !record.status.isDiverged {
      levels[plan.rule][plan.rateIndex] = max(record.halfGap, record.finalGap)
    }
    return levels
  }
}

extension Suite {
  /// What the runs of a task and a seed are measured against, by rule:
  ///
  ///     target(s) = max(1e-8, median over η = η_ref · 10^(−⅛, 0, ⅛) of level(η, s))
  ///
  /// with η_ref the reference rate, chosen on other seeds. A seed names data, starting point and noise,
  /// and with them what can be reached: a target that was found on other seeds would be out of
  /// everybody's reach on one, and easy on the next.
  /// The target is the reference's own where that was given, not computed; where the rate and its
  /// neighbours diverge on the seed; and where they do not get to half of the starting gap.
  func goals<T: BenchmarkTask>(
    of suiteTask: SuiteTask, on task: T, seed: Int, horizon: Int, _ catalogue: Catalogue
  ) throws -> [Goal] {
    let references = rules.map { suiteTask.references[$0.name] }
    let factors = [-0.125, 0, 0.125].map { Portable.pow(10, $0) }
    let rates = references.map { reference in
      guard let reference, reference.key != Reference.given else { return [Double]() }
      return factors.map { $0 * reference.rate }
    }
    let levels =
      try rates.allSatisfy(\.isEmpty)
      ? rates
      : FixedRates.levels(
        rates, of: rules, on: task, named: suiteTask.name, seed: seed, horizon: horizon, in: self,
        catalogue)
    return zip(references, levels).map { reference, levels in
      let reached = max(Calibration.leastTarget, median(levels) ?? .infinity)
      return Goal(
        target: reached <= Calibration.greatestTarget(judgedBy: judgedLoss)
          ? reached : reference?.target ?? 0,
        commonTarget: suiteTask.commonTarget)
    }
  }
}
