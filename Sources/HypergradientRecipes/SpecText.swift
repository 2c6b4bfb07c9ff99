/// A text that is parsed once, to be read under many values of its variables.
public struct SpecText: Sendable, Equatable {
  public let text: String
  /// The calls that the text adds up: a rule and a controller, or one thing alone.
  public let calls: [SpecNode]

  /// - Parameter variables: names that stand for numbers.
  public init(_ text: String, variables: Set<String> = []) throws(SpecError) {
    self.text = text
    var parser = SpecParser(text, variables: variables)
    calls = try parser.sum()
  }

  /// The one call of the text.
  ///
  /// - Parameter kind: what it is to be, in words: "a rule".
  public func single(_ kind: String) throws(SpecError) -> SpecNode {
    guard calls.count == 1 else {
      throw SpecError(text: text, column: 1, message: "expected \(kind), found a sum")
    }
    return calls[0]
  }

  /// The variables that it uses.
  public var variables: Set<String> { calls.reduce(into: []) { $0.formUnion($1.variables) } }

  /// Whether a word without arguments stands in it, such as `rule`.
  public func mentions(_ word: String) -> Bool { calls.contains { $0.mentions(word) } }
}
