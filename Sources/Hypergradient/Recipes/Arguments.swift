/// The arguments of one call, matched with a recipe's parameters and checked: every label is there,
/// of its kind and in its domain.
public struct Arguments: Sendable {
  enum Value: Sendable {
    case number(Double)
    case range(ClosedRange<Double>)
    case list([Double])
    case choice(String)
    case rule(RulePair)
    case controller(any LearningRateController)
    case schedule(any Schedule)
    case action(SpecNode)
    case absent
  }

  let values: [String: Value]
  let reader: SpecReader
  let node: SpecNode

  public func number(_ label: String) -> Double {
    guard case .number(let x) = values[label] else { unreadable(label, "number") }
    return x
  }
  /// `nil` where the argument was left out and its default is "none".
  public func optionalNumber(_ label: String) -> Double? {
    if case .number(let x) = values[label] { return x }
    return nil
  }
  public func integer(_ label: String) -> Int { Int(number(label)) }
  public func range(_ label: String) -> ClosedRange<Double> {
    guard case .range(let range) = values[label] else { unreadable(label, "range") }
    return range
  }
  /// `nil` where the argument was left out and its default is "none".
  public func optionalRange(_ label: String) -> ClosedRange<Double>? {
    if case .range(let range) = values[label] { return range }
    return nil
  }
  public func list(_ label: String) -> [Double] {
    guard case .list(let list) = values[label] else { unreadable(label, "list") }
    return list
  }
  public func choice(_ label: String) -> String {
    guard case .choice(let word) = values[label] else { unreadable(label, "choice") }
    return word
  }
  func rule(_ label: String) -> RulePair {
    guard case .rule(let rule) = values[label] else { unreadable(label, "rule") }
    return rule
  }
  func controller(_ label: String) -> any LearningRateController {
    guard case .controller(let controller) = values[label] else {
      unreadable(label, "controller")
    }
    return controller
  }
  func schedule(_ label: String) -> any Schedule {
    guard case .schedule(let schedule) = values[label] else { unreadable(label, "schedule") }
    return schedule
  }
  /// The call of an action argument; `nil` where it was left out.
  func action(_ label: String) -> SpecNode? {
    if case .action(let node) = values[label] { return node }
    return nil
  }

  /// An error at this call.
  public func error(_ message: String) -> SpecError {
    SpecError(text: reader.text, column: node.column, message: message)
  }

  private func unreadable(_ label: String, _ kind: String) -> Never {
    preconditionFailure("the recipe '\(node.name)' reads '\(label)' as a \(kind)")
  }
}

/// A rule for either type of parameters.
public struct RulePair: Sendable {
  public let float: any UpdateRule<Float>
  public let double: any UpdateRule<Double>

  public init(_ float: any UpdateRule<Float>, _ double: any UpdateRule<Double>) {
    self.float = float
    self.double = double
  }
}

extension RulePair {
  /// The rule for one type of parameters.
  public func rule<Scalar: ParameterScalar>(for scalar: Scalar.Type) -> any UpdateRule<Scalar> {
    if let rule = float as? any UpdateRule<Scalar> { return rule }
    guard let rule = double as? any UpdateRule<Scalar> else {
      preconditionFailure("parameters are Float or Double, not \(scalar)")
    }
    return rule
  }
}
