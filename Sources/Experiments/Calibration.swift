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
  public static let leastTarget = Suite.leastTarget

  /// Of the way in which references are computed; it is part of their keys, and changes where the same
  /// suite would get others.
  static let version = "c1"

  /// Computes the references of one task again.
  ///
  /// The best rate has the least median final gap over the seeds; its target is the median gap at
  /// T/2, at least ``leastTarget``.
  public static func references(
    for task: Suite.SuiteTask, of suite: Suite, factory: TaskFactory
  ) throws -> [String: Suite.Reference] {
    let grid = suite.calibrationGrid
    let rates = suite.exponents(grid).map { Portable.pow(10, $0) }
    let seeds = suite.calibrationSeeds
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

  /// Computes the references of all tasks with their keys, on several threads, in the suite's order.
  ///
  /// - Parameter keepingThere: whether those that the suite has for the same are taken over.
  public static func all(
    of suite: Suite, data: DataSource?, jobs: Int, keepingThere: Bool = false,
    names: Names = .standard, noting: (String) -> Void = { _ in },
    _ report: @escaping @Sendable (String) -> Void
  ) throws -> [[String: Suite.Reference]] {
    let factory = TaskFactory(data: data, names: names)
    defer { for note in factory.takeNotes() { noting(note) } }
    let hash = try data.map { try DataFiles.digest($0) }
    return try Workers.map(suite.tasks, jobs: jobs) { task in
      var part = suite
      var there: [String: Suite.Reference] = [:]
      for rule in keepingThere ? suite.rules : [] {
        let key = try suite.referenceKey(
          task: task.spec, rule: rule.spec, dataHash: hash, names: names)
        guard let known = task.references[rule.name],
          known.key == key || known.key == Suite.Reference.given
        else { continue }
        there[rule.name] = known
      }
      part.rules.removeAll { there[$0.name] != nil }
      guard !part.rules.isEmpty else { return there }
      let references = try keyed(
        try references(for: task, of: part, factory: factory), task: task, of: part,
        dataHash: hash, names: names
      ).merging(there) { $1 }
      report(task.name)
      return references
    }
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

  /// The file that holds a suite's references, with others in it: the one that the suite takes them
  /// from, or the suite's own, where what stands from the line `tasks:` on is written again.
  ///
  /// - Parameter text: of the suite's file.
  /// - Throws: ``ExperimentError`` where the tasks do not stand at the end.
  public static func written(
    _ references: [[String: Suite.Reference]], of suite: Suite, file: String, text: String
  ) throws -> (path: String, text: String) {
    if let other = try SuiteSources(text: text).referencesFrom {
      return (
        ReferencesFile.path(other, beside: file),
        ReferencesFile.text(Array(zip(suite.tasks, references)), of: suite)
      )
    }
    return (file, try Self.text(text, file: file, with: references, of: suite))
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
      text += "      \(rule): \(reference.inYAML)\n"
    }
    text += "    commonTarget: \(Suite.SuiteTask.commonTarget(of: references))\n"
    if task.onRequest == true { text += "    onRequest: true\n" }
    return text
  }
}
