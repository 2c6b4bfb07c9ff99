public import Datasets
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
    public var data: DataSource?
    public var commandLine: [String]
    /// The program's own file, whose digest tells whether stored parts are still its own.
    public var program: String
    /// Whether results and parts of another comparison in the folder are dropped; a run ends before
    /// it begins where there are such, otherwise.
    public var replaces: Bool

    public init(
      jobs: Int, output: String, data: DataSource?, commandLine: [String], program: String,
      replaces: Bool = false
    ) {
      self.jobs = jobs
      self.output = output
      self.data = data
      self.commandLine = commandLine
      self.program = program
      self.replaces = replaces
    }
  }

  /// What a progress display shows. A part is a (task, seed, rule), the least that is stored.
  public enum Event: Sendable {
    /// Said once, before the work: parts to be made with their runs, parts found from an earlier
    /// call, parts of another suite, program or other data that were dropped, as was asked.
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
  /// - Parameters:
  ///   - lock: of the output folder, where the caller has it already.
  ///   - finish: makes what stands beside the results, such as the report. The journal is removed
  ///     after it, so that nothing is run again where it fails.
  /// - Throws: ``ExperimentError``, ``SpecError``, what reading the data and `finish` throw; what was
  ///   finished before stays in the journal.
  @discardableResult
  public func run(
    _ report: @escaping @Sendable (Event) -> Void,
    finish: (StoredResults) throws -> Void = { _ in }
  ) throws -> StoredResults {
    try run(holding: nil, report, finish: finish)
  }

  /// The same with the output folder's lock, where the caller has it already.
  @discardableResult
  package func run(
    holding lock: FolderLock?, _ report: @escaping @Sendable (Event) -> Void,
    finish: (StoredResults) throws -> Void = { _ in }
  ) throws -> StoredResults {
    let factory = TaskFactory(data: options.data, names: names)
    let dataHash = try options.data.map { try DataFiles.digest($0) }
    let suiteHash = try suite.hash()
    let program = try programHash()
    if let fault = (SuiteFile.nameFaults(in: suite) + SuiteFile.targetFaults(in: suite)).first {
      throw ExperimentError("suite '\(suite.name)': \(fault.message)")
    }
    let (costs, toldMetric) = try SuiteCheck(suite, factory).run(jobs: options.jobs)
    for note in factory.takeNotes() { report(.note(note)) }
    let lock = try lock ?? FolderLock(making: options.output)
    defer { withExtendedLifetime(lock) {} }
    try ResultsFolder.removeLeftOvers(in: options.output)
    try PlanSize(suite).check(options.output)

    let programs = factory.programRecords
    let files = (programs ?? []).map { ExternalCommand.line($0.files) }
    let known = try Known(suite, program: program, dataHash: dataHash)
    let key = Journal.Key(text: ([known.key, suiteHash] + files).joined(separator: " "))
    let (journal, dropped) = try Journal.open(
      in: options.output, key: key, replacing: options.replaces)
    try checkOthers(journal) { $0.suiteHash == suiteHash }
    try journal.begin()
    var resumed = 0
    var waiting: [WorkUnit] = []
    for unit in WorkUnit.all(of: suite, jobs: options.jobs) {
      var missing: [Int] = []
      for rule in unit.rules where try !journal.holds(part(unit, rule: rule)) {
        missing.append(rule)
      }
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

    var digests = try Publisher(
      suite, journal: journal, output: options.output, replaces: options.replaces
    ).publish()
    let manifest = Manifest(
      suite: suite, suiteHash: suiteHash, planHash: known.plan,
      digest: digests.removeValue(forKey: "runs.jsonl")!,
      otherDigests: digests, version: packageVersion, programHash: program,
      commandLine: options.commandLine, dataHash: dataHash, data: factory.dataRecord,
      programs: programs,
      machine: Manifest.thisMachine, protocolText: suite.benchmarkProtocol(toldMetric: toldMetric))
    try Files.write(try manifest.sealed(), to: options.output + "/manifest.json")
    let results = StoredResults(folder: options.output, manifest: manifest)
    try finish(results)
    try journal.remove()
    return results
  }

  func programHash() throws(ExperimentError) -> String {
    // A program whose file is gone, replaced by another build, is known by its version.
    if access(options.program, F_OK) != 0, errno == ENOENT { return packageVersion }
    return try Digest.sha256(file: options.program)
  }

  /// What stands where unfinished parts of a comparison go, and is none; `nil` where there is nothing.
  ///
  /// - Throws: ``ExperimentError`` where it can't be told.
  package static func foreignPart(in folder: String) throws(ExperimentError) -> String? {
    try Journal.foreignFile(in: folder)
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
    let suiteTask = suite.tasks[unit.task]
    let task = try factory.make(suiteTask.spec, instance: unit.seed, horizon: suite.steps)
    let horizon = try factory.horizon(of: suite, task: task)
    func open<T: BenchmarkTask>(_ task: T) throws {
      let goals = try suite.goals(
        of: suiteTask, on: task, seed: unit.seed, horizon: horizon, factory.names.catalogue)
      // A unit of very many runs goes rule by rule, and each rule in portions.
      let isLarge = unit.rules.count > 1 && runCount(unit) > Self.portion
      for rules in isLarge ? unit.rules.map({ [$0] }) : [unit.rules] {
        let part = WorkUnit(task: unit.task, seed: unit.seed, rules: rules)
        try run(
          part, try store.plans(part, horizon: horizon, names: factory.names), on: task, goals,
          horizon: horizon, journal)
      }
    }
    try open(task)
  }

  private func run<T: BenchmarkTask>(
    _ unit: WorkUnit, _ plans: [RunPlan], on task: T, _ goals: [Goal], horizon: Int,
    _ journal: Journal
  ) throws {
    let start = ContinuousClock.now
    var records: [RunRecord] = []
    var traces: [RunTrace] = []
    for first in stride(from: 0, to: plans.count, by: Self.portion) {
      let done = try Cohort.run(
        Array(plans[first..<min(plans.count, first + Self.portion)]), on: task,
        named: suite.tasks[unit.task].name, seed: unit.seed, horizon: horizon,
        evaluationCount: suite.evaluations, rules: suite.rules.map(\.name), goals: goals,
        metric: suite.validationMetric ?? .loss, judgedBy: suite.judgedLoss)
      records += done.records
      traces += done.traces
    }
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
