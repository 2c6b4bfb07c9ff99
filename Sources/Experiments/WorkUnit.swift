internal import Records

/// The runs of one task, one seed and some rules: what a thread works on at a time, and the least
/// that an interruption can lose.
struct WorkUnit: Sendable {
  var task: Int
  var seed: Int
  var rules: [Int]

  /// All units of a suite. A cohort holds every rule, so that draws are made once for all, unless
  /// there would be too few units to keep the threads busy.
  static func all(of suite: Suite, jobs: Int) -> [WorkUnit] {
    let seeds = suite.allSeeds
    let cohorts = suite.tasks.count * seeds.count
    let rules = Array(suite.rules.indices)
    let groups = cohorts >= 8 * jobs || jobs == 1 ? [rules] : rules.map { [$0] }
    return suite.tasks.indices.flatMap { task in
      seeds.flatMap { seed in groups.map { WorkUnit(task: task, seed: seed, rules: $0) } }
    }
  }
}
