internal import Foundation
public import Records
internal import Synchronization
internal import Tasks

/// Runs a suite: units of work over threads, a journal of what is done, and at the end the results,
/// sorted, whichever thread made them.
///
/// A finished part goes to the journal and is dropped, so memory does not grow with the number of
/// runs.
public struct Runner: Sendable {
  public struct Options: Sendable {
    /// Threads.
    public var jobs: Int
    /// The folder that results are written to.
    public var output: String
    public var data: String?
    /// The label column of CSV data; `nil` for the last one.
    public var labelColumn: String?
    public var commandLine: [String]
    /// The program's own file, whose digest tells whether stored parts are still its own.
    public var program: String

    public init(
      jobs: Int, output: String, data: String?, labelColumn: String? = nil, commandLine: [String],
      program: String
    ) {
      self.jobs = jobs
      self.output = output
      self.data = data
      self.labelColumn = labelColumn
      self.commandLine = commandLine
      self.program = program
    }
  }

  /// What a progress display shows. A part is a (task, seed, rule), the least that is stored.
  public enum Event: Sendable {
    /// Said once, before the work: parts to be made with their runs, parts found from an earlier
    /// call, parts dropped because suite, data or program changed.
    case begun(parts: Int, resumed: Int, dropped: Int, runs: Int)
    case finished(parts: Int, of: Int)
    case note(String)
  }

  public let suite: Suite
  public let options: Options
  /// What texts may name.
  public let names: Names

  public init(_ suite: Suite, _ options: Options, names: Names = .standard) {
    var suite = suite
    suite.readMethods(names.catalogue)
    self.names = names
    self.suite = suite
    self.options = options
  }

  /// Runs what is not yet done, publishes the results, and returns them.
  ///
  /// - Throws: ``ExperimentError``, ``SpecError`` and what reading the data throws; what was
  ///   finished before stays in the journal.
  public func run(_ report: @escaping @Sendable (Event) -> Void) throws -> StoredResults {
    let factory = TaskFactory(
      data: options.data, labelColumn: options.labelColumn, names: names)
    let dataHash = try options.data.map {
      try DataFiles.digest($0, labelColumn: options.labelColumn)
    }
    let suiteHash = Digest.sha256(try JSONLines.encode(suite.described))
    let program = Digest.sha256(ofFile: options.program) ?? packageVersion
    let costs = try SuiteCheck(suite, factory).run(jobs: options.jobs)
    try Files.makeFolder(options.output)
    // A first write shows at once whether there is a place to write to.
    try Files.write("", to: options.output + "/journal.test")
    try? FileManager.default.removeItem(atPath: options.output + "/journal.test")

    let key = [suiteHash, program, dataHash ?? "none"].joined(separator: " ")
    let (journal, dropped) = try Journal.open(in: options.output, key: key)
    var resumed = 0
    var waiting: [WorkUnit] = []
    for unit in WorkUnit.all(of: suite, jobs: options.jobs) {
      let missing = unit.rules.filter { !journal.holds(part(unit, rule: $0)) }
      resumed += unit.rules.count - missing.count
      if !missing.isEmpty {
        waiting.append(WorkUnit(task: unit.task, seed: unit.seed, rules: missing))
      }
    }
    // The costliest are begun first, so that no thread is idle at the end. The order is no part of
    // the results.
    let order = waiting.indices.sorted {
      let (a, b) = (waiting[$0], waiting[$1])
      let (left, right) = (cost(a, costs), cost(b, costs))
      return left == right ? $0 > $1 : left > right
    }
    waiting = order.map { waiting[$0] }
    report(
      .begun(
        parts: waiting.reduce(0) { $0 + $1.rules.count }, resumed: resumed, dropped: dropped,
        runs: waiting.reduce(0) { $0 + runCount($1) }))
    try work(waiting, factory, journal, report)

    let digest = try Publisher(suite, journal: journal, output: options.output).publish()
    let manifest = Manifest(
      suite: suite, suiteHash: suiteHash, digest: digest, version: packageVersion,
      programHash: program, commandLine: options.commandLine, dataHash: dataHash,
      data: factory.dataRecord, machine: Manifest.thisMachine,
      protocolText: Manifest.benchmarkProtocol)
    try Files.write(try JSONLines.pretty(manifest), to: options.output + "/manifest.json")
    journal.remove()
    return StoredResults(folder: options.output, manifest: manifest)
  }

  private func part(_ unit: WorkUnit, rule: Int) -> Journal.Part {
    Journal.Part(
      task: suite.tasks[unit.task].name, seed: unit.seed, rule: suite.rules[rule].name)
  }

  private func runCount(_ unit: WorkUnit) -> Int {
    suite.runCount(seed: unit.seed, rules: unit.rules)
  }

  /// Seconds, roughly.
  private func cost(_ unit: WorkUnit, _ costs: [Double]) -> Double {
    costs[unit.task] * Double(runCount(unit))
  }

  private func work(
    _ units: [WorkUnit], _ factory: TaskFactory, _ journal: Journal,
    _ report: @escaping @Sendable (Event) -> Void
  ) throws {
    let total = units.reduce(0) { $0 + $1.rules.count }
    let finished = Mutex(0)
    let store = PlanStore(suite)
    _ = try Workers.map(units, jobs: options.jobs) { unit in
      try run(unit, factory, store, journal)
      let count = finished.withLock { count in
        count += unit.rules.count
        return count
      }
      report(.finished(parts: count, of: total))
    }
  }

  /// Runs a unit and stores its parts.
  private func run(
    _ unit: WorkUnit, _ factory: TaskFactory, _ store: PlanStore, _ journal: Journal
  ) throws {
    // A unit of very many runs goes rule by rule, and each rule in portions.
    if unit.rules.count > 1, runCount(unit) > Self.portion {
      for rule in unit.rules {
        try run(WorkUnit(task: unit.task, seed: unit.seed, rules: [rule]), factory, store, journal)
      }
      return
    }
    let suiteTask = suite.tasks[unit.task]
    let task = try factory.make(suiteTask.spec, instance: unit.seed, horizon: suite.steps)
    let horizon = try factory.horizon(of: suite, task: task)
    let plans = try store.plans(unit, horizon: horizon, names: factory.names)
    let goals = suite.rules.map { rule in
      Goal(
        target: suiteTask.references[rule.name]?.target ?? 0,
        commonTarget: suiteTask.commonTarget)
    }
    let start = ContinuousClock.now
    var records: [RunRecord] = []
    var traces: [RunTrace] = []
    func open<T: BenchmarkTask>(_ task: T) throws {
      for first in stride(from: 0, to: plans.count, by: Self.portion) {
        let done = try Cohort.run(
          Array(plans[first..<min(plans.count, first + Self.portion)]), on: task,
          named: suiteTask.name, seed: unit.seed, horizon: horizon,
          evaluationCount: suite.evaluations, rules: suite.rules.map(\.name), goals: goals)
        records += done.records
        traces += done.traces
      }
    }
    try open(task)
    let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(unit.rules.count)
    for rule in unit.rules {
      let name = suite.rules[rule].name
      try journal.store(
        part(unit, rule: rule), runs: records.filter { $0.rule == name },
        traces: traces.filter { $0.rule == name }, seconds: seconds)
    }
  }

  /// Runs that a thread advances together at the most, so that the memory of a unit is bounded
  /// however many starting rates a suite has.
  private static let portion = 4096
}
