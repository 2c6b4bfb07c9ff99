public import Hypergradient
public import HypergradientRecipes

// Optimizers by their text.

extension AnyOptimizer {
  /// The optimizer that a text names.
  ///
  /// ```swift
  /// let text = "adam.then(weightDecay(0.01)) + plateau(initial: 1e-3, reduce: by(0.5, after: 5))"
  /// var optimizer = try AnyOptimizer<Float>(text, parameterCount: 2)
  /// ```
  ///
  /// - Parameters:
  ///   - text: `rule + controller`.
  ///   - variables: values of the names that stand for numbers in it, such as `steps`.
  ///   - catalogue: what a text may name.
  /// - Throws: ``SpecError`` with the place in the text; also for a training method that is not a
  ///   rule times a controller, since it asks an oracle for more than one gradient at θ.
  public init(
    _ text: String, parameterCount: Int, variables: [String: Double] = [:],
    in catalogue: Catalogue = .standard
  ) throws(SpecError) {
    guard
      case .pair(let rule, let controller) = try catalogue.method(
        text, for: Scalar.self, variables: variables)
    else {
      throw SpecError(
        text: text, column: 1,
        message: "a method that asks an oracle has no step of one gradient: make it by "
          + "Catalogue.method, or name 'rule + controller'")
    }
    self.init(
      rule.rule, controller, on: rule.objective, parameterCount: parameterCount, text: text,
      variables: variables)
  }
}

extension AnyOptimizer: Decodable {
  /// What was made of a text of the standard catalogue, and encoded.
  ///
  /// - Throws: `DecodingError` for what was not made of a text, or is damaged.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func fault(_ key: CodingKeys, _ message: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: message)
    }
    guard let text = try container.decodeIfPresent(String.self, forKey: .text) else {
      throw fault(
        .text, "it was not made of a text: make the optimizer as it was and call restore(from:)")
    }
    let count = try container.decode(Int.self, forKey: .parameterCount)
    let variables = try container.decodeIfPresent([String: Double].self, forKey: .variables) ?? [:]
    do throws(SpecError) {
      // Of no parameters: what is restored brings its own, checked before memory is taken.
      try self.init(text, parameterCount: 0, variables: variables)
    } catch {
      throw fault(.text, "\(error)")
    }
    try restore(from: decoder, parameterCount: count)
  }
}
