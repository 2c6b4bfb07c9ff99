internal import Experiments
internal import PortableMath
internal import Statistics

/// The runs of a suite's sweep in the order of its tables, grouped once, and what every table and
/// picture asks of them.
struct Comparison {
  let suite: Suite
  /// Of the suite, and any that only the runs name, after them.
  let tasks: [String]
  let rules: [String]
  let methods: [String]
  /// Indexed by task, rule and method in turn.
  private let cells: [MethodRuns]
  /// Distinct seeds of the sweep, ascending.
  let seeds: [Int]
  /// The starting rate is chosen on seeds that are not reported.
  let choosesOnOtherSeeds: Bool
  let provenance: String

  init(_ results: Results) {
    suite = results.suite
    let sweep = results.runs.filter { $0.part == .sweep }
    let tasks = Self.names(results.suite.tasks.map(\.name), sweep.map(\.task))
    let rules = Self.names(results.suite.rules.map(\.name), sweep.map(\.rule))
    let methods = Self.names(results.suite.methods.map(\.name), sweep.map(\.method))
    self.tasks = tasks
    self.rules = rules
    self.methods = methods
    let taskIndex = Dictionary(uniqueKeysWithValues: zip(tasks, tasks.indices))
    let ruleIndex = Dictionary(uniqueKeysWithValues: zip(rules, rules.indices))
    let methodIndex = Dictionary(uniqueKeysWithValues: zip(methods, methods.indices))
    var grouped = [[RunRecord]](repeating: [], count: tasks.count * rules.count * methods.count)
    for run in sweep {
      // The three dictionaries hold the names of every run.
      let t = taskIndex[run.task]!, r = ruleIndex[run.rule]!, m = methodIndex[run.method]!
      grouped[(t * rules.count + r) * methods.count + m].append(run)
    }
    let seeds = Set(sweep.map(\.seed))
    self.seeds = seeds.sorted()
    let tuning = Set(results.suite.tuningSeeds).intersection(seeds)
    let report = Set(results.suite.reportSeeds).intersection(seeds)
    let separate = !tuning.isEmpty && !report.subtracting(tuning).isEmpty
    choosesOnOtherSeeds = separate
    cells = grouped.map {
      MethodRuns(
        $0, tuningSeeds: separate ? tuning : seeds,
        reportSeeds: separate ? report.subtracting(tuning) : seeds)
    }
    provenance =
      "Suite \(results.suite.name), version \(results.suite.version); runs with SHA-256 "
      + results.digest
  }

  /// The runs of a task, rule and method, by position.
  func runs(_ task: Int, _ rule: Int, _ method: Int) -> MethodRuns {
    cells[(task * rules.count + rule) * methods.count + method]
  }

  /// The mean over tasks, with equal weight, of what `value` says of each; `nil` without any.
  func meanOverTasks(
    _ rule: Int, _ method: Int, _ value: (MethodRuns) -> Double?
  ) -> Double? {
    mean(tasks.indices.compactMap { value(runs($0, rule, method)) })
  }

  /// The budget of a run on `task` under `rule`: the most gradients that any run was given.
  func budget(_ task: Int, _ rule: Int) -> Int {
    methods.indices.map { method in
      runs(task, rule, method).runs.reduce(0) { max($0, $1.gradientEvaluations) }
    }.max() ?? 0
  }

  private static func names(_ known: [String], _ found: [String]) -> [String] {
    known + Set(found).subtracting(known).sorted()
  }
}

/// The runs of one task, rule and method.
struct MethodRuns {
  /// Sorted by starting rate and seed.
  let runs: [RunRecord]
  /// The same by starting rate, ascending.
  let rates: [RateRuns]
  /// At the starting rate with the least median final gap on the tuning seeds.
  let tuned: Tuned?

  struct RateRuns {
    let index: Int
    let exponent: Double
    let runs: [RunRecord]
  }

  struct Tuned {
    enum Edge: String { case inside = "", low, high }
    let index: Int
    let exponent: Double
    let rate: Double
    /// Whether the grid ends there, so that a better rate may lie outside.
    let edge: Edge
    /// On the seeds that are reported.
    let runs: [RunRecord]
  }

  init(_ unsorted: [RunRecord], tuningSeeds: Set<Int>, reportSeeds: Set<Int>) {
    let runs = unsorted.sorted { ($0.rateIndex, $0.seed) < ($1.rateIndex, $1.seed) }
    var rates: [RateRuns] = []
    var first = 0
    while first < runs.count {
      var end = first + 1
      while end < runs.count && runs[end].rateIndex == runs[first].rateIndex { end += 1 }
      rates.append(
        RateRuns(
          index: runs[first].rateIndex, exponent: runs[first].rateExponent,
          runs: Array(runs[first..<end])))
      first = end
    }
    self.runs = runs
    self.rates = rates
    tuned = Self.tuned(rates, tuningSeeds, reportSeeds)
  }

  private static func tuned(
    _ rates: [RateRuns], _ tuningSeeds: Set<Int>, _ reportSeeds: Set<Int>
  ) -> Tuned? {
    var best: (gap: Double, area: Double, position: Int)?
    for (position, rate) in rates.enumerated() {
      let tuning = rate.runs.filter { tuningSeeds.contains($0.seed) }
      guard let gap = median(tuning.map(\.shownGap)) else { continue }
      // Equal gaps (all the way down, or all diverged): the faster, then the smaller rate.
      let area = median(tuning.map { $0.areaUnderLogGap.isNaN ? .infinity : $0.areaUnderLogGap })!
      if let best, (best.gap, best.area) <= (gap, area) { continue }
      best = (gap, area, position)
    }
    guard let best else { return nil }
    let rate = rates[best.position]
    let edge: Tuned.Edge =
      rates.count == 1
      ? .inside : best.position == 0 ? .low : best.position == rates.count - 1 ? .high : .inside
    return Tuned(
      index: rate.index, exponent: rate.exponent, rate: rate.runs[0].startingRate, edge: edge,
      runs: rate.runs.filter { reportSeeds.contains($0.seed) })
  }

  /// The share of runs for which `isTrue` holds; `nil` without runs.
  func share(_ isTrue: (RunRecord) -> Bool) -> Double? {
    runs.isEmpty ? nil : Double(runs.count(where: isTrue)) / Double(runs.count)
  }

  /// For each seed, the share of starting rates for which `isTrue` holds.
  func shareBySeed(_ isTrue: (RunRecord) -> Bool) -> [Double] {
    var counts: [Int: (all: Int, held: Int)] = [:]
    for run in runs {
      counts[run.seed, default: (0, 0)].all += 1
      if isTrue(run) { counts[run.seed]!.held += 1 }
    }
    return counts.keys.sorted().map { Double(counts[$0]!.held) / Double(counts[$0]!.all) }
  }
}

extension RunRecord {
  /// The final gap with NaN taken as infinite, and not below 10⁻¹⁶, where rounding begins.
  var shownGap: Double { finalGap.isNaN ? .infinity : max(finalGap, 1e-16) }
  /// log₁₀ of ``shownGap``.
  var logGap: Double { decimalLog(shownGap) }
  /// At or below the rule's target at some evaluated step.
  var passed: Bool { firstPassage != nil }
}

/// log₁₀ x from the portable logarithm; −∞ at zero and below.
func decimalLog(_ x: Double) -> Double {
  if x <= 0 { return -.infinity }
  if x == .infinity { return x }
  return Portable.log(x) * 0.43429448190325182
}
