internal import HypergradientRecipes

/// What a learning rate is held to, whoever decides it: see ``RateLimited`` for training methods, and
/// ``Clamped``, ``GrowthLimited`` and ``Frozen`` for controllers.
///
/// η̂ is the rate that is wanted, η the one that is applied; t counts the steps taken, from 1:
///
///     within(a...b)       η_t = min(max(η̂_t, a), b)
///     growth(c)           η_t = min(η̂_t, c·η_{t−1})       where t > 1 and η_{t−1} > 0; else η̂_t
///     freeze(after: n)    η_t = η̂_t for t ≤ n; η_n after it
///
/// A rate is finite: a bound of `0...Double.greatestFiniteMagnitude` and a growth of
/// `Double.greatestFiniteMagnitude` hold it to nothing.
public enum RateLimit: Sendable, Hashable, Codable {
  /// Bounds, finite and at least 0.
  case within(ClosedRange<Double>)
  /// c ≥ 1: `growth_rate` in the published code of D-Adaptation and Prodigy, which is of the estimated
  /// distance there.
  case growth(Double)
  /// n ≥ 1.
  case freeze(after: Int)

  /// Why there is no such limit; `nil` where there is.
  var fault: String? {
    switch self {
    case .within(let bounds): Recipe<Modifier<any LearningRateController>>.clamped.fault(of: bounds)
    case .growth(let most):
      Recipe<Modifier<any LearningRateController>>.limitedGrowth.fault(of: most)
    case .freeze(let steps): Recipe<Modifier<any LearningRateController>>.frozen.fault(of: steps)
    }
  }
}

/// A limit with what it knows of the rates of one group of parameters.
struct RateHistory: Sendable, Codable, Equatable {
  /// Steps taken.
  private(set) var steps = 0
  /// η_t.
  private(set) var rate = 0.0

  /// η for η̂, before it is applied.
  func held(_ wanted: Double, to limit: RateLimit) -> Double {
    switch limit {
    case .within(let bounds): bounds.nearest(to: wanted)
    case .growth(let most): steps > 0 && rate > 0 ? min(wanted, most * rate) : wanted
    case .freeze(let last): steps >= last ? rate : wanted
    }
  }

  /// A step with this rate.
  mutating func note(_ applied: Double) {
    steps += 1
    rate = applied
  }
}

extension RateHistory {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    steps = try state.count(.steps)
    rate = try state.number(.rate)
  }
}
