internal import PortableMath

/// Half a cosine, down or up:
///
///     s(t) = α_T + (α₀ − α_T) ((1 + cos(πt/T)) / 2)^p      for t ≤ T
///
/// p is 1 in the paper; Optax has it as `exponent`. The floor α_T is Keras' and Optax' `alpha`
/// times the first value.
///
/// > Source: I. Loshchilov and F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts
/// > (2017), eq. 5, one period.
public struct Cosine: FiniteSchedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// α_T; at least 0.
  public let final: Double
  public let horizon: Double
  /// p; greater than 0.
  public let power: Double
  public let past: PastHorizon

  /// - Precondition: `initial` and `final` are finite and at least 0, `horizon` and `power` finite
  ///   and greater than 0.
  public init(
    from initial: Double, to final: Double, over horizon: Double, power: Double = 1,
    past: PastHorizon = .hold
  ) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    ScheduleRequirements.positive(power, "power")
    self.initial = initial
    self.final = final
    self.horizon = horizon
    self.power = power
    self.past = past
  }

  public func value(at time: Double) -> Double {
    let share = cosineShare(time / horizon)
    return final + (initial - final) * (power == 1 ? share : Portable.pow(share, power))
  }
}

/// (1 + cos(πx)) / 2: from 1 at x = 0 to 0 at x = 1.
func cosineShare(_ x: Double) -> Double { (1 + Portable.cos(Double.pi * x)) / 2 }

extension Schedule where Self == Cosine {
  /// Half a cosine from α₀ to α_T over T; see ``Cosine``.
  public static func cosine(
    from initial: Double, to final: Double, over horizon: Double, power: Double = 1,
    past: PastHorizon = .hold
  ) -> Cosine {
    Cosine(from: initial, to: final, over: horizon, power: power, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let cosine = Recipe(
    "cosine",
    [
      .initialRate, .finalRate, .horizon,
      Parameter("power", .number(.above(0)), default: "1", "the exponent p"), .past,
    ], summary: "half a cosine wave: α_T + (α₀ − α_T) ((1 + cos(πt/T))/2)^p"
  ) { arguments in
    Cosine(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      power: arguments.number("power"), past: arguments.past)
  }
}
