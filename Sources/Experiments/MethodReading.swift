internal import Hypergradient

/// What the text of a suite's method says about how it runs.
struct MethodReading: Sendable {
  /// Runs over each rule of the suite, in the place of `rule` or before the `+`.
  let isCrossed: Bool
  /// Names `rate`.
  let hasStartingRate: Bool

  /// - Parameter variables: all that the text may name.
  init(_ spec: String, variables: [String: Double]) throws(SpecError) {
    let mentions = try SpecReader(spec, variables: variables).mentions()
    hasStartingRate = mentions.variables.contains("rate")
    let isController =
      mentions.calls.count == 1 && !Catalogue.methods.contains { $0.name == mentions.calls[0] }
    isCrossed = mentions.rule || isController
  }
}

extension Suite {
  /// Names that a method's text may have, with numbers in their place.
  static let sampleVariables = ["rate": 1.0, "steps": 1000.0, "beta": 1e-3]

  /// How a method of the suite runs.
  func reading(_ method: Method) throws(SpecError) -> MethodReading {
    var variables = Self.sampleVariables
    for rule in rules { variables.merge(rule.variables ?? [:]) { mine, _ in mine } }
    return try MethodReading(method.spec, variables: variables)
  }

  /// Whether a method runs with the starting rates; a text that can't be read counts as one that
  /// does.
  public func hasStartingRate(_ method: Method) -> Bool {
    (try? reading(method))?.hasStartingRate ?? true
  }

  /// Whether a method has a rule of its own, in the place of the suite's.
  public func hasOwnRule(_ method: Method) -> Bool {
    (try? reading(method)).map { !$0.isCrossed } ?? false
  }

  /// The rules of the suite that a method is listed with, in the suite's order.
  public func rules(of method: Method) -> [String] {
    if let names = method.rules { return rules.map(\.name).filter(names.contains) }
    let isCrossed = (try? reading(method))?.isCrossed ?? true
    return isCrossed ? rules.map(\.name) : rules.prefix(1).map(\.name)
  }
}
