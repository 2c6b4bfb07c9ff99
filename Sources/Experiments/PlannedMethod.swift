internal import Hypergradient
internal import HypergradientCatalogue

/// A method of a plan: its text, parsed once for all rates, and what its names stand for. It is made
/// when it runs, for the type of the task's parameters.
struct PlannedMethod: Sendable {
  let text: SpecText
  /// What `rule` stands for.
  let rule: SpecText?
  let catalogue: Catalogue
  var variables: [String: Double]
  /// Whether an optimizer is run as a method that asks an oracle.
  var isThroughOracle = false

  init(_ text: SpecText, rule: SpecText?, _ variables: [String: Double], _ catalogue: Catalogue) {
    self.text = text
    self.rule = rule
    self.variables = variables
    self.catalogue = catalogue
  }

  /// - Throws: ``SpecError`` for a text that names nothing.
  func made<S: ParameterScalar>(
    for _: S.Type, parameterCount: Int
  ) throws(SpecError) -> NamedMethod<S> {
    let made: NamedMethod<S> = try catalogue.method(text, variables: variables, rule: rule)
    return isThroughOracle ? .method(made.trainer(parameterCount: parameterCount)) : made
  }
}
