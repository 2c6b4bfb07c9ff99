internal import BuiltInSuites
internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
public import Records
internal import Tasks
internal import Yams

/// Suites as YAML files: the built-in ones and the user's.
public enum SuiteFile {
  /// The built-in suites' names, in the order of the list.
  public static let builtInNames = builtIn.map(\.name).filter { !$0.hasSuffix("-references") }

  /// A built-in suite by its name, or a file by its path, which ends in .yaml or .yml.
  ///
  /// - Throws: ``ExperimentError`` that says file, line and what was expected.
  public static func load(
    _ nameOrPath: String, names: Names = .standard
  ) throws(ExperimentError) -> Suite {
    if nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml") {
      guard let text = String(validating: try Files.read(nameOrPath), as: UTF8.self) else {
        throw ExperimentError("\(nameOrPath): not UTF-8 text")
      }
      return try parse(text, file: nameOrPath, names: names)
    }
    return try parse(try text(ofBuiltIn: nameOrPath), file: "\(nameOrPath).yaml", names: names)
  }

  /// The file of a built-in suite.
  ///
  /// - Throws: ``ExperimentError`` that names the nearest known one.
  public static func text(ofBuiltIn name: String) throws(ExperimentError) -> String {
    guard builtInNames.contains(name), let text = builtInText(name) else {
      throw ExperimentError(
        unknownName(name, kind: "suite", among: builtInNames)
          + " (or name a file that ends in .yaml)")
    }
    return text
  }

  /// The text of a built-in suite's file, or of the file of its references.
  static func builtInText(_ name: String) -> String? {
    builtIn.first { $0.name == name }?.text
  }

  /// The files that the program carries.
  private static let builtIn: [(name: String, text: String)] = (0...).lazy
    .map { (built_in_suite_name($0), built_in_suite_text($0)) }
    .prefix { $0.0 != nil }
    .map { (String(cString: $0.0!), String(cString: $0.1!)) }

  /// Reads a suite; `file` is the name that errors carry.
  public static func parse(
    _ text: String, file: String, names: Names = .standard
  ) throws(ExperimentError) -> Suite {
    try SuiteText(text, file: file).check()
    let node: Node?
    do { node = try compose(yaml: text) } catch {
      let words = "\(error)".split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
      throw ExperimentError("\(file): not YAML: \(words)")
    }
    guard let node else { throw ExperimentError("\(file): the file is empty; expected a suite") }
    try SuiteKeys.check(node, file: file)
    var suite: Suite
    do { suite = try YAMLDecoder().decode(Suite.self, from: text) } catch {
      throw ExperimentError("\(file): \(explain(error))")
    }
    do {
      try SuiteSources(text: text).complete(&suite, file: file, names: names)
    } catch let error as ExperimentError { throw error } catch {
      throw ExperimentError("\(file): \(explain(error))")
    }
    suite.readMethods(names.catalogue)
    let problems = problems(in: suite, names)
    if !problems.isEmpty { throw ExperimentError("\(file): \(inOneLine(problems))") }
    return suite
  }

  static func explain(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      return keys.isEmpty ? "the suite" : "'\(keys.joined(separator: "."))'"
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      return "\(path(context)) lacks '\(key.stringValue)'"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(path(context)) is to be a \(type)"
    case .dataCorrupted(let context):
      return "\(path(context)) is not of the expected kind"
    default:
      return "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }

  /// What is wrong with a suite's numbers and texts.
  static func problems(in suite: Suite, _ names: Names = .standard) -> [String] {
    var found = nameProblems(in: suite) + numberProblems(in: suite)
    if (suite.steps == nil) == (suite.epochs == nil) {
      found.append("a suite has either 'steps' or 'epochs'")
    }
    if suite.reportSeeds.isEmpty { found.append("'reportSeeds' is empty") }
    let seeds = suite.tuningSeeds + suite.reportSeeds
    if suite.referenceSeeds?.isEmpty == true { found.append("'referenceSeeds' is empty") }
    if Set(seeds).count != seeds.count {
      found.append("a seed stands twice in 'tuningSeeds' and 'reportSeeds'")
    }
    if (seeds + (suite.map?.seeds ?? [])).contains(where: { $0 < 0 }) {
      found.append("the seeds are to be at least 0")
    }
    if suite.rules.isEmpty || suite.methods.isEmpty || suite.tasks.isEmpty {
      found.append("'rules', 'methods' and 'tasks' each need one entry at least")
    }
    for task in suite.tasks {
      if !task.references.values.allSatisfy({
        $0.rate > 0 && $0.rate.isFinite && $0.target > 0 && $0.target.isFinite
      }) {
        found.append(
          "task '\(task.name)' has a reference with a rate or target that is not above 0")
      }
      found += message { () throws(SpecError) in
        _ = try TaskList.read(task.spec, variables: ["steps": 1000], among: names.tasks)
      }
    }
    return found + textProblems(in: suite, names.catalogue)
  }

  /// What is wrong with the texts of rules and methods, and with the rules that methods name.
  private static func textProblems(in suite: Suite, _ catalogue: Catalogue) -> [String] {
    var found: [String] = []
    let names = suite.rules.map(\.name)
    for method in suite.methods {
      guard let listed = method.rules else { continue }
      if listed.isEmpty { found.append("'rules' of method '\(method.name)' is empty") }
      for word in listed where !names.contains(word) {
        found.append(
          "method '\(method.name)': " + unknownName(word, kind: "rule of the suite", among: names))
      }
    }
    for rule in suite.rules {
      let faults = message { () throws(SpecError) in
        _ = try catalogue.rule(rule.spec, for: Double.self)
      }
      found += faults
      if !faults.isEmpty { continue }
      var bound = Suite.sampleVariables.merging(rule.variables ?? [:]) { $1 }
      if let steps = suite.steps { bound["steps"] = Double(steps) }
      let own = suite.methods.filter { $0.rules?.contains(rule.name) ?? true }.map(\.spec)
      for spec in own + (suite.map?.methods ?? []).map(\.spec) {
        found += message { () throws(SpecError) in
          _ = try catalogue.method(spec, for: Double.self, variables: bound, rule: rule.spec)
        }
      }
    }
    return found
  }

  private static func message(_ body: () throws(SpecError) -> Void) -> [String] {
    do throws(SpecError) {
      try body()
      return []
    } catch { return [error.description] }
  }
}
