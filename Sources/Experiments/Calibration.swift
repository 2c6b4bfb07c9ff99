public import Datasets
internal import Foundation
internal import HypergradientCatalogue
internal import PortableMath
public import Records
internal import Tasks

/// The reference rates and targets of a suite: for each task and rule, the fixed learning rate of a
/// dense grid on the reference seeds, and the target, chosen together: see ``ReferenceChoice``.
public enum Calibration {
  /// The least target: below it rounding has its say.
  public static let leastTarget = Suite.leastTarget
  /// The greatest: above it a run that has hardly begun would count as one that got there. A loss on
  /// held-out examples has no known least value, and may stay near the first.
  static func greatestTarget(judgedBy judged: JudgedLoss) -> Double {
    switch judged {
    case .training: 0.5
    case .heldOut: 0.99
    }
  }

  /// Of the way in which references are computed; it is part of their keys, and changes where the same
  /// suite would get others.
  static let version = "c2"

  /// Computes the references of one task again.
  ///
  /// Where the best rate is at an edge of the grid, the grid is widened, decade by decade.
  ///
  /// - Throws: ``ExperimentError`` where every rate diverges, where the best rate stays at the edge, and
  ///   where the target is above ``greatestTarget(judgedBy:)``.
  public static func references(
    for task: Suite.SuiteTask, of suite: Suite, factory: TaskFactory
  ) throws -> [String: Suite.Reference] {
    var references: [String: Suite.Reference] = [:]
    var open = suite.rules
    var rates: [String: [RateLevels]] = [:]
    var grids = Dictionary(
      uniqueKeysWithValues: open.map { ($0.name, ReferenceGrid(suite.calibrationGrid)) })
    var exponents = Dictionary(
      uniqueKeysWithValues: open.map { ($0.name, suite.exponents(suite.calibrationGrid)) })
    while !open.isEmpty {
      let found = try levels(of: task, suite, open, exponents, factory)
      var left: [Suite.Named] = []
      for rule in open {
        let name = rule.name
        rates[name] = ((rates[name] ?? []) + (found[name] ?? [])).sorted { $0.rate < $1.rate }
        let all = rates[name] ?? []
        guard let choice = ReferenceChoice(all) else {
          throw ExperimentError(
            "no fixed rate from \(all.first?.rate ?? .nan) to \(all.last?.rate ?? .nan) keeps "
              + "'\(name)' from diverging on '\(task.name)'"
              + (suite.judgedLoss == .heldOut
                ? ", or lowers its loss on held-out examples, by which it is judged" : ""))
        }
        guard let wider = grids[name]?.widened(best: choice.best, of: all.count) else {
          throw ExperimentError(
            "the best fixed rate of '\(name)' on '\(task.name)', \(choice.rate), is at the edge of a "
              + "grid from \(all[0].rate) to \(all[all.count - 1].rate): give a 'referenceGrid' that "
              + "holds it")
        }
        guard wider.isEmpty else {
          exponents[name] = wider
          left.append(rule)
          continue
        }
        let greatest = greatestTarget(judgedBy: suite.judgedLoss)
        guard choice.target <= greatest else {
          throw ExperimentError(
            "no fixed rate of '\(name)' on '\(task.name)' gets to "
              + (suite.judgedLoss == .training
                ? "half of the starting gap"
                : "\(greatest) of the starting loss on held-out examples")
              + " in half of the steps and stays there: the best, \(choice.rate), has "
              + "\(choice.target) of it; a target above \(greatest) says nothing, so "
              + (try wayOut(of: task, suite, factory)))
        }
        references[name] = choice.reference(all)
      }
      open = left
    }
    return references
  }

  /// What may be done where a target says nothing.
  private static func wayOut(
    of task: Suite.SuiteTask, _ suite: Suite, _ factory: TaskFactory
  ) throws -> String {
    if suite.judgedLoss == .heldOut { return "judge by the training loss" }
    let made = try factory.make(
      task.spec, instance: suite.calibrationSeeds[0], horizon: suite.steps)
    return "give more steps, "
      + (made.hasHeldOutExamples
        ? "judge by the held-out loss ('judgedBy: heldOut', or compare --judged-by heldOut), " : "")
      + "or leave the rule out"
  }

  /// The levels of fixed rates, by rule.
  private static func levels(
    of task: Suite.SuiteTask, _ suite: Suite, _ rules: [Suite.Named],
    _ exponents: [String: [Double]], _ factory: TaskFactory
  ) throws -> [String: [RateLevels]] {
    let rates = rules.map { rule in (exponents[rule.name] ?? []).map { Portable.pow(10, $0) } }
    var bySeed: [[[Double]]] = []
    for seed in suite.calibrationSeeds {
      let made = try factory.make(task.spec, instance: seed, horizon: suite.steps)
      let horizon = try factory.horizon(of: suite, task: made)
      if suite.judgedLoss == .training { try made.checkGap(named: task.name) }
      func open<T: BenchmarkTask>(_ made: T) throws -> [[Double]] {
        try FixedRates.levels(
          rates, of: rules, on: made, named: task.name, seed: seed, horizon: horizon, in: suite,
          factory.names.catalogue)
      }
      bySeed.append(try open(made))
    }
    var levels: [String: [RateLevels]] = [:]
    for (rule, own) in rates.enumerated() {
      levels[rules[rule].name] = own.enumerated().map { index, rate in
        RateLevels(rate: rate, levels: bySeed.map { $0[rule][index] })
      }
    }
    return levels
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
    if let flow = lines.firstIndex(where: isFlow) {
      throw ExperimentError(
        "\(file):\(flow + 1): the part 'tasks:' is to have its items below it, each after '-', to be "
          + "written again")
    }
    guard let start = lines.firstIndex(of: "tasks:"),
      lines[(start + 1)...].allSatisfy({ $0.isEmpty || $0.hasPrefix(" ") })
    else {
      throw ExperimentError("\(file): the part 'tasks:' is to be the last one, to be written again")
    }
    let rules = suite.rules.map(\.name)
    return lines[...start].joined(separator: "\n") + "\n"
      + zip(suite.tasks, references).map { yaml($0, $1, rules: rules) }.joined()
  }

  /// Whether a line begins the tasks in brackets.
  private static func isFlow(_ line: Substring) -> Bool {
    guard line.hasPrefix("tasks:") else { return false }
    return line.dropFirst("tasks:".count).first { $0 != " " && $0 != "\t" } == "["
  }

  private static func quoted(_ text: String) -> String {
    "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }

  /// The part of a suite file that holds a task's references.
  public static func yaml(
    _ task: Suite.SuiteTask, _ references: [String: Suite.Reference], rules: [String]
  ) -> String {
    var text = "  - name: \(task.name)\n    spec: \(quoted(task.spec))\n    references:\n"
    for rule in rules {
      guard let reference = references[rule] else { continue }
      text += "      \(rule): \(reference.inYAML)\n"
    }
    text += "    commonTarget: \(Suite.SuiteTask.commonTarget(of: references))\n"
    if task.onRequest == true { text += "    onRequest: true\n" }
    return text
  }
}
