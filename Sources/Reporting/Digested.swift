internal import Records

/// What the report is made of: all that it says is a function of this, and this of the runs.
///
/// Kept for each (task, rule, method): counts, quartiles at each starting rate, shares by seed, and
/// the scores of the runs at the tuned rate. While runs are read, those of one (task, rule, method)
/// are in memory, about 100 bytes each.
struct Digested: Sendable {
  let suite: Suite
  let comparison: Comparison
  let map: HyperMap
  let budget: TuningBudget
  let curves: Curves
  let digest: String
  let provenance: [(name: String, value: String)]
  /// The user's data, where there were any.
  let data: DataRecord?
  /// The rules by which the numbers were made.
  let protocolText: [String]

  /// Reads stored runs one after the other.
  ///
  /// - Throws: ``ExperimentError`` with the line that is damaged.
  init(_ stored: StoredResults, jobs: Int) throws {
    let seeds = Set(stored.suite.tuningSeeds + stored.suite.reportSeeds)
    var reading = Reading(suite: stored.suite, seeds: seeds)
    try stored.forEachRun { reading.add($0) }
    let comparison = reading.comparison(digest: stored.digest, jobs: jobs)
    var curves = CurvesBuilder(comparison)
    try stored.forEachTrace { curves.add($0) }
    self.init(
      comparison, reading.map, reading.budget, curves, digest: stored.digest,
      provenance: stored.provenance, data: stored.data, protocolText: stored.protocolText)
  }

  init(_ results: Results, jobs: Int = 1) {
    let seeds = Set(results.runs.filter { $0.part == .sweep }.map(\.seed))
    var reading = Reading(suite: results.suite, seeds: seeds)
    for run in ResultsFolder.sorted(results.runs) { reading.add(run) }
    let comparison = reading.comparison(digest: results.digest, jobs: jobs)
    var curves = CurvesBuilder(comparison)
    for trace in ResultsFolder.sorted(results.traces) { curves.add(trace) }
    self.init(
      comparison, reading.map, reading.budget, curves, digest: results.digest,
      provenance: results.provenance, data: results.data, protocolText: results.protocolText)
  }

  private init(
    _ comparison: Comparison, _ map: HyperMapBuilder, _ budget: consuming TuningBudgetBuilder,
    _ curves: CurvesBuilder, digest: String, provenance: [(name: String, value: String)],
    data: DataRecord?, protocolText: [String]
  ) {
    suite = comparison.suite
    self.comparison = comparison
    self.map = HyperMap(map, suite: comparison.suite)
    self.budget = TuningBudget(budget)
    self.curves = Curves(curves)
    self.digest = digest
    self.provenance = provenance
    self.data = data
    self.protocolText = protocolText
  }

  private struct Reading {
    var sweep: ComparisonBuilder
    var map = HyperMapBuilder()
    var budget: TuningBudgetBuilder

    init(suite: Suite, seeds: Set<Int>) {
      sweep = ComparisonBuilder(suite: suite, seeds: seeds)
      budget = TuningBudgetBuilder(suite: suite)
    }

    mutating func add(_ run: RunRecord) {
      budget.add(run)
      switch run.part {
      case .sweep: sweep.add(run)
      case .map: map.add(run)
      }
    }

    func comparison(digest: String, jobs: Int) -> Comparison {
      var comparison = Comparison(sweep, digest: digest)
      comparison.intervals = Intervals(comparison, jobs: jobs)
      return comparison
    }
  }
}
