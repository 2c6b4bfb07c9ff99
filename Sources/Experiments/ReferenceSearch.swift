public import Datasets
internal import HypergradientRecipes
public import Records
internal import Tasks

extension Calibration {
  /// A suite with references for what is to be run: its file's where they were computed for the same
  /// task, rule, length, seeds, grid and data, those of the cache likewise, and otherwise computed
  /// now and put there.
  ///
  /// - Parameters:
  ///   - suite: what is to be run.
  ///   - whole: the suite of the file, whose rules have the common target together, whichever of them
  ///     are run.
  ///   - report: is told what is computed, in one line each.
  /// - Throws: what making a task throws, before anything is computed.
  public static func resolved(
    _ suite: Suite, of whole: Suite, data: DataSource?, jobs: Int,
    cache: ReferenceCache? = nil, names: Names = .standard,
    _ report: @escaping @Sendable (String) -> Void
  ) throws -> Suite {
    let hash = try data.map { try DataFiles.digest($0) }
    let rules =
      whole.rules + suite.rules.filter { rule in !whole.rules.contains { $0.name == rule.name } }
    var suite = suite
    var missing: [MissingReferences] = []
    for index in suite.tasks.indices {
      let task = suite.tasks[index]
      var absent: [Suite.Named] = []
      for rule in rules {
        let key = try suite.referenceKey(
          task: task.spec, rule: rule.spec, dataHash: hash, names: names)
        if let there = task.references[rule.name]?.key,
          there == key || there == Suite.Reference.given
        {
          continue
        }
        suite.tasks[index].references[rule.name] = cache?[key]
        suite.tasks[index].references[rule.name]?.isComputed = true
        if suite.tasks[index].references[rule.name] == nil { absent.append(rule) }
      }
      if !absent.isEmpty { missing.append(MissingReferences(task: index, rules: absent)) }
    }
    let factory = TaskFactory(data: data, names: names)
    try compute(missing, for: &suite, hash, factory, cache, jobs: jobs, report)
    for index in suite.tasks.indices {
      let task = suite.tasks[index]
      let own = task.references.filter { name, _ in whole.rules.contains { $0.name == name } }
      if own.values.contains(where: { $0.isComputed == true }) {
        suite.tasks[index].commonTarget = Suite.SuiteTask.commonTarget(of: own)
      }
    }
    if hash != nil { suite.dataHash = hash }
    return suite
  }

  /// The rules of a task that have no references for what is to be run.
  private struct MissingReferences: Sendable {
    var task: Int
    var rules: [Suite.Named]
  }

  private static func compute(
    _ missing: [MissingReferences], for suite: inout Suite, _ hash: String?,
    _ factory: TaskFactory, _ cache: ReferenceCache?, jobs: Int,
    _ report: @escaping @Sendable (String) -> Void
  ) throws {
    guard !missing.isEmpty else { return }
    let frozen = suite
    let areGames = try frozen.tasks.map { task in
      let made = try factory.make(
        task.spec, instance: frozen.calibrationSeeds[0], horizon: frozen.steps)
      _ = try factory.horizon(of: frozen, task: made)
      if frozen.judgedLoss == .training { try made.checkGap(named: task.name) }
      return made is any GameTask
    }
    try frozen.checkKinds(areGames: areGames)
    try cache?.store([])
    let count = missing.reduce(0) { $0 + $1.rules.count }
    report(
      "the suite's file has no references for \(count) pairs of task and rule as they are to be "
        + "run: the best fixed rates are computed first")
    let found = try Workers.map(missing, jobs: jobs) { part in
      let task = frozen.tasks[part.task]
      func found(_ rules: [Suite.Named]) throws -> [String: Suite.Reference] {
        var own = frozen
        own.rules = rules
        return try keyed(
          try Self.references(for: task, of: own, factory: factory), task: task, of: own,
          dataHash: hash, names: factory.names)
      }
      let isRun = { (rule: Suite.Named) in frozen.rules.contains { $0.name == rule.name } }
      var references = try found(part.rules.filter(isRun))
      for rule in part.rules where !isRun(rule) {
        do {
          references.merge(try found([rule])) { $1 }
        } catch let error as ExperimentError {
          report("\(error); '\(rule.name)' is not run, and has no part in the common target")
        }
      }
      try cache?.store(references.values)
      report("best fixed rates of \(task.name)")
      return references
    }
    for (part, references) in zip(missing, found) {
      for (rule, reference) in references {
        var reference = reference
        reference.isComputed = true
        suite.tasks[part.task].references[rule] = reference
      }
    }
  }

  /// The references with the keys of what they were computed for.
  static func keyed(
    _ references: [String: Suite.Reference], task: Suite.SuiteTask, of suite: Suite,
    dataHash: String?, names: Names
  ) throws -> [String: Suite.Reference] {
    var references = references
    for rule in suite.rules where references[rule.name] != nil {
      references[rule.name]?.key = try suite.referenceKey(
        task: task.spec, rule: rule.spec, dataHash: dataHash, names: names)
    }
    return references
  }
}
