/// How something is made from text: its name, its arguments as in its Swift initialiser, and one
/// line of what it is for. The text form, the list command, the documentation's table, the suite
/// files and validation all come from it.
public struct Recipe<Product>: Sendable {
  public let name: String
  public let parameters: [Parameter]
  public let summary: String
  private let builder: @Sendable (Arguments) throws(SpecError) -> Product

  public init(
    _ name: String, _ parameters: [Parameter] = [], summary: String,
    build: @escaping @Sendable (Arguments) throws(SpecError) -> Product
  ) {
    self.name = name
    self.parameters = parameters
    self.summary = summary
    builder = build
  }

  /// The product that a call describes.
  func build(_ node: SpecNode, _ reader: SpecReader) throws(SpecError) -> Product {
    try builder(try reader.arguments(of: node, parameters))
  }

  /// `name(label: default, …)`, with `…` for what has no default.
  public var signature: String {
    if parameters.isEmpty { return name }
    let arguments = parameters.map { parameter in
      let value = parameter.defaultText ?? parameter.kind.placeholder
      return parameter.label == "_" ? value : "\(parameter.label): \(value)"
    }
    return "\(name)(\(arguments.joined(separator: ", ")))"
  }
}

/// One argument of a recipe.
public struct Parameter: Sendable {
  public enum Kind: Sendable, Equatable {
    case number(Domain)
    case integer(Domain)
    case choice([String])
    case range
    case list(Domain)
    case rule, controller, schedule
    /// A word followed by arguments of its own, such as `.by(0.5, after: 5)`.
    case action

    var placeholder: String {
      switch self {
      case .number, .integer: "…"
      case .choice(let words): words.map { ".\($0)" }.joined(separator: "|")
      case .range: "low...high"
      case .list: "[…]"
      case .rule: "rule"
      case .controller: "controller"
      case .schedule: "schedule"
      case .action: ".by(…)"
      }
    }
  }

  /// As in the Swift initialiser; "_" for an argument without a label.
  public let label: String
  public let kind: Kind
  /// The text that stands for the value when it is left out; `nil` where it can't be.
  public let defaultText: String?
  /// The unit in words; empty for a pure number.
  public let unit: String
  public let summary: String

  public init(
    _ label: String, _ kind: Kind, default defaultText: String? = nil, unit: String = "",
    _ summary: String
  ) {
    self.label = label
    self.kind = kind
    self.defaultText = defaultText
    self.unit = unit
    self.summary = summary
  }

  /// How a message names it.
  var title: String { label == "_" ? "the value" : "'\(label)'" }
}

/// The numbers that an argument may be.
public enum Domain: Sendable, Equatable {
  case any
  case atLeast(Double)
  case above(Double)
  /// low ≤ x < high.
  case from(Double, below: Double)
  /// low ≤ x ≤ high.
  case between(Double, Double)
  /// low < x ≤ high.
  case excluding(Double, through: Double)
  /// (low, high)
  case strictlyBetween(Double, Double)

  package func contains(_ x: Double) -> Bool {
    guard x.isFinite else { return false }
    switch self {
    case .any: return true
    case .atLeast(let low): return x >= low
    case .above(let low): return x > low
    case .from(let low, let high): return x >= low && x < high
    case .between(let low, let high): return x >= low && x <= high
    case .excluding(let low, let high): return x > low && x <= high
    case .strictlyBetween(let low, let high): return x > low && x < high
    }
  }

  public var description: String {
    switch self {
    case .any: "a finite number"
    case .atLeast(let low): "at least \(short(low))"
    case .above(let low): "greater than \(short(low))"
    case .from(let low, let high): "in [\(short(low)), \(short(high)))"
    case .between(let low, let high): "in [\(short(low)), \(short(high))]"
    case .excluding(let low, let high): "in (\(short(low)), \(short(high))]"
    case .strictlyBetween(let low, let high): "in (\(short(low)), \(short(high)))"
    }
  }
}

/// 3 rather than 3.0, 1e9 rather than 1000000000.0.
func short(_ x: Double) -> String {
  guard let integer = Int(exactly: x) else { return "\(x)" }
  if abs(integer) < 1_000_000 { return "\(integer)" }
  var (digits, zeros) = (integer, 0)
  while digits % 10 == 0 { (digits, zeros) = (digits / 10, zeros + 1) }
  return zeros >= 6 ? "\(digits)e\(zeros)" : "\(x)"
}

extension Parameter.Kind {
  /// What the value may be, in words; `nil` where the kind says it all.
  public var rangeDescription: String? {
    switch self {
    case .number(let domain), .list(let domain): domain.description
    case .integer(let domain): "whole, \(domain.description)"
    case .choice(let words): words.map { ".\($0)" }.joined(separator: " or ")
    case .range: "low...high"
    case .rule, .controller, .schedule, .action: nil
    }
  }
}
