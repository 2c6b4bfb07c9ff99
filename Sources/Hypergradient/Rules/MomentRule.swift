/// A relative of Adam: β₁ decays a mean, β₂ a mean square, and ε keeps the quotient bounded.
///
/// Its three hyperparameters go by name; a conformance has the properties and nothing else.
public protocol MomentRule: AdjustableRule where Hyperparameter == MomentHyperparameter {
  /// β₁ ∈ [0, 1).
  var beta1: Double { get set }
  /// β₂ ∈ [0, 1).
  var beta2: Double { get set }
  /// ε; at least 0.
  var epsilon: Double { get set }
}

public enum MomentHyperparameter: String, CaseIterable, Sendable, Codable {
  case beta1, beta2, epsilon
}

extension MomentRule {
  public static func domain(of hyperparameter: MomentHyperparameter) -> Domain {
    hyperparameter == .epsilon ? .atLeast(0) : .from(0, below: 1)
  }

  public subscript(hyperparameter: MomentHyperparameter) -> Double {
    get {
      switch hyperparameter {
      case .beta1: beta1
      case .beta2: beta2
      case .epsilon: epsilon
      }
    }
    set {
      switch hyperparameter {
      case .beta1: beta1 = newValue
      case .beta2: beta2 = newValue
      case .epsilon: epsilon = newValue
      }
    }
  }
}

extension AdjustableRule {
  /// Stops the program where a hyperparameter is outside its domain; for initialisers.
  func checkHyperparameters() {
    for hyperparameter in Hyperparameter.allCases {
      Self.domain(of: hyperparameter).check(self[hyperparameter], hyperparameter.rawValue)
    }
  }
}

extension Domain {
  /// - Precondition: the value is in the domain.
  func check(_ value: Double, _ name: String) {
    precondition(contains(value), "\(name) is \(value), not \(description)")
  }
}

extension Parameter {
  static let beta1 = Parameter(
    "beta1", .number(.from(0, below: 1)), default: "0.9", "decay of the mean")

  static func beta2(default text: String = "0.999") -> Parameter {
    Parameter(
      "beta2", .number(.from(0, below: 1)), default: text, "decay of the mean square")
  }

  static func epsilon(default text: String = "1e-8") -> Parameter {
    Parameter(
      "epsilon", .number(.atLeast(0)), default: text, unit: "gradient", "added to the root")
  }
}
