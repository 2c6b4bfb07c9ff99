internal import Hypergradient
internal import Yams

/// The keys that a suite file may have, so that a mistyped one is found instead of ignored.
enum SuiteKeys {
  private indirect enum Shape: Sendable {
    case value
    case keys([String: Shape])
    case list(Shape)
    case anyKeys(Shape)
  }

  private static let rates = Shape.keys(["low": .value, "high": .value, "count": .value])
  private static let named = Shape.keys([
    "name": .value, "spec": .value, "variables": .anyKeys(.value),
  ])
  private static let suite = Shape.keys([
    "name": .value, "version": .value, "summary": .value, "steps": .value, "epochs": .value,
    "evaluations": .value, "tuningSeeds": .value, "reportSeeds": .value, "startingRates": rates,
    "rules": .list(named), "methods": .list(named), "tracedExponents": .value,
    "referenceGrid": rates,
    "dataHash": .value,
    "tasks": .list(
      .keys([
        "name": .value, "spec": .value, "commonTarget": .value, "onRequest": .value,
        "references": .anyKeys(.keys(["rate": .value, "target": .value])),
      ])),
    "map": .keys([
      "startingRates": rates, "seeds": .value,
      "methods": .list(
        .keys(["name": .value, "spec": .value, "hyperLearningRates": .value])),
    ]),
  ])

  static func check(_ node: Node, file: String) throws(ExperimentError) {
    try check(node, suite, place: "a suite", file: file)
  }

  private static func check(
    _ node: Node, _ shape: Shape, place: String, file: String
  ) throws(ExperimentError) {
    let line = node.mark.map { ":\($0.line)" } ?? ""
    switch shape {
    case .value: return
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
