/// A rule whose hyperparameters go by name, so that a schedule can set them; see
/// ``ScheduledHyperparameter``.
///
/// A conformance is an enumeration of names, the numbers that each may be, and a subscript.
public protocol AdjustableRule: UpdateRule {
  /// The names, as in the rule's initialiser.
  associatedtype
    Hyperparameter: RawRepresentable<String>, CaseIterable, Sendable, Codable, Equatable
  /// What a hyperparameter may be.
  static func domain(of hyperparameter: Hyperparameter) -> Domain
  /// The value of a hyperparameter.
  subscript(hyperparameter: Hyperparameter) -> Double { get set }
}

extension HeavyBall: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case momentum, dampening }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    switch hyperparameter {
    case .momentum: .from(0, below: 1)
    case .dampening: .between(0, 1)
    }
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { hyperparameter == .momentum ? momentum : dampening }
    set {
      switch hyperparameter {
      case .momentum: momentum = newValue
      case .dampening: dampening = newValue
      }
    }
  }
}

extension Nesterov: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case momentum }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .from(0, below: 1) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { momentum }
    set { momentum = newValue }
  }
}

extension AdaGrad: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case epsilon }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .atLeast(0) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { epsilon }
    set { epsilon = newValue }
  }
}

extension RMSProp: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case decay, epsilon }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    hyperparameter == .decay ? .from(0, below: 1) : .atLeast(0)
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { hyperparameter == .decay ? decay : epsilon }
    set {
      switch hyperparameter {
      case .decay: decay = newValue
      case .epsilon: epsilon = newValue
      }
    }
  }
}

extension Adam: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case beta1, beta2, epsilon }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain {
    hyperparameter == .epsilon ? .atLeast(0) : .from(0, below: 1)
  }

  public subscript(hyperparameter: Hyperparameter) -> Double {
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

extension WeightDecay: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case coefficient }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .atLeast(0) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { coefficient }
    set { coefficient = newValue }
  }
}

extension ClipByNorm: AdjustableRule {
  public enum Hyperparameter: String, CaseIterable, Sendable, Codable { case maximum }

  public static func domain(of hyperparameter: Hyperparameter) -> Domain { .above(0) }

  public subscript(hyperparameter: Hyperparameter) -> Double {
    get { maximum }
    set { maximum = newValue }
  }
}
