internal import Hypergradient
internal import HypergradientCatalogue

/// A method of a plan: its text, parsed once for all rates, and what its names stand for. It is made
/// when it runs, for the type of the task's parameters.
struct PlannedMethod: Sendable {
  private enum Source: Sendable {
    /// - Parameter rule: what `rule` stands for.
    case text(SpecText, rule: SpecText?, Catalogue)
    /// A ``NamedMethod`` that is there already.
    case made(any Sendable)
  }

  private let source: Source
  var variables: [String: Double] = [:]
  /// Whether an optimizer is run as a method that asks an oracle.
  var isThroughOracle = false

  init(_ text: SpecText, rule: SpecText?, _ variables: [String: Double], _ catalogue: Catalogue) {
    source = .text(text, rule: rule, catalogue)
    self.variables = variables
  }

  init<S: ParameterScalar>(_ method: NamedMethod<S>) { source = .made(method) }

  /// - Throws: ``SpecError`` for a text that names nothing.
  func made<S: ParameterScalar>(
    for scalar: S.Type, parameterCount: Int
  ) throws(SpecError) -> NamedMethod<S> {
    let method: NamedMethod<S>
    switch source {
    case .text(let text, let rule, let catalogue):
      method = try catalogue.method(text, variables: variables, rule: rule)
    case .made(let known):
      guard let known = known as? NamedMethod<S> else {
        preconditionFailure("the method was made for other numbers than \(scalar)")
      }
      method = known
    }
    return isThroughOracle ? .method(method.trainer(parameterCount: parameterCount)) : method
  }
}
