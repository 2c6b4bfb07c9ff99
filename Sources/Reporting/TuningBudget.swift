internal import PortableMath
internal import Records
internal import Statistics

/// What a method is worth after n trials of tuning, its hyper-learning-rate counted.
///
/// A trial is a place of the method's grid, drawn without replacement, each as likely as the others:
/// the starting rates of the sweep, or those times the hyper-learning-rates of the map, where the
/// method is in it. The best of n trials is the one with the least median final gap on the tuning
/// seeds; what counts is its share of successes s on the seeds that are reported. With the N places
/// sorted from the best, i = 0, to the worst, the i-th is the best of n with probability
///
///     p_0 = n/N,  p_{i+1} = p_i (N − i − n)/(N − 1 − i)
///
/// so that the expectation Σ p_i s_i is exact: no trial is simulated. All methods have the seeds that
/// the sweep and the map have in common.
///
/// > Source: J. Dodge et al., Show Your Work (EMNLP 2019), for the expected best of n; here without
/// > replacement, and with the choice and the report on different seeds. That optimizers are to be
/// > compared by budget: P. T. Sivaprasad et al. (ICML 2020).
struct TuningBudget: Sendable {
  struct Entry: Sendable {
    let method: String
    /// Whether its hyper-learning-rate is tuned, too.
    let hasHyper: Bool
    /// The most places of a task's grid.
    let places: Int
    /// By task, in the suite's order: the places from the best on the tuning seeds to the worst, each
    /// with its share of successes on the others; by rule.
    let shares: [[[Double]]]

    /// The expected share of successes after n trials on each task, mean over rules.
    func expected(trials n: Int) -> [Double] {
      shares.compactMap { byRule in
        mean(byRule.filter { !$0.isEmpty }.map { TuningBudget.expected($0, trials: n) })
      }
    }
  }

  let entries: [Entry]
  let tuningSeeds: [Int]
  let reportSeeds: [Int]

  init(_ builder: consuming TuningBudgetBuilder) {
    builder.closeGroup()
    let suite = builder.suite
    (tuningSeeds, reportSeeds) = (builder.tuning, builder.report)
    guard !tuningSeeds.isEmpty, !reportSeeds.isEmpty else {
      entries = []
      return
    }
    let mapped = Set((suite.map?.methods ?? []).map(\.name))
    let names =
      suite.methods.filter(suite.hasStartingRate).map(\.name)
      + (suite.map?.methods ?? []).map(\.name).filter { name in
        !suite.methods.contains { $0.name == name }
      }
    let groups = builder.groups
    entries = names.compactMap { name in
      let isMapped = mapped.contains(name)
      let shares = suite.tasks.map { task in
        suite.rules.map { rule in
          groups[
            .init(part: isMapped ? .map : .sweep, task: task.name, rule: rule.name, method: name)]?
            .sorted ?? []
        }
      }
      let places = shares.joined().map(\.count).max() ?? 0
      guard places > 0 else { return nil }
      return Entry(method: name, hasHyper: isMapped, places: places, shares: shares)
    }
  }

  /// Σ p_i s_i; after more trials than there are places, the first.
  ///
  /// - Parameters:
  ///   - shares: from the place that tuning prefers to the last; one at least.
  ///   - n: at least 1.
  static func expected(_ shares: [Double], trials n: Int) -> Double {
    let count = shares.count
    let n = min(n, count)
    var p = Double(n) / Double(count)
    var sum = 0.0
    for (i, share) in shares.enumerated() where i <= count - n {
      sum += p * share
      if i < count - n { p *= Double(count - i - n) / Double(count - 1 - i) }
    }
    return sum
  }

  /// 1, 3, 9, … as long as some method has so many places, and its number of places.
  var trials: [Int] {
    guard let most = entries.map(\.places).max() else { return [] }
    var found: [Int] = []
    var n = 1
    while n < most {
      found.append(n)
      n *= 3
    }
    return found + [most]
  }

  /// The most trials that every method has places for.
  var common: Int { entries.map(\.places).min() ?? 0 }
}

/// Takes the runs of the sweep and the map, sorted as they are stored.
struct TuningBudgetBuilder {
  struct Key: Hashable {
    let part: RunRecord.Part
    let task: String
    let rule: String
    let method: String
  }

  /// The places of one task, rule and method.
  struct Group {
    private struct Place: Hashable {
      let rate: Int
      let hyper: Int
    }
    private struct Trial {
      var tuning: [ScoredRun] = []
      var runs = 0
      var reached = 0
    }
    private var trials: [Place: Trial] = [:]

    mutating func add(_ run: RunRecord, tunes: Bool) {
      let place = Place(rate: run.rateIndex, hyper: run.hyperIndex ?? 0)
      if tunes {
        trials[place, default: Trial()].tuning.append(ScoredRun(run))
      } else {
        trials[place, default: Trial()].runs += 1
        if run.reached { trials[place]!.reached += 1 }
      }
    }

    /// Shares of successes on the reported seeds, from the place that tuning prefers to the last. Of equal
    /// ones the smaller rate, then the smaller hyper-learning-rate.
    var sorted: [Double] {
      let whole = trials.compactMap { place, trial -> (TuningScore, Place, Double)? in
        guard trial.runs > 0, let score = TuningScore(trial.tuning) else { return nil }
        return (score, place, Double(trial.reached) / Double(trial.runs))
      }
      return whole.sorted {
        ($0.0, $0.1.rate, $0.1.hyper) < ($1.0, $1.1.rate, $1.1.hyper)
      }.map(\.2)
    }
  }

  let suite: Suite
  let tuning: [Int]
  let report: [Int]
  private let tunes: Set<Int>
  private let reports: Set<Int>
  private(set) var groups: [Key: Group] = [:]
  private var key: Key?
  private var group = Group()

  init(suite: Suite) {
    self.suite = suite
    let mapped = suite.map?.seeds ?? []
    tuning = suite.tuningSeeds.filter(mapped.contains)
    report = suite.reportSeeds.filter(mapped.contains)
    (tunes, reports) = (Set(tuning), Set(report))
  }

  mutating func add(_ run: RunRecord) {
    let isTuning = tunes.contains(run.seed)
    guard !tunes.isEmpty, isTuning || reports.contains(run.seed) else { return }
    let next = Key(part: run.part, task: run.task, rule: run.rule, method: run.method)
    if key != next {
      closeGroup()
      key = next
      group = groups[next] ?? Group()
    }
    group.add(run, tunes: isTuning)
  }

  mutating func closeGroup() {
    if let key { groups[key] = group }
    key = nil
  }
}
