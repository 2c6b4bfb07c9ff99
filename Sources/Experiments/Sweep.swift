internal import Hypergradient
internal import Tasks

/// One rule under many controllers on one task, with some seeds, and no files: the cohort that a
/// comparison runs, for a program that only wants the records.
public struct Sweep: Sendable {
  /// The runs of one seed that advance together.
  private struct Portion: Sendable {
    var task: any BenchmarkTask
    var seed: Int
    var plans: [RunPlan]
  }
  private let taskName: String
  private let method: String
  private let horizon: Int
  private let portions: [Portion]

  /// Makes task and controllers, which is left out of what ``run(jobs:)`` takes.
  ///
  /// - Parameters:
  ///   - task: a text such as `noisyQuadratic(dimension: 100)`; its instance is `instance`.
  ///   - rule: a text such as `adam`.
  ///   - controllers: texts such as `constant(0.1)`, one a run.
  ///   - portion: runs that advance together at most; fewer give more threads something to do.
  /// - Throws: ``SpecError`` for texts, ``ExperimentError``, and what reading data throws.
  public init(
    task: String, instance: Int = 1, rule: String, controllers: [String], steps: Int, seeds: [Int],
    portion: Int = 1024, data: String? = nil
  ) throws {
    precondition(portion >= 1, "portion is \(portion), not at least 1")
    taskName = task
    method = rule
    horizon = steps
    let made = try TaskFactory(data: data).make(task, instance: instance, horizon: steps)
    let update = try SpecReader(rule).rule()
    let variables = ["steps": Double(steps)]
    let texts = try controllers.map { ($0, try SpecReader($0, variables: variables).controller()) }
    var portions: [Portion] = []
    for seed in seeds {
      let plans = texts.enumerated().map { index, text in
        RunPlan(
          part: .sweep, rule: 0, methodName: text.0, seed: seed, rateIndex: index,
          startingRate: text.1.learningRate, rateExponent: 0, isTraced: false, update: update,
          controller: text.1)
      }
      for plan in plans { try plan.check(on: made, named: task) }
      for first in stride(from: 0, to: plans.count, by: portion) {
        portions.append(
          Portion(
            task: made, seed: seed,
            plans: Array(plans[first..<min(first + portion, plans.count)])))
      }
    }
    self.portions = portions
  }

  /// Runs all from the start; the exact loss is evaluated at the start, the middle and through the
  /// end, as for any record.
  ///
  /// - Parameter jobs: threads.
  /// - Returns: one record a run: by seed, then in the controllers' order.
  public func run(jobs: Int) throws -> [RunRecord] {
    try Workers.map(portions, jobs: jobs) { portion in
      func open<T: BenchmarkTask>(_ task: T) -> [RunRecord] {
        Cohort.run(
          portion.plans, on: task, named: taskName, seed: portion.seed, horizon: horizon,
          evaluationCount: 2, rules: [method], goals: [Goal(target: 0, commonTarget: 0)]
        ).records
      }
      return open(portion.task)
    }.flatMap { $0 }
  }
}
