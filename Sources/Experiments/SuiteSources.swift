internal import HypergradientRecipes
internal import Records
internal import Yams

/// What a suite's file takes from elsewhere: lines from the catalogue, references from another file.
struct SuiteSources: Decodable {
  enum Part: String, CaseIterable { case rules, methods }

  var fromCatalogue: [String]?
  var referencesFrom: String?

  /// Those of a suite's file.
  init(text: String) throws { self = try YAMLDecoder().decode(SuiteSources.self, from: text) }

  /// Adds what the suite's file takes from elsewhere.
  ///
  /// - Throws: ``ExperimentError`` that says file and what was expected.
  func complete(
    _ suite: inout Suite, in node: Node, file: String, names: Names, makesReferences: Bool
  ) throws(ExperimentError) {
    func fault(_ place: SuiteFault.Place..., because message: String) throws(ExperimentError) {
      try SuiteFault.check([SuiteFault(place, message)], in: node, file: file)
    }
    // The rules that the file lists are those that its lines from the catalogue run over.
    let listed = suite.rules
    for (index, word) in (fromCatalogue ?? []).enumerated() {
      switch Part(rawValue: word) {
      case .rules:
        suite.rules += names.ruleLines().filter { line in
          !listed.contains { $0.name == line.name }
        }
      case .methods:
        let own = Set(suite.methods.map(\.name))
        // A line may run over a rule that is not listed, where it says so.
        suite.methods += names.methodLines(over: listed, among: suite.rules).filter {
          !own.contains($0.name)
        }
      case nil:
        try fault(
          "fromCatalogue", .item(index),
          because: unknownName(
            word, kind: "part of the catalogue", among: Part.allCases.map(\.rawValue)))
      }
    }
    guard let referencesFrom else { return }
    guard let text = try Self.text(of: referencesFrom, beside: file) else {
      if makesReferences { return }
      return try fault(
        "referencesFrom",
        because: "'referencesFrom': there is no file "
          + "\(ReferencesFile.path(referencesFrom, beside: file)); 'hypergrad calibrate --suite FILE "
          + "--write' makes it")
    }
    let found = try ReferencesFile.parse(text, file: referencesFrom)
    for index in suite.tasks.indices where suite.tasks[index].references.isEmpty {
      let own = (found[suite.tasks[index].name] ?? [:]).filter { name, _ in
        suite.rules.contains { $0.name == name }
      }
      suite.tasks[index].references = own
      suite.tasks[index].commonTarget = Suite.SuiteTask.commonTarget(of: own)
    }
  }

  /// The text of a file beside the suite's, or of a built-in one; `nil` where there is none.
  private static func text(
    of name: String, beside file: String
  ) throws(ExperimentError) -> String? {
    let path = ReferencesFile.path(name, beside: file)
    if Files.isThere(path) { return try SuiteFile.text(ofFile: path) }
    return name.hasSuffix(".yaml") ? SuiteFile.builtInText(String(name.dropLast(5))) : nil
  }
}

/// References of a suite in a file of their own, by task and rule.
enum ReferencesFile {
  /// - Throws: ``ExperimentError`` that says file, line and what was expected.
  static func parse(
    _ text: String, file: String
  ) throws(ExperimentError) -> [String: [String: Suite.Reference]] {
    let text = SuiteFile.withoutMark(text)
    guard let node = try SuiteFile.node(text, file: file) else { return [:] }
    do {
      try SuiteKeys.check(references: node, file: file)
      return try YAMLDecoder().decode([String: [String: Suite.Reference]].self, from: text)
    } catch let error as ExperimentError { throw error } catch {
      throw ExperimentError("\(file): \(SuiteFile.explain(error))")
    }
  }

  /// Where a file that a suite names is: in the folder of the suite's own.
  static func path(_ name: String, beside file: String) -> String {
    if name.hasPrefix("/") { return name }
    return file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .map { $0 + "/" }.joined() + name
  }

  /// The file's text.
  static func text(_ tasks: [(Suite.SuiteTask, [String: Suite.Reference])], of suite: Suite)
    -> String
  {
    "# The references of the suite \(suite.name). For each task and rule: the fixed rate and the gap\n"
      + "# that it reaches by T/2 and holds, how far both move over seeds, and what they were computed for.\n"
      + "# Written by\n"
      + "# hypergrad calibrate --suite … --write\n"
      + tasks.map { task, references in
        "\(task.name):\n"
          + suite.rules.compactMap { rule in
            references[rule.name].map { "  \(rule.name): \($0.inYAML)\n" }
          }.joined()
      }.joined()
  }
}

extension Suite.Reference {
  /// As a file has it.
  var inYAML: String {
    func ends(_ name: String, _ values: [Double]?) -> String {
      values.map { ", \(name): [\($0.map { "\($0)" }.joined(separator: ", "))]" } ?? ""
    }
    return "{rate: \(rate), target: \(target)" + ends("rates", rates) + ends("targets", targets)
      + (key.map { ", key: \($0)" } ?? "") + "}"
  }
}
