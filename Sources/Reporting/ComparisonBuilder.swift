internal import Records

/// Takes the runs of a sweep one after the other, sorted as they are stored, and keeps what
/// ``Comparison`` needs. Besides that, the runs of one task, rule and method are held at a time, as
/// ``ScoredRun``.
struct ComparisonBuilder {
  struct Key: Hashable {
    let task: String
    let rule: String
    let method: String
  }

  /// The seeds of the sweep, and what they are for.
  struct Seeds {
    /// Ascending.
    let seen: [Int]
    let areSeparate: Bool
    let tuning: Set<Int>
    let report: Set<Int>

    init(_ seen: Set<Int>, of suite: Suite) {
      self.seen = seen.sorted()
      let tuning = Set(suite.tuningSeeds).intersection(seen)
      let report = Set(suite.reportSeeds).intersection(seen).subtracting(tuning)
      areSeparate = !tuning.isEmpty && !report.isEmpty
      self.tuning = areSeparate ? tuning : seen
      self.report = areSeparate ? report : seen
    }
  }

  let suite: Suite
  let seeds: Seeds
  private(set) var groups: [Key: MethodRuns] = [:]
  /// With an empty task.
  private(set) var movements: [Key: MovementBuilder] = [:]
  private(set) var runCount = 0
  private var key: Key?
  private var group = MethodRunsBuilder()
  private var movement: MovementBuilder?

  /// - Parameter seeds: all those of the runs to come.
  init(suite: Suite, seeds: Set<Int>) {
    self.suite = suite
    self.seeds = Seeds(seeds, of: suite)
  }

  mutating func add(_ run: RunRecord) {
    if key?.method != run.method || key?.rule != run.rule || key?.task != run.task {
      open(Key(task: run.task, rule: run.rule, method: run.method))
    }
    runCount += 1
    group.add(run)
    movement?.add(run)
  }

  private mutating func open(_ next: Key) {
    closeGroup()
    key = next
    let all = Key(task: "", rule: next.rule, method: next.method)
    movement = movements[all] ?? MovementBuilder()
    movements[all] = movement
  }

  /// Reduces the runs of the open group.
  mutating func closeGroup() {
    guard let key else { return }
    groups[key] = group.result(seeds)
    group = MethodRunsBuilder()
    self.key = nil
  }
}
