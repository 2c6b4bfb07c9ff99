public import Datasets
internal import Foundation
internal import HypergradientCatalogue
internal import PortableMath
public import Records
internal import Tasks

/// The reference rates and targets of a suite: for each task and rule, the best fixed learning rate
/// of a dense grid on the reference seeds, and the gap that it reaches at T/2.
public enum Calibration {
  /// The least target: below it rounding has its say.
  public static let leastTarget = 1e-8

  /// Computes the references of one task again.
  ///
  /// The best rate has the least median final gap over the seeds; its target is the median gap at
  /// T/2, at least ``leastTarget``.
  public static func references(
    for task: Suite.SuiteTask, of suite: Suite, factory: TaskFactory
  ) throws -> [String: Suite.Reference] {
    let grid = suite.referenceGrid ?? Suite.StartingRates(low: -8, high: 3, count: 177)
    let rates = suite.exponents(grid).map { Portable.pow(10, $0) }
    let tuning = suite.tuningSeeds.isEmpty ? suite.reportSeeds : suite.tuningSeeds
    let seeds = suite.referenceSeeds ?? tuning
    var records: [RunRecord] = []
    for seed in seeds {
      let made = try factory.make(task.spec, instance: seed, horizon: suite.steps)
      let horizon = try factory.horizon(of: suite, task: made)
      let fixed = try SpecText("constant(rate)", variables: ["rate"])
      let texts = try suite.rules.map { try SpecText($0.spec) }
      let plans = suite.rules.indices.flatMap { rule in
        rates.enumerated().map { index, rate in
          RunPlan(
            part: .sweep, rule: rule, methodName: "fixed", seed: seed, rateIndex: index,
            startingRate: rate, rateExponent: 0, isTraced: false,
            method: PlannedMethod(
              fixed, rule: texts[rule], ["rate": rate], factory.names.catalogue))
        }
      }
      let goals = suite.rules.map { _ in Goal(target: 0, commonTarget: 0) }
      func open<T: BenchmarkTask>(_ made: T) throws -> [RunRecord] {
        try Cohort.run(
          plans, on: made, named: task.name, seed: seed, horizon: horizon,
          evaluationCount: suite.evaluations, rules: suite.rules.map(\.name), goals: goals
        ).records
      }
      records += try open(made)
    }
    var references: [String: Suite.Reference] = [:]
    for rule in suite.rules {
      let own = records.filter { $0.rule == rule.name }
      var best: (rate: Double, final: Double, half: Double)?
      for (index, rate) in rates.enumerated() {
        let runs = own.filter { $0.rateIndex == index && !$0.status.isDiverged }
        guard runs.count == seeds.count else { continue }
        let final = middle(runs.map(\.finalGap))
        if final < best?.final ?? .infinity {
          best = (rate, final, middle(runs.map(\.halfGap)))
        }
      }
      guard let best else {
        throw ExperimentError(
          "no fixed rate from 10^\(grid.low) to 10^\(grid.high) keeps '\(rule.name)' from "
            + "diverging on '\(task.name)'")
      }
      references[rule.name] = Suite.Reference(
        rate: best.rate, target: max(leastTarget, best.half))
    }
    return references
  }

  /// Computes the references of all tasks, on several threads, in the suite's order.
  ///
  /// - Parameter keepingThere: whether those that the suite has are taken over.
  public static func all(
    of suite: Suite, data: DataSource?, jobs: Int, keepingThere: Bool = false,
    names: Names = .standard, noting: (String) -> Void = { _ in },
    _ report: @escaping @Sendable (String) -> Void
  ) throws -> [[String: Suite.Reference]] {
    let factory = TaskFactory(data: data, names: names)
    defer { for note in factory.takeNotes() { noting(note) } }
    return try Workers.map(suite.tasks, jobs: jobs) { task in
      var part = suite
      let there = keepingThere ? task.references : [:]
      part.rules.removeAll { there[$0.name] != nil }
      guard !part.rules.isEmpty else { return there }
      let references = try references(for: task, of: part, factory: factory)
        .merging(there) { $1 }
      report(task.name)
      return references
    }
  }

  /// The suite with references for the given data: its own where they were computed for them, and
  /// computed again otherwise.
  public static func adapted(
    _ suite: Suite, data: DataSource?, jobs: Int,
    names: Names = .standard, _ report: @escaping @Sendable (String) -> Void
  ) throws -> Suite {
    guard let data else { return suite }
    let hash = try DataFiles.digest(data)
    var suite = suite
    let isKnown = suite.dataHash == hash
    let missing = suite.tasks.indices.filter { index in
      !isKnown || suite.rules.contains { suite.tasks[index].references[$0.name] == nil }
    }
    guard !missing.isEmpty else { return suite }
    report("the suite has no references for these data: the best fixed rates are computed first")
    var part = suite
    part.tasks = missing.map { suite.tasks[$0] }
    let found = try all(
      of: part, data: data, jobs: jobs, names: names
    ) {
      report("best fixed rates of \($0)")
    }
    suite.dataHash = hash
    for (index, references) in zip(missing, found) {
      suite.tasks[index].references = references
      suite.tasks[index].commonTarget = references.values.map(\.target).max() ?? leastTarget
    }
    return suite
  }

  /// SHA-256 of a file, or of a folder's files by name, as a suite's `dataHash`; what was said of
  /// how to read it enters.
  public static func dataHash(_ data: DataSource) throws -> String {
    try DataFiles.digest(data)
  }

  private static func middle(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }

  /// A suite file's text with other references: what stands from the line `tasks:` on is written
  /// again.
  ///
  /// - Throws: ``ExperimentError`` where the tasks do not stand at the end.
  public static func text(
    _ text: String, file: String, with references: [[String: Suite.Reference]], of suite: Suite
  ) throws(ExperimentError) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "tasks:"),
      lines[(start + 1)...].allSatisfy({ $0.isEmpty || $0.hasPrefix(" ") })
    else {
      throw ExperimentError("\(file): the part 'tasks:' is to be the last one, to be written again")
    }
    let rules = suite.rules.map(\.name)
    return lines[...start].joined(separator: "\n") + "\n"
      + zip(suite.tasks, references).map { yaml($0, $1, rules: rules) }.joined()
  }

  /// The part of a suite file that holds a task's references.
  public static func yaml(
    _ task: Suite.SuiteTask, _ references: [String: Suite.Reference], rules: [String]
  ) -> String {
    var text = "  - name: \(task.name)\n    spec: \"\(task.spec)\"\n    references:\n"
    for rule in rules {
      guard let reference = references[rule] else { continue }
      text += "      \(rule): {rate: \(reference.rate), target: \(reference.target)}\n"
    }
    text += "    commonTarget: \(references.values.map(\.target).max() ?? leastTarget)\n"
    if task.onRequest == true { text += "    onRequest: true\n" }
    return text
  }
}
