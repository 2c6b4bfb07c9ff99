internal import PortableMath
internal import Records
internal import Statistics

/// The bootstrap intervals of a comparison, each from its own random numbers, so that threads may
/// share the work.
struct Intervals: Sendable {
  /// By rule and method: of the mean robustness, over seeds.
  private(set) var robustness: [[Interval?]] = []
  /// By task, rule and method: of the median log₁₀ final gap of the tuned runs; see ``Samples``.
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
    let byName = c.tasks.indices.sorted { c.tasks[$0] < c.tasks[$1] }
    return Samples.interval(
      ofTasks: byName.map { c.runs($0, rule, method).reachedBySeed }.filter { !$0.isEmpty },
      key: .report("robustness", c.rules[rule], c.methods[method]))
  }

  private static func tuned(
    _ c: Comparison, _ task: Int, _ rule: Int, _ method: Int
  ) -> Interval? {
    guard let runs = c.runs(task, rule, method).tuned?.runs, !runs.isEmpty else { return nil }
    return Samples.interval(
      ofMedian: runs.map(\.logGap),
      key: .report("best-tuned", c.tasks[task], c.rules[rule], c.methods[method]))
  }
}

extension RandomKey {
  /// Of what is resampled in a report, by names: their order in the suite changes no number.
  static func report(_ names: String...) -> RandomKey {
    RandomKey("report." + names.joined(separator: "\n"))
  }
}
