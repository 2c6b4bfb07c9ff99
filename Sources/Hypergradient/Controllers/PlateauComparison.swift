extension Plateau {
  /// Which way a metric improves.
  public enum Direction: String, Sendable, Codable, CaseIterable {
    case minimize
    case maximize
  }

  /// What counts as better: an observation x against the best one so far, by a margin.
  ///
  /// |                | minimize: x is better if | maximize: x is better if |
  /// |----------------|--------------------------|--------------------------|
  /// | `relative(m)`  | x < best − m·\|best\|    | x > best + m·\|best\|    |
  /// | `absolute(m)`  | x < best − m             | x > best + m             |
  /// | `multiple(m)`  | x < best·(1 − m)         | x > best·(1 + m)         |
  /// | `both(m, a)`   | x < best·(1 − m) − a     | x > best·(1 + m) + a     |
  ///
  /// The relative margin is right for a negative best, and asks for any strict improvement where
  /// the best is 0. `multiple` is PyTorch's expression, `both` Optax': where the best is negative
  /// their margin m has the wrong sign, and a slow worsening counts as better.
  public struct Comparison: Sendable, Codable, Equatable {
    public enum Margin: Sendable, Codable, Equatable {
      case relative(Double)
      case absolute(Double)
      case multiple(Double)
      case both(Double, Double)
    }

    /// Which observations may become best.
    public enum Candidates: String, Sendable, Codable, CaseIterable {
      /// The finite ones; the first of them always. NaN and infinities of either sign are bad: an
      /// infinite best would never be beaten, or beaten by anything.
      case finite
      /// Those that win the comparison, which begins with the worst infinity as best (PyTorch's):
      /// NaN never does, the good infinity does and stays for ever.
      case comparable
      /// The first one whatever it is, then those that win the comparison (Keras'): after a NaN
      /// none does.
      case first
    }

    public let margin: Margin
    public let direction: Direction
    public let candidates: Candidates

    /// - Precondition: the margin is finite and at least 0.
    public init(_ margin: Margin, _ direction: Direction, candidates: Candidates = .finite) {
      let margins =
        switch margin {
        case .relative(let m), .absolute(let m), .multiple(let m): [m]
        case .both(let m, let a): [m, a]
        }
      for m in margins {
        precondition(m >= 0 && m.isFinite, "the margin is \(m), not a finite number of at least 0")
      }
      self.margin = margin
      self.direction = direction
      self.candidates = candidates
    }

    /// Better by more than `margin` · |best|.
    public static func relative(
      _ margin: Double, _ direction: Direction = .minimize
    ) -> Comparison {
      Comparison(.relative(margin), direction)
    }

    /// Better by more than `margin`, in the metric's unit.
    public static func absolute(
      _ margin: Double, _ direction: Direction = .minimize
    ) -> Comparison {
      Comparison(.absolute(margin), direction)
    }

    /// Whether `x` is better than `best`; `nil` stands for no best yet.
    public func isBetter(_ x: Double, than best: Double?) -> Bool {
      if candidates == .finite && !x.isFinite { return false }
      if best == nil && candidates != .comparable { return true }
      switch direction {
      case .minimize:
        let best = best ?? .infinity
        return switch margin {
        case .relative(let m): x < best - m * abs(best)
        case .absolute(let m): x < best - m
        case .multiple(let m): x < best * (1 - m)
        case .both(let m, let a): x < best * (1 - m) - a
        }
      case .maximize:
        let best = best ?? -.infinity
        return switch margin {
        case .relative(let m): x > best + m * abs(best)
        case .absolute(let m): x > best + m
        case .multiple(let m): x > best * (1 + m)
        case .both(let m, let a): x > best * (1 + m) + a
        }
      }
    }

    /// Whether a line with this slope an observation improves by more than the margin, which a
    /// relative one takes of the mean; a slope or mean that is not finite does not.
    func isFalling(_ slope: Double, around mean: Double) -> Bool {
      guard slope.isFinite, mean.isFinite else { return false }
      let gain = direction == .minimize ? -slope : slope
      return switch margin {
      case .relative(let m): gain > m * abs(mean)
      case .absolute(let m): gain > m
      case .multiple(let m): gain > m * mean
      case .both(let m, let a): gain > m * mean + a
      }
    }
  }
}
