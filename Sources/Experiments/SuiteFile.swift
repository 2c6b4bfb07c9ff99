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
  /// - Parameter makesReferences: whether the file that `referencesFrom` names may be missing, since it
  ///   is going to be written.
  /// - Throws: ``ExperimentError`` that says file, line and what was expected.
  public static func load(
    _ nameOrPath: String, names: Names = .standard, makesReferences: Bool = false
  ) throws(ExperimentError) -> Suite {
    if nameOrPath.hasSuffix(".yaml") || nameOrPath.hasSuffix(".yml") {
      return try parse(
        try text(ofFile: nameOrPath), file: nameOrPath, names: names,
        makesReferences: makesReferences)
    }
    return try parse(try text(ofBuiltIn: nameOrPath), file: "\(nameOrPath).yaml", names: names)
  }

  /// - Throws: ``ExperimentError`` for a file that can't be read, is too long or no text.
  static func text(ofFile path: String) throws(ExperimentError) -> String {
    let bytes = try Files.read(path, most: Files.longestText)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ExperimentError("\(path): not UTF-8 text")
    }
    return text
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

  /// For what text a built-in suite has a name, in a sentence: `core`, or the first that has it.
  package static func meaning(of name: String, names: Names) -> String? {
    for suite in ["core"] + builtInNames {
      guard let loaded = try? load(suite, names: names) else { continue }
      let texts =
        loaded.tasks.map { ($0.name, $0.spec) } + loaded.rules.map { ($0.name, $0.spec) }
        + loaded.methods.map { ($0.name, $0.spec) }
      guard let text = texts.first(where: { $0.0 == name })?.1 else { continue }
      return "'\(name)' is a name of suite '\(suite)' for '\(text)'"
    }
    return nil
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
    _ text: String, file: String, names: Names = .standard, makesReferences: Bool = false
  ) throws(ExperimentError) -> Suite {
    let text = withoutMark(text)
    try SuiteText(text, file: file).check()
    guard let node = try node(text, file: file) else {
      throw ExperimentError("\(file): the file is empty; expected a suite")
    }
    try SuiteKeys.check(node, file: file)
    var suite: Suite
    do { suite = try YAMLDecoder().decode(Suite.self, from: text) } catch {
      throw ExperimentError("\(file): \(explain(error))")
    }
    do {
      try SuiteSources(text: text).complete(
        &suite, in: node, file: file, names: names, makesReferences: makesReferences)
    } catch let error as ExperimentError { throw error } catch {
      throw ExperimentError("\(file): \(explain(error))")
    }
    suite.readMethods(names.catalogue)
    try SuiteFault.check(faults(in: suite, names), in: node, file: file)
    return suite
  }

  /// A text without the byte-order mark before it.
  static func withoutMark(_ text: String) -> String {
    text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// A text as YAML; `nil` where there is nothing in it.
  static func node(_ text: String, file: String) throws(ExperimentError) -> Node? {
    do { return try compose(yaml: text) } catch YamlError.duplicatedKeysInMapping(
      let keys, let context)
    {
      let names = keys.sorted().map { "'\(StandardStreams.oneLine($0, most: 60))'" }
      throw ExperimentError(
        "\(file):\(context.mark.line): \(names.joined(separator: " and ")) \(keys.count == 1 ? "stands" : "stand") twice"
      )
    } catch YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _)
    {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      // What is missing at the end is told as of the line after it.
      let line = max(1, min(mark.line, lines.count))
      throw ExperimentError(
        "\(file):\(line): not YAML: \(context.map { $0.text + ", " } ?? "")\(problem)"
          + (lines[line - 1].contains("\t") ? "; it is indented by spaces, not by tabs" : ""))
    } catch {
      let words = "\(error)".split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
      throw ExperimentError("\(file): not YAML: \(words)")
    }
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
}
