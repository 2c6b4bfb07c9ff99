internal import PortableMath
internal import Statistics

/// Intervals over tasks: tasks, not seeds, are resampled, with all their runs. They say what other
/// tasks of the kind might show; those over seeds say what other seeds on the same tasks would.
///
/// They are no more than the tasks are representative, and of few tasks their range: see ``Samples``.
struct TaskIntervals: Sendable {
  /// By method: of the share of robust runs, mean over rules, then over tasks.
  private(set) var robustness: [Interval?]
  /// By method: of the share of the first method (that with the greatest) less this one's, task by
  /// task; `nil` for the first.
  private(set) var behind: [Interval?]
  /// By rule and method: of the share of robust runs under the rule.
  private(set) var robustnessByRule: [[Interval?]]
  /// By rule and method: of the mean rank.
  private(set) var rank: [[Interval?]]

  init() { (robustness, behind, robustnessByRule, rank) = ([], [], [], []) }

  init(_ c: Comparison) {
    func interval(_ name: String, _ values: [Double], _ rule: Int?, _ method: Int) -> Interval? {
      Self.interval(
        values, of: name, rule: rule.map { c.rules[$0] } ?? "", method: c.methods[method])
    }
    func shares(_ rules: some Sequence<Int>, _ method: Int) -> [Int: Double] {
      var found: [Int: Double] = [:]
      for task in c.tasks.indices {
        found[task] = mean(rules.compactMap { c.runs(task, $0, method).share(.reached) })
      }
      return found
    }
    let all = c.methods.indices.map { shares(c.rules.indices, $0) }
    func listed(_ shares: [Int: Double]) -> [Double] { c.tasks.indices.compactMap { shares[$0] } }
    robustness = all.indices.map { interval("robustness", listed(all[$0]), nil, $0) }
    let first = TaskIntervals.first(c)
    behind = all.indices.map { m in
      guard let first, m != first else { return nil }
      let differences = c.tasks.indices.compactMap { task -> Double? in
        guard let best = all[first][task], let own = all[m][task] else { return nil }
        return best - own
      }
      return interval("behind", differences, nil, m)
    }
    robustnessByRule = c.rules.indices.map { rule in
      c.methods.indices.map { interval("robustness", listed(shares([rule], $0)), rule, $0) }
    }
    rank = c.rules.indices.map { rule in
      let ranks = BestTunedTables(comparison: c).ranks(rule)
      return ranks.indices.map { interval("rank", ranks[$0], rule, $0) }
    }
  }

  /// Of the mean of one value a task; `nil` of a single task.
  static func interval(
    _ values: [Double], of name: String, rule: String = "", method: String
  ) -> Interval? {
    Samples.interval(ofMean: values, key: .report("tasks." + name, rule, method))
  }

  /// The method with the greatest share of robust runs over all rules and tasks, of those with a
  /// starting rate.
  static func first(_ c: Comparison) -> Int? {
    let shares = c.methods.indices.map { RobustnessTables(comparison: c).overall($0) }
    let compared = c.methods.indices.filter { c.hasStart[$0] && shares[$0] != nil }
    guard let greatest = compared.map({ shares[$0]! }).max() else { return nil }
    return compared.first { isSame(shares[$0]!, greatest) }
  }
}
