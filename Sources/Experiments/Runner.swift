internal import Foundation
internal import Hypergradient
internal import Synchronization
internal import Tasks

/// Runs a suite: units of work over threads, a journal of what is done, and at the end the results,
/// sorted, whichever thread made them.
public struct Runner: Sendable {
  public struct Options: Sendable {
    /// Threads.
    public var jobs: Int
    /// The folder that results are written to.
    public var output: String
    public var data: String?
    public var commandLine: [String]
    /// The program's own file, whose digest tells whether stored parts are still its own.
    public var program: String

    public init(
      jobs: Int, output: String, data: String?, commandLine: [String], program: String
    ) {
      self.jobs = jobs
      self.output = output
      self.data = data
      self.commandLine = commandLine
      self.program = program
    }
  }

  /// What a progress display shows.
  public enum Event: Sendable {
    /// Said once, before the work: parts found from an earlier call, parts dropped because suite,
    /// data or program changed.
    case begun(units: Int, resumed: Int, dropped: Int, runs: Int)
    case finished(units: Int, of: Int)
    case note(String)
  }

  public let suite: Suite
  public let options: Options

  public init(_ suite: Suite, _ options: Options) {
    self.suite = suite
    self.options = options
  }

  /// Runs what is not yet done, publishes the results, and returns them.
  ///
  /// - Throws: ``ExperimentError``, ``SpecError`` and what reading the data throws; what was
  ///   finished before stays in the journal.
  public func run(_ report: @escaping @Sendable (Event) -> Void) throws -> Results {
    let factory = TaskFactory(data: options.data)
    let dataHash = try options.data.map { try DataFiles.digest($0) }
    let suiteHash = Digest.sha256(try JSONLines.encode(suite))
    let program = Digest.sha256(ofFile: options.program) ?? packageVersion
    try checkTasks(factory)
    try Files.makeFolder(options.output)
    // A first write shows at once whether there is a place to write to.
    try Files.write("", to: options.output + "/journal.test")
    try? FileManager.default.removeItem(atPath: options.output + "/journal.test")

    let key = [suiteHash, program, dataHash ?? "none"].joined(separator: " ")
    let (journal, dropped) = try Journal.open(in: options.output, key: key)
    var done: [Shard] = []
    var waiting: [WorkUnit] = []
    for unit in WorkUnit.all(of: suite, jobs: options.jobs) {
      var missing: [Int] = []
      for rule in unit.rules {
        let found = journal.load(
          task: suite.tasks[unit.task].name, seed: unit.seed, rule: suite.rules[rule].name)
        if let found {
          done.append(
            Shard(
              unit: unit, rule: rule, runs: found.runs, traces: found.traces,
              seconds: found.seconds))
        } else {
          missing.append(rule)
        }
      }
      if !missing.isEmpty {
        waiting.append(WorkUnit(task: unit.task, seed: unit.seed, rules: missing))
      }
    }
    // The built-in suites name their costliest tasks last: begun first, they leave no thread idle at
    // the end.
    waiting.reverse()
    report(
      .begun(
        units: waiting.count, resumed: done.count, dropped: dropped,
        runs: runCount(waiting)))
    done += try work(waiting, factory, journal, report)
    let results = try publish(done, suiteHash: suiteHash, program: program, dataHash: dataHash)
    journal.remove()
    return results
  }

  /// The finished runs of one (task, seed, rule).
  private struct Shard: Sendable {
    var unit: WorkUnit
    var rule: Int
    var runs: [RunRecord]
    var traces: [RunTrace]
    var seconds: Double
  }

  /// Makes every task and the plans of its first seed once, so that a wrong text, a missing
  /// reference, a method that does not fit or a task that fails its gates (gradient, reference, null
  /// method) ends the command before any work.
  private func checkTasks(_ factory: TaskFactory) throws {
    for task in suite.tasks {
      let made = try factory.make(task.spec, instance: suite.reportSeeds[0], horizon: suite.steps)
      let horizon = try factory.horizon(of: suite, task: made)
      let target = task.references.values.map(\.target).max() ?? Calibration.leastTarget
      let failures = TaskGates.failures(
        of: made, horizon: max(2, horizon), target: max(target, task.commonTarget),
        effort: options.data == nil ? .thorough : .quick)
      if let failure = failures.first {
        throw ExperimentError("task '\(task.name)' can't be in a suite: \(failure)")
      }
      for rule in suite.rules where task.references[rule.name] == nil {
        throw ExperimentError(
          "task '\(task.name)' has no reference for the rule '\(rule.name)': "
            + "'hypergrad calibrate' computes it")
      }
      for seed in [suite.reportSeeds[0]] + (suite.map?.seeds.prefix(1) ?? []) {
        let plans = try suite.plans(
          for: task, seed: seed, rules: Array(suite.rules.indices), horizon: horizon)
        for plan in plans { try plan.check(on: made, named: task.name) }
      }
    }
  }

  private func runCount(_ units: [WorkUnit]) -> Int {
    units.reduce(0) { $0 + suite.runCount(seed: $1.seed, rules: $1.rules.count) }
  }

  private func work(
    _ units: [WorkUnit], _ factory: TaskFactory, _ journal: Journal,
    _ report: @escaping @Sendable (Event) -> Void
  ) throws -> [Shard] {
    let finished = Mutex(0)
    return try Workers.map(units, jobs: options.jobs) { unit in
      let shards = try run(unit, factory)
      for shard in shards {
        try journal.store(
          task: suite.tasks[unit.task].name, seed: unit.seed, rule: suite.rules[shard.rule].name,
          runs: shard.runs, traces: shard.traces, seconds: shard.seconds)
      }
      let count = finished.withLock { count in
        count += 1
        return count
      }
      report(.finished(units: count, of: units.count))
      return shards
    }.flatMap { $0 }
  }

  private func run(_ unit: WorkUnit, _ factory: TaskFactory) throws -> [Shard] {
    let suiteTask = suite.tasks[unit.task]
    let task = try factory.make(suiteTask.spec, instance: unit.seed, horizon: suite.steps)
    let horizon = try factory.horizon(of: suite, task: task)
    let plans = try suite.plans(
      for: suiteTask, seed: unit.seed, rules: unit.rules, horizon: horizon)
    let goals = suite.rules.map { rule in
      Goal(
        target: suiteTask.references[rule.name]?.target ?? 0,
        commonTarget: suiteTask.commonTarget)
    }
    let start = ContinuousClock.now
    func open<T: BenchmarkTask>(_ task: T) -> (records: [RunRecord], traces: [RunTrace]) {
      Cohort.run(
        plans, on: task, named: suiteTask.name, seed: unit.seed, horizon: horizon,
        evaluationCount: suite.evaluations, rules: suite.rules.map(\.name), goals: goals)
    }
    let (records, traces) = open(task)
    let duration = (ContinuousClock.now - start).components
    let seconds = Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
    return unit.rules.map { rule in
      let name = suite.rules[rule].name
      return Shard(
        unit: unit, rule: rule, runs: records.filter { $0.rule == name },
        traces: traces.filter { $0.rule == name },
        seconds: seconds / Double(unit.rules.count))
    }
  }

  private func publish(
    _ shards: [Shard], suiteHash: String, program: String, dataHash: String?
  ) throws -> Results {
    let runs = ResultsFolder.sorted(shards.flatMap(\.runs))
    let traces = ResultsFolder.sorted(shards.flatMap(\.traces))
    let lines = try ResultsFolder.lines(runs)
    let digest = Digest.sha256(lines)
    let manifest = Manifest(
      suite: suite, suiteHash: suiteHash, digest: digest, version: packageVersion,
      programHash: program, commandLine: options.commandLine, dataHash: dataHash,
      machine: Manifest.thisMachine, protocolText: Manifest.benchmarkProtocol)
    try Files.write(lines, to: options.output + "/runs.jsonl")
    try Files.write(ResultsFolder.traceTable(traces), to: options.output + "/traces.csv")
    var timings = "task,rule,seed,seconds\n"
    for shard in shards.sorted(by: {
      ($0.unit.task, $0.rule, $0.unit.seed)
        < ($1.unit.task, $1.rule, $1.unit.seed)
    }) {
      timings += "\(suite.tasks[shard.unit.task].name),\(suite.rules[shard.rule].name),"
      timings += "\(shard.unit.seed),\(shard.seconds)\n"
    }
    try Files.write(timings, to: options.output + "/timings.csv")
    try Files.write(try JSONLines.pretty(manifest), to: options.output + "/manifest.json")
    return Results(
      suite: suite, runs: runs, traces: traces, digest: digest, provenance: manifest.provenance)
  }
}
