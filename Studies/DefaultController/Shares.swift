public import Experiments
internal import Records
internal import Reporting
internal import Statistics
internal import Tasks

/// Of one folder of results: the share of runs on the reported seeds that reach the target.
public struct Shares {
  let suite: Suite
  let digest: String
  let tasks: [String]
  let rules: [String]
  let methods: [String]
  /// The tasks that train neural networks, as their texts say.
  let networks: Set<String>
  private var cells: [Key: [RunRecord]] = [:]

  private struct Key: Hashable {
    let task: String
    let rule: String
    let method: String
  }

  /// - Parameter names: what the tasks' texts may name.
  /// - Throws: ``ExperimentError`` for a folder that holds no results, and ``SpecError`` for a task
  ///   whose text names nothing.
  public init(_ folder: String, names: Names = .standard) throws {
    let results = try ResultsFolder.open(folder)
    suite = results.suite
    digest = results.digest
    tasks = suite.tasks.map(\.name)
    rules = suite.rules.map(\.name)
    methods = suite.methods.map(\.name)
    let variables = ["steps": Double(suite.steps ?? 1000)]
    networks = Set(
      try results.suite.tasks.filter {
        try TaskList.read($0.spec, variables: variables, among: names.tasks).isNetwork
      }.map(\.name))
    var cells: [Key: [RunRecord]] = [:]
    try results.forEachRun { run in
      if run.part == .sweep {
        cells[Key(task: run.task, rule: run.rule, method: run.method), default: []].append(run)
      }
    }
    self.cells = cells
  }

  /// From every starting rate: nothing is chosen.
  public func untuned(_ task: String, _ rule: String, _ method: String) -> Double? {
    share(reported(runs(task, rule, method)))
  }

  /// From the starting rate that tables of tuned results choose, on the tuning seeds.
  public func tuned(_ task: String, _ rule: String, _ method: String) -> Double? {
    let all = runs(task, rule, method)
    let byRate = Dictionary(grouping: all.filter { suite.tuningSeeds.contains($0.seed) }) {
      $0.rateIndex
    }
    guard let best = TuningScore.best(of: byRate.mapValues { $0.map(ScoredRun.init) }) else {
      return nil
    }
    return share(reported(all).filter { $0.rateIndex == best })
  }

  /// Whole decades among the starting rates.
  var exponents: [Double] {
    let all = cells.values.flatMap { $0 }.compactMap(\.rateExponent)
    return Set(all.filter { $0 == $0.rounded() }).sorted()
  }

  /// The runs on the reported seeds.
  func reported(_ task: String, _ rule: String, _ method: String) -> [RunRecord] {
    reported(runs(task, rule, method))
  }

  private func runs(_ task: String, _ rule: String, _ method: String) -> [RunRecord] {
    cells[Key(task: task, rule: rule, method: method)] ?? []
  }

  private func reported(_ runs: [RunRecord]) -> [RunRecord] {
    runs.filter { suite.reportSeeds.contains($0.seed) }
  }

  private func share(_ runs: [RunRecord]) -> Double? {
    mean(runs.map { $0.reached ? 1 : 0 })
  }
}
