internal import HypergradientRecipes
internal import PortableMath
internal import Records
internal import Yams

/// The keys that a suite file may have and the kinds of their values, so that a mistyped one is found
/// with its line instead of ignored.
package enum SuiteKeys {
  private indirect enum Shape: Sendable {
    case text, whole, number, flag
    /// One of these.
    case word([String])
    /// - Parameter needed: those that no file may lack.
    case keys([String: Shape], needed: [String])
    case list(Shape)
    case anyKeys(Shape)
  }

  private static let rates = Shape.keys(
    ["low": .number, "high": .number, "count": .whole], needed: ["low", "high", "count"])
  private static let references = Shape.anyKeys(
    .keys(
      [
        "rate": .number, "target": .number, "rates": .list(.number), "targets": .list(.number),
        "key": .text,
      ], needed: ["rate", "target"]))
  private static let suite = Shape.keys(
    [
      "name": .text, "version": .whole, "summary": .text, "steps": .whole, "epochs": .whole,
      "evaluations": .whole, "tuningSeeds": .list(.whole), "reportSeeds": .list(.whole),
      "startingRates": rates,
      "rules": .list(
        .keys(
          ["name": .text, "spec": .text, "variables": .anyKeys(.number)],
          needed: ["name", "spec"])),
      "validationMetric": .word(ValidationMetric.allCases.map(\.rawValue)),
      "judgedBy": .word(JudgedLoss.allCases.map(\.rawValue)),
      "methods": .list(
        .keys(
          ["name": .text, "spec": .text, "rules": .list(.text)], needed: ["name", "spec"])),
      "tracedExponents": .list(.number), "referenceGrid": rates, "dataHash": .text,
      "referenceSeeds": .list(.whole), "referencesFrom": .text, "fromCatalogue": .list(.text),
      "tasks": .list(
        .keys(
          [
            "name": .text, "spec": .text, "commonTarget": .number, "onRequest": .flag,
            "references": references,
          ], needed: ["name", "spec"])),
      "map": .keys(
        [
          "startingRates": rates, "seeds": .list(.whole),
          "methods": .list(
            .keys(
              ["name": .text, "spec": .text, "hyperLearningRates": .list(.number)],
              needed: ["name", "spec", "hyperLearningRates"])),
        ], needed: ["startingRates", "seeds", "methods"]),
    ],
    needed: [
      "name", "version", "summary", "evaluations", "tuningSeeds", "reportSeeds", "startingRates",
      "rules", "methods", "tasks", "tracedExponents",
    ])

  /// - Throws: one error with all that is wrong, each with its line.
  static func check(_ node: Node, file: String) throws(ExperimentError) {
    try check(node, suite, place: "a suite", file: file)
  }

  /// The same of a file of references, by task.
  static func check(references node: Node, file: String) throws(ExperimentError) {
    try check(node, .anyKeys(references), place: "references", file: file)
  }

  private static func check(
    _ node: Node, _ shape: Shape, place: String, file: String
  ) throws(ExperimentError) {
    var faults: [(line: Int?, message: String)] = []
    check(node, shape, place: place, isWhole: true, &faults)
    if let error = SuiteFault.error(faults, file: file) { throw error }
  }

  /// Every key that a suite may have, for the page that describes them.
  package static var all: Set<String> {
    func names(_ shape: Shape) -> Set<String> {
      switch shape {
      case .text, .whole, .number, .flag, .word: []
      case .list(let element), .anyKeys(let element): names(element)
      case .keys(let known, _):
        known.values.reduce(into: Set(known.keys)) { $0.formUnion(names($1)) }
      }
    }
    return names(suite)
  }

  /// YAML reads `020` by eight, `1:30` by sixty and `1_0` as 10: a suite has numbers as they look.
  private static func isDecimal(_ node: Node) -> Bool {
    guard let value = node.int, let text = node.scalar?.string else { return false }
    return Int(text) == value
  }

  private static func isNumber(_ node: Node) -> Bool {
    guard let value = node.float, let text = node.scalar?.string else { return false }
    // What is not finite is refused with its range.
    return !value.isFinite || Double(text) == value
  }

  private static func isTooSmall(_ node: Node) -> Bool {
    node.float == 0 && NumberSpelling.isTooSmall(node.scalar?.string.utf8 ?? "".utf8)
  }

  private static func check(
    _ node: Node, _ shape: Shape, place: String, isWhole: Bool = false,
    _ faults: inout [(line: Int?, message: String)]
  ) {
    let line = node.mark.map { $0.line }
    func require(_ isRight: Bool, _ kind: String) {
      if isRight { return }
      let found =
        node.scalar.map { "'\(StandardStreams.oneLine($0.string, most: 60))'" } ?? "a list or keys"
      faults.append((line, "'\(place)' is to be \(kind), not \(found)"))
    }
    switch shape {
    case .text: require(node.scalar != nil, "a text")
    case .whole: require(isDecimal(node), "a whole number")
    case .number:
      require(isNumber(node), "a number")
      require(!isTooSmall(node), "a number that a Double holds")
    case .flag: require(node.bool != nil, "true or false")
    case .word(let known):
      require(
        node.scalar.map { known.contains($0.string) } ?? false,
        known.map { "'\($0)'" }.joined(separator: " or "))
    case .list(let element):
      guard let items = node.sequence else {
        faults.append((line, "'\(place)' is to be a list, each item after '-'"))
        return
      }
      for item in items { check(item, element, place: place, &faults) }
    case .keys(let known, let needed):
      guard let mapping = node.mapping else {
        faults.append((line, "\(place) is to have keys, each before ':'"))
        return
      }
      var there: Set<String> = []
      for (key, value) in mapping {
        let name = key.string ?? "?"
        guard let next = known[name] else {
          let names = known.keys.sorted()
          faults.append(
            (
              key.mark.map { $0.line } ?? line,
              unknownName(name, kind: "key of \(place)", among: names)
            ))
          // What a mistyped key is meant to be is not missing as well.
          if let near = nearestName(to: name, among: names) { there.insert(near) }
          continue
        }
        there.insert(name)
        check(value, next, place: name, &faults)
      }
      let missing = needed.filter { !there.contains($0) }.map { "'\($0)'" }
      if !missing.isEmpty {
        faults.append(
          (
            isWhole ? nil : line,
            "\(isWhole ? "the suite" : "an entry of '\(place)'") lacks "
              + missing.joined(separator: ", ")
          ))
      }
    case .anyKeys(let next):
      guard let mapping = node.mapping else {
        faults.append((line, "'\(place)' is to have keys, each before ':'"))
        return
      }
      for (key, value) in mapping { check(value, next, place: key.string ?? "?", &faults) }
    }
  }
}
