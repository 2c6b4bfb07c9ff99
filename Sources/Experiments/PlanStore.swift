internal import Records
internal import Synchronization

/// The plans of a suite's units, each text read once: all seeds of a task have the same ones.
final class PlanStore: Sendable {
  private struct Key: Hashable {
    var task: Int
    var rules: [Int]
    var horizon: Int
    var sweeps: Bool
    var maps: Bool
  }

  private let suite: Suite
  private let kept = Mutex<[Key: [RunPlan]]>([:])
  private let sweepSeeds: Set<Int>
  private let mapSeeds: Set<Int>

  init(_ suite: Suite) {
    self.suite = suite
    sweepSeeds = Set(suite.tuningSeeds + suite.reportSeeds)
    mapSeeds = Set(suite.map?.seeds ?? [])
  }

  func plans(_ unit: WorkUnit, horizon: Int) throws -> [RunPlan] {
    let key = Key(
      task: unit.task, rules: unit.rules, horizon: horizon,
      sweeps: sweepSeeds.contains(unit.seed), maps: mapSeeds.contains(unit.seed))
    if let plans = kept.withLock({ $0[key] }) { return suite.planned(plans, seed: unit.seed) }
    let plans = try suite.plans(
      for: suite.tasks[unit.task], rules: unit.rules, horizon: horizon, sweeps: key.sweeps,
      maps: key.maps)
    kept.withLock { kept in
      let count = kept.values.reduce(0) { $0 + $1.count }
      if count + plans.count > Self.most { kept.removeAll() }
      if plans.count <= Self.most { kept[key] = plans }
    }
    return suite.planned(plans, seed: unit.seed)
  }

  /// Plans in memory.
  private static let most = 1 << 15
}
