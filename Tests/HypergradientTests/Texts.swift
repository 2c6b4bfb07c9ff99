internal import Hypergradient
internal import HypergradientCatalogue

// What the tests read from texts, for both types of parameters at once.

/// A rule for either type of parameters.
struct RulePair: Sendable {
  let float: any UpdateRule<Float>
  let double: any UpdateRule<Double>
  var objective = Objective.plain
}

/// A method for either type of parameters.
struct MethodPair: Sendable {
  let float: any TrainingMethod<Float>
  let double: any TrainingMethod<Double>
}

/// What a text that trains describes.
enum Training: Sendable {
  case pair(RulePair, any LearningRateController)
  case method(MethodPair)
}

/// Reads a text by the standard catalogue.
struct TextReader {
  let text: String
  var variables: [String: Double] = [:]
  /// The text that `rule` stands for.
  var rule: String?

  init(_ text: String, variables: [String: Double] = [:], rule: String? = nil) {
    self.text = text
    self.variables = variables
    self.rule = rule
  }

  private var catalogue: Catalogue { .standard }

  func readRule() throws(SpecError) -> RulePair {
    let float = try catalogue.rule(text, for: Float.self, variables: variables)
    let double = try catalogue.rule(text, for: Double.self, variables: variables)
    return RulePair(float: float.rule, double: double.rule, objective: double.objective)
  }

  func controller() throws(SpecError) -> any LearningRateController {
    try catalogue.controller(text, variables: variables)
  }

  func schedule() throws(SpecError) -> any Schedule {
    try catalogue.schedule(text, variables: variables)
  }

  func training() throws(SpecError) -> Training {
    let float = try catalogue.method(text, for: Float.self, variables: variables, rule: rule)
    let double = try catalogue.method(text, for: Double.self, variables: variables, rule: rule)
    switch (float, double) {
    case (.method(let float), .method(let double)):
      return .method(MethodPair(float: float, double: double))
    case (.pair(let float, _), .pair(let double, let controller)):
      return .pair(
        RulePair(float: float.rule, double: double.rule, objective: double.objective), controller)
    default: preconditionFailure("'\(text)' is a method for one type of parameters alone")
    }
  }

  func method() throws(SpecError) -> (rule: RulePair, controller: any LearningRateController) {
    guard case .pair(let rule, let controller) = try training() else {
      throw SpecError(
        text: text, column: 1, message: "a method that is not a rule and a controller")
    }
    return (rule, controller)
  }
}
