/// The syntax tree of a text such as `adam(beta1: 0.95) + hypergradient(initial: 1e-3)`.
///
///     call   = name [ "(" [ argument { "," argument } ] ")" ] { "." call }
///     argument = [ label ":" ] value
///     value  = number | number "..." number | "." call | call | "[" value { "," value } "]"
///     number = factor { ("*" | "/") factor },  factor = literal | variable | "-" factor
public struct SpecNode: Sendable, Equatable {
  public var name: String
  public var arguments: [SpecArgument]
  /// `.scaled(by: …)` and the like, applied in order.
  public var modifiers: [SpecNode]
  /// Where the name stands, in characters from 1.
  public var column: Int
}

public struct SpecArgument: Sendable, Equatable {
  /// `nil` for an argument without one.
  public var label: String?
  public var value: SpecValue
  public var column: Int
  /// A variable stands in it, so that a count may come out with a fraction.
  public var isComputed = false
}

public indirect enum SpecValue: Sendable, Equatable {
  case number(Double)
  case range(Double, Double)
  case call(SpecNode)
  case list([SpecValue])
}

/// What is wrong with a text, and where.
public struct SpecError: Error, Sendable, Equatable, CustomStringConvertible {
  public var text: String
  /// In characters, from 1.
  public var column: Int
  public var message: String

  /// One line, also where the text has several.
  public var description: String {
    let line = text.map { $0.isNewline ? " " : "\($0)" }.joined()
    return "\(message) (column \(column) of '\(line)')"
  }
}
