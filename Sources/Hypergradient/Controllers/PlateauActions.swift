extension Plateau {
  /// Where training goes on after a reduction.
  public enum Start: String, Sendable, Codable, CaseIterable {
    /// From the parameters as they are.
    case here
    /// From those of the best observation: see ``Plateau``, "Going back".
    case best
  }

  /// The rate times a factor below 1 at the n-th bad observation in a row.
  public struct Reduction: Sendable, Codable, Equatable {
    /// In [0, 1).
    public let factor: Double
    /// n, in observations; at least 1.
    public let patience: Int
    public let start: Start

    /// - Precondition: `factor` is in [0, 1) and `patience` at least 1.
    public init(factor: Double, patience: Int, start: Start = .here) {
      precondition(
        factor >= 0 && factor < 1, "the factor of a reduction is \(factor), not in [0, 1)")
      precondition(patience >= 1, "a patience is \(patience), not at least 1")
      self.factor = factor
      self.patience = patience
      self.start = start
    }

    /// Reduces by `factor` at the bad observation number `patience` in a row, and goes on from the
    /// parameters as they are, or from the best ones.
    public static func by(
      _ factor: Double, after patience: Int, from start: Start = .here
    ) -> Reduction {
      Reduction(factor: factor, patience: patience, start: start)
    }
  }

  /// The rate times a factor above 1, on one of three occasions.
  ///
  /// | made by                         | increases at                                              |
  /// |---------------------------------|-----------------------------------------------------------|
  /// | `.by(f, after: n)`              | the n-th improvement in a row                             |
  /// | `.by(f, afterReductions: k)`    | the next passing of the reduction's patience after k      |
  /// |                                 | reductions without improvement, instead of reducing again |
  /// | `.by(f, whenStuckFor: n)`       | the n-th bad observation since the last improvement or    |
  /// |                                 | increase, whatever was reduced meanwhile                  |
  ///
  /// A reduction takes precedence: with `afterReductions` the first k passings of patience reduce;
  /// with `whenStuckFor` an increase that falls on the same observation as a reduction waits for
  /// the next bad one that does not reduce. An improvement can't fall on a bad observation.
  public struct Increase: Sendable, Codable, Equatable {
    public enum Occasion: Sendable, Codable, Equatable {
      case improvementsInARow(Int)
      case reductionsInVain(Int)
      case badObservations(Int)
    }

    /// Greater than 1.
    public let factor: Double
    public let occasion: Occasion

    /// - Precondition: `factor` is finite and greater than 1, the occasion's count at least 1.
    public init(factor: Double, on occasion: Occasion) {
      precondition(
        factor > 1 && factor.isFinite, "the factor of an increase is \(factor), not greater than 1")
      switch occasion {
      case .improvementsInARow(let count), .reductionsInVain(let count),
        .badObservations(let count):
        precondition(count >= 1, "an increase after \(count): the count is to be at least 1")
      }
      self.factor = factor
      self.occasion = occasion
    }

    /// Increases at improvement number `improvements` in a row.
    public static func by(_ factor: Double, after improvements: Int) -> Increase {
      Increase(factor: factor, on: .improvementsInARow(improvements))
    }

    /// Increases when patience passes again although the rate was reduced `reductions` times.
    public static func by(_ factor: Double, afterReductions reductions: Int) -> Increase {
      Increase(factor: factor, on: .reductionsInVain(reductions))
    }

    /// Increases at bad observation number `observations` since the last improvement or increase.
    public static func by(_ factor: Double, whenStuckFor observations: Int) -> Increase {
      Increase(factor: factor, on: .badObservations(observations))
    }
  }

  /// What one observation led to; the rate may be at its bound and stay.
  public enum Action: String, Sendable, Codable, CaseIterable {
    case none
    case reduce
    case increase
  }
}
