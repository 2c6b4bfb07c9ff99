internal import HypergradientRecipes
internal import Records
internal import Yams

/// The keys that a suite file may have and the kinds of their values, so that a mistyped one is found
/// with its line instead of ignored.
enum SuiteKeys {
  private indirect enum Shape: Sendable {
    case text, whole, number, flag
    case keys([String: Shape])
    case list(Shape)
    case anyKeys(Shape)
  }

  private static let rates = Shape.keys(["low": .number, "high": .number, "count": .whole])
  private static let named = Shape.keys([
    "name": .text, "spec": .text, "variables": .anyKeys(.number),
  ])
  private static let suite = Shape.keys([
    "name": .text, "version": .whole, "summary": .text, "steps": .whole, "epochs": .whole,
    "evaluations": .whole, "tuningSeeds": .list(.whole), "reportSeeds": .list(.whole),
    "startingRates": rates, "rules": .list(named),
    "methods": .list(.keys(["name": .text, "spec": .text, "rules": .list(.text)])),
    "tracedExponents": .list(.number), "referenceGrid": rates, "dataHash": .text,
    "referenceSeeds": .list(.whole),
    "tasks": .list(
      .keys([
        "name": .text, "spec": .text, "commonTarget": .number, "onRequest": .flag,
        "references": .anyKeys(.keys(["rate": .number, "target": .number])),
      ])),
    "map": .keys([
      "startingRates": rates, "seeds": .list(.whole),
      "methods": .list(
        .keys(["name": .text, "spec": .text, "hyperLearningRates": .list(.number)])),
    ]),
  ])

  static func check(_ node: Node, file: String) throws(ExperimentError) {
    try check(node, suite, place: "a suite", file: file)
  }

  private static func check(
    _ node: Node, _ shape: Shape, place: String, file: String
  ) throws(ExperimentError) {
    let line = node.mark.map { ":\($0.line)" } ?? ""
    func require(_ isRight: Bool, _ kind: String) throws(ExperimentError) {
      if isRight { return }
      let found =
        node.scalar.map { "'\(StandardStreams.oneLine($0.string, most: 60))'" } ?? "a list or keys"
      throw ExperimentError("\(file)\(line): '\(place)' is to be \(kind), not \(found)")
    }
    switch shape {
    case .text: try require(node.scalar != nil, "a text")
    case .whole: try require(node.int != nil, "a whole number")
    case .number: try require(node.float != nil, "a number")
    case .flag: try require(node.bool != nil, "true or false")
    case .list(let element):
      guard let items = node.sequence else {
        throw ExperimentError("\(file)\(line): '\(place)' is to be a list, each item after '-'")
      }
      for item in items { try check(item, element, place: place, file: file) }
    case .keys(let known):
      guard let mapping = node.mapping else {
        throw ExperimentError("\(file)\(line): \(place) is to have keys, each before ':'")
      }
      for (key, value) in mapping {
        let name = key.string ?? "?"
        guard let next = known[name] else {
          let keyLine = key.mark.map { ":\($0.line)" } ?? line
          throw ExperimentError(
            "\(file)\(keyLine): "
              + unknownName(name, kind: "key of \(place)", among: known.keys.sorted()))
        }
        try check(value, next, place: name, file: file)
      }
    case .anyKeys(let next):
      guard let mapping = node.mapping else {
        throw ExperimentError("\(file)\(line): '\(place)' is to have keys, each before ':'")
      }
      for (key, value) in mapping { try check(value, next, place: key.string ?? "?", file: file) }
    }
  }
}
