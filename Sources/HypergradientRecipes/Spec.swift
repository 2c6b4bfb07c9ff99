internal import PortableMath

/// The syntax tree of a text such as `adam(beta1: 0.95) + hypergradient(initial: rate)`.
///
///     call   = name [ "(" [ argument { "," argument } ] ")" ] { "." call }
///     argument = [ label ":" ] value
///     value  = number | number "..." number | "." call | call | "[" value { "," value } "]" | quoted
///     number = factor { ("*" | "/") factor },  factor = literal | variable | ("-" | "+") factor
///     quoted = '"' { character | '\"' | '\\' } '"'
///
/// A quoted text has no line break and no other character that can't be seen. A number that is smaller than
/// a Double holds, and not 0, is a mistake.
///
/// Variables stay in the tree: a text is parsed once and read under many values of them.
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
}

public indirect enum SpecValue: Sendable, Equatable {
  case number(SpecNumber)
  case range(SpecNumber, SpecNumber)
  case call(SpecNode)
  case list([SpecValue])
  /// A text that stood in quotes, without them and without escapes.
  case text(String)
}

/// A number, perhaps of variables. A product or a quotient that is whole but for rounding is that
/// whole number: 0.55*steps is 55 for 100 steps, and not 55.00000000000001.
public indirect enum SpecNumber: Sendable, Equatable {
  case literal(Double)
  case variable(String)
  case negative(SpecNumber)
  case product(SpecNumber, SpecNumber)
  case quotient(SpecNumber, SpecNumber)

  /// The value under the variables' values.
  ///
  /// - Precondition: each variable has one.
  public func value(_ variables: [String: Double]) -> Double {
    switch self {
    case .literal(let x): return x
    case .variable(let name):
      guard let x = variables[name] else { stop("the variable '\(name)' has no value") }
      return x
    case .negative(let x): return -x.value(variables)
    case .product(let a, let b):
      return Rounding.whole(a.value(variables) * b.value(variables))
    case .quotient(let a, let b):
      return Rounding.whole(a.value(variables) / b.value(variables))
    }
  }

  /// Numbers without variables are worked out at once, but for what is to be refused.
  func times(_ other: SpecNumber) -> SpecNumber { SpecNumber.product(self, other).workedOut }

  func dividedBy(_ other: SpecNumber) -> SpecNumber {
    SpecNumber.quotient(self, other).workedOut
  }

  private var workedOut: SpecNumber {
    variables.isEmpty && !isTooSmall([:]) ? .literal(value([:])) : self
  }

  /// Whether a product or quotient in it is 0 for being smaller than a Double holds.
  func isTooSmall(_ variables: [String: Double]) -> Bool {
    switch self {
    case .literal, .variable: return false
    case .negative(let x): return x.isTooSmall(variables)
    case .product(let a, let b), .quotient(let a, let b):
      let (x, y) = (a.value(variables), b.value(variables))
      return x != 0 && y != 0 && y.isFinite && value(variables) == 0
        || a.isTooSmall(variables) || b.isTooSmall(variables)
    }
  }

  /// The variables in it.
  public var variables: Set<String> {
    switch self {
    case .literal: []
    case .variable(let name): [name]
    case .negative(let x): x.variables
    case .product(let a, let b), .quotient(let a, let b): a.variables.union(b.variables)
    }
  }
}

extension SpecValue {
  /// The variables in it.
  public var variables: Set<String> {
    switch self {
    case .number(let x): x.variables
    case .range(let a, let b): a.variables.union(b.variables)
    case .call(let node): node.variables
    case .list(let values): values.reduce(into: []) { $0.formUnion($1.variables) }
    case .text: []
    }
  }

  /// Whether a call without arguments of that name stands in it.
  func mentions(_ word: String) -> Bool {
    switch self {
    case .number, .range, .text: false
    case .call(let node): node.mentions(word)
    case .list(let values): values.contains { $0.mentions(word) }
    }
  }
}

extension SpecNode {
  /// The variables in it.
  public var variables: Set<String> {
    var names: Set<String> = []
    for argument in arguments { names.formUnion(argument.value.variables) }
    for modifier in modifiers { names.formUnion(modifier.variables) }
    return names
  }

  /// Whether a call without arguments of that name stands in it, or is it.
  public func mentions(_ word: String) -> Bool {
    (name == word && arguments.isEmpty)
      || arguments.contains { $0.value.mentions(word) }
      || modifiers.contains { modifier in
        modifier.arguments.contains { $0.value.mentions(word) }
      }
  }
}

/// What is wrong with a text, and where.
public struct SpecError: Error, Sendable, Equatable, CustomStringConvertible {
  public var text: String
  /// In characters, from 1.
  public var column: Int
  public var message: String

  public init(text: String, column: Int, message: String) {
    self.text = text
    self.column = column
    self.message = message
  }

  /// One line, also where the text has several; of a long text the part about the column.
  public var description: String {
    let line = text.map { $0.isNewline ? " " : $0 }
    let start = line.count <= 400 ? 0 : max(0, min(column - 100, line.count - 200))
    let end = line.count <= 400 ? line.count : min(line.count, start + 200)
    let shown =
      (start > 0 ? "…" : "") + String(line[start..<end]) + (end < line.count ? "…" : "")
    return "\(message) (column \(column) of '\(shown)')"
  }
}
