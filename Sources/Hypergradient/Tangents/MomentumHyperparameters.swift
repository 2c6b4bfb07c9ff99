/// The hyperparameters of momentum with coupled decay, and numbers of the same kinds.
public struct MomentumHyperparameters: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case rate, momentum, weightDecay

    var path: WritableKeyPath<MomentumHyperparameters, Double> {
      switch self {
      case .rate: \.rate
      case .momentum: \.momentum
      case .weightDecay: \.weightDecay
      }
    }
  }

  /// η, m and λ.
  public var rate, momentum, weightDecay: Double

  public init(rate: Double, momentum: Double, weightDecay: Double) {
    (self.rate, self.momentum, self.weightDecay) = (rate, momentum, weightDecay)
  }

  public subscript(_ kind: Kind) -> Double {
    get { self[keyPath: kind.path] }
    set { self[keyPath: kind.path] = newValue }
  }
}

extension MomentumHyperparameters {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    rate = try state.number(.rate)
    momentum = try state.number(.momentum)
    weightDecay = try state.number(.weightDecay)
  }
}
