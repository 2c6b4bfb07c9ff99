/// The hyperparameters of momentum with coupled decay, and numbers of the same kinds.
public struct MomentumHyperparameters: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case rate, momentum, weightDecay
  }

  /// η.
  public var rate: Double
  /// m.
  public var momentum: Double
  /// λ.
  public var weightDecay: Double

  public init(rate: Double, momentum: Double, weightDecay: Double) {
    self.rate = rate
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  public subscript(_ kind: Kind) -> Double {
    get {
      switch kind {
      case .rate: rate
      case .momentum: momentum
      case .weightDecay: weightDecay
      }
    }
    set {
      switch kind {
      case .rate: rate = newValue
      case .momentum: momentum = newValue
      case .weightDecay: weightDecay = newValue
      }
    }
  }
}
