internal import HypergradientRecipes

// Parameters that recipes of several tasks share.

extension Parameter where Value == Int {
  /// Of a task that keeps dimension² numbers: the most still fit a desktop's memory.
  static var dimension: Parameter {
    .count("dimension", in: .between(2, 2000), default: 100, "parameters")
  }
  static func examples(_ standard: Int, _ summary: String) -> Parameter {
    .count("examples", in: .between(2, 1e6), default: standard, summary)
  }
  static func units(_ standard: Int, _ summary: String) -> Parameter {
    .count("hidden", in: .between(1, 1000), default: standard, summary)
  }
  static var batch: Parameter {
    .count("batch", in: .between(1, 1e5), default: 16, "examples a step")
  }
  /// Of a task on data, whose number of examples no recipe knows.
  static func dataBatch(_ standard: Int) -> Parameter {
    .count(
      "batch", in: .between(1, 1e6), default: standard,
      "examples a step; all, if there are fewer")
  }
}

extension Parameter where Value == Int? {
  /// Of MNIST, for runs of minutes.
  static var firstExamples: Parameter {
    .count("examples", orNone: .between(2, 1e6), "the first of the file; all if left out")
  }
}

extension Parameter where Value == Double {
  /// Of a quadratic.
  static func condition(_ standard: Double, _ summary: String) -> Parameter {
    .number("condition", in: .between(1, 1e10), default: standard, summary)
  }
  /// Of the features of a linear model.
  static func featureCondition(_ standard: Double) -> Parameter {
    .number("condition", in: .between(1, 1e6), default: standard, "of the features")
  }
  static func noiseVariance(_ standard: Double) -> Parameter {
    .number("noiseVariance", in: .between(0, 1e6), default: standard, "σ² of C = σ²H")
  }
}

extension Parameter where Value == Double? {
  static var csvRegularisation: Parameter {
    .number(
      "regularisation", orNone: .between(0, 1e6), "λ of (λ/2)‖θ‖²; 1/N if left out, 0 for none")
  }
  static var dataRegularisation: Parameter {
    .number(
      "regularisation", orNone: .excluding(0, through: 1e6), "λ of (λ/2)‖θ‖²; 1/N if left out")
  }
}

extension Parameter where Value == [Double] {
  static func layers(_ standard: [Double], _ kind: String = "rectified") -> Parameter {
    .list("hidden", in: .between(1, 1e5), default: standard, "\(kind) units of each hidden layer")
  }
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
    if let fault { stop(fault) }
  }
}
