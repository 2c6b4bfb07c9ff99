/// Flat, then half a cosine:
///
///     s(t) = α₀                                              for t < fT
///     s(t) = α_T + (α₀ − α_T) (1 + cos(πy)) / 2              to T, y = (t − fT)/(T − fT)
///
/// > Source: fastai's `fit_flat_cos`, whose share f is 0.75.
public struct FlatCosine: FiniteSchedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// α_T; at least 0.
  public let final: Double
  public let horizon: Double
  /// f ∈ [0, 1), the share of the horizon before the fall.
  public let flat: Double
  public let past: PastHorizon

  /// - Precondition: `initial` and `final` are finite and at least 0, `horizon` is finite and
  ///   greater than 0, `flat` is in [0, 1).
  public init(
    from initial: Double, to final: Double, over horizon: Double, flat: Double = 0.75,
    past: PastHorizon = .hold
  ) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    precondition(flat >= 0 && flat < 1, "flat is \(flat), not in [0, 1)")
    self.initial = initial
    self.final = final
    self.horizon = horizon
    self.flat = flat
    self.past = past
  }

  public func value(at time: Double) -> Double {
    let y = (time / horizon - flat) / (1 - flat)
    return y <= 0 ? initial : final + (initial - final) * cosineShare(min(y, 1))
  }
}

extension Schedule where Self == FlatCosine {
  /// α₀, then half a cosine to α_T; see ``FlatCosine``.
  public static func flatCosine(
    from initial: Double, to final: Double, over horizon: Double, flat: Double = 0.75,
    past: PastHorizon = .hold
  ) -> FlatCosine {
    FlatCosine(from: initial, to: final, over: horizon, flat: flat, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let flatCosine = Recipe(
    "flatCosine",
    [
      .initialRate, .finalRate, .horizon,
      Parameter(
        "flat", .number(.from(0, below: 1)), default: "0.75",
        "the share of the horizon before the fall"),
      .past,
    ], summary: "flat for a share of the horizon, then half a cosine wave"
  ) { arguments in
    FlatCosine(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      flat: arguments.number("flat"), past: arguments.past)
  }
}
