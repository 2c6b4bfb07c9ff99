internal import PortableMath
internal import Records
internal import Statistics

/// The bootstrap intervals of a comparison, each from its own random numbers, so that threads may
/// share the work.
struct Intervals: Sendable {
  /// By rule and method: of the mean robustness, 95 %, seeds resampled within each task.
  private(set) var robustness: [[Interval?]] = []
  /// By task, rule and method: of the median log₁₀ final gap of the tuned runs; see ``SeedRange``.
  private(set) var tuned: [[[Interval?]]] = []
  private(set) var overTasks = TaskIntervals()

  init() {}

  init(_ comparison: Comparison, jobs: Int) {
    let c = comparison
    let places = c.rules.indices.flatMap { r in
      c.methods.indices.flatMap { m in
        [(nil, r, m)] + c.tasks.indices.map { (Optional($0), r, m) }
      }
    }
    // Nothing is thrown, so nothing is lost.
    let found = try! Workers.map(places, jobs: jobs) { task, rule, method in
      task.map { Self.tuned(c, $0, rule, method) } ?? Self.robustness(c, rule, method)
    }
    let none = [[Interval?]](
      repeating: [Interval?](repeating: nil, count: c.methods.count), count: c.rules.count)
    robustness = none
    overTasks = TaskIntervals(c)
    tuned = [[[Interval?]]](repeating: none, count: c.tasks.count)
    for ((task, rule, method), interval) in zip(places, found) {
      if let task {
        tuned[task][rule][method] = interval
      } else {
        robustness[rule][method] = interval
      }
    }
  }

  private static func robustness(_ c: Comparison, _ rule: Int, _ method: Int) -> Interval? {
    let strata = c.tasks.indices.map { c.runs($0, rule, method).reachedBySeed }
      .filter { !$0.isEmpty }
    guard !strata.isEmpty else { return nil }
    let key = RandomKey("report.robustness", rule, method)
    return Bootstrap(key: key, resamples: 1000).bcaInterval(strata) { strata in
      var sum = 0.0
      for stratum in strata { sum += mean(stratum)! }
      return sum / Double(strata.count)
    }
  }

  private static func tuned(
    _ c: Comparison, _ task: Int, _ rule: Int, _ method: Int
  ) -> Interval? {
    guard let runs = c.runs(task, rule, method).tuned?.runs, !runs.isEmpty else { return nil }
    let gaps = runs.map(\.logGap)
    guard SeedRange.isEnough(gaps.count) else { return SeedRange.interval(gaps) }
    let key = RandomKey("report.best-tuned", task, rule, method)
    return Bootstrap(key: key).percentileInterval([gaps]) { median($0[0])! }
  }
}
