internal import Hypergradient

// Parameters that recipes of several tasks share, and how an initialiser asks for what its recipe
// declares.

extension Parameter {
  /// Of a task that keeps dimension² numbers: the most still fit a desktop's memory.
  static let dimension = Parameter(
    "dimension", .integer(.between(2, 2000)), default: "100", "parameters")

  /// Of a quadratic.
  static func condition(_ standard: String, _ summary: String) -> Parameter {
    Parameter("condition", .number(.between(1, 1e10)), default: standard, summary)
  }

  /// Of the features of a linear model.
  static func featureCondition(_ standard: String) -> Parameter {
    Parameter("condition", .number(.between(1, 1e6)), default: standard, "of the features")
  }

  static func noiseVariance(_ standard: String) -> Parameter {
    Parameter("noiseVariance", .number(.between(0, 1e6)), default: standard, "σ² of C = σ²H")
  }

  static func examples(_ standard: String, _ summary: String) -> Parameter {
    Parameter("examples", .integer(.between(2, 1e6)), default: standard, summary)
  }

  static func units(_ standard: String, _ summary: String) -> Parameter {
    Parameter("hidden", .integer(.between(1, 1000)), default: standard, summary)
  }

  static let batch = Parameter(
    "batch", .integer(.between(1, 1e5)), default: "16", "examples a step")

  /// Of a task on data, whose number of examples no recipe knows.
  static func dataBatch(_ standard: String? = nil) -> Parameter {
    Parameter(
      "batch", .integer(.between(1, 1e6)), default: standard,
      "examples a step; all, if there are fewer")
  }

  static func layers(_ standard: String? = nil) -> Parameter {
    Parameter(
      "hidden", .list(.between(1, 1e5)), default: standard, "rectified units of each hidden layer")
  }

  static let dataRegularisation = Parameter(
    "regularisation", .number(.excluding(0, through: 1e6)), default: "none",
    "λ of (λ/2)‖θ‖²; 1/N if left out")

  /// Stops where an initialiser's argument is not what a text may say.
  func require(_ value: Double) {
    switch kind {
    case .number(let domain), .integer(let domain), .list(let domain):
      precondition(domain.contains(value), "\(label) is \(value), not \(domain.description)")
    default: preconditionFailure("\(label) is not a number")
    }
  }

  func require(_ value: Int) { require(Double(value)) }
}

/// Faults of several arguments together, found by one function for a recipe and for an initialiser: a
/// line that says what is wrong, or `nil`.
enum Faults {
  /// Keeps examples × features within memory.
  static func size(examples: Int, features: Int) -> String? {
    examples * features <= 20_000_000
      ? nil : "\(examples) examples of \(features) features are above 2e7 numbers"
  }

  /// Stops at a fault.
  static func trap(_ fault: String?) {
    if let fault { preconditionFailure(fault) }
  }
}

extension Arguments {
  /// Makes an error of a fault.
  func check(_ fault: String?) throws(SpecError) {
    if let fault { throw error(fault) }
  }
}
