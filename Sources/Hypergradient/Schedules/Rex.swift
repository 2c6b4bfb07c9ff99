/// REX, a reflected exponential made rational:
///
///     s(t) = α_T + (α₀ − α_T) (1 − x) / (1 − x/2)      x = t/T ≤ 1
///
/// It stays high for longer than a line and falls faster at the end.
///
/// > Source: J. Chen, C. Wolfe and A. Kyrillidis, REX: Revisiting Budgeted Training with an Improved
/// > Schedule (2022), where 1 − x/2 is written 1/2 + (1 − x)/2 and α_T is 0.
public struct Rex: FiniteSchedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// α_T; at least 0.
  public let final: Double
  public let horizon: Double
  public let past: PastHorizon

  /// - Precondition: `initial` and `final` are finite and at least 0, `horizon` is finite and
  ///   greater than 0.
  public init(
    from initial: Double, to final: Double, over horizon: Double, past: PastHorizon = .hold
  ) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    self.initial = initial
    self.final = final
    self.horizon = horizon
    self.past = past
  }

  public func value(at time: Double) -> Double {
    let x = time / horizon
    return final + (initial - final) * ((1 - x) / (1 - x / 2))
  }
}

extension Schedule where Self == Rex {
  /// s(t) = α_T + (α₀ − α_T)(1 − x)/(1 − x/2), x = t/T; see ``Rex``.
  public static func rex(
    from initial: Double, to final: Double, over horizon: Double, past: PastHorizon = .hold
  ) -> Rex {
    Rex(from: initial, to: final, over: horizon, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let rex = Recipe(
    "rex", [.initialRate, .finalRate, .horizon, .past],
    summary: "high for long, then a fast fall: α_T + (α₀ − α_T) (1 − x)/(1 − x/2), x = t/T"
  ) { arguments in
    Rex(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      past: arguments.past)
  }
}
