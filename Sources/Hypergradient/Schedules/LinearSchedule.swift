/// A straight line, down or up:
///
///     s(t) = α₀ + (α_T − α₀) t/T      for t ≤ T
///
/// > Source: PyTorch's `LinearLR` and Optax' `linear_schedule`.
public struct LinearSchedule: FiniteSchedule, Equatable {
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

  public func value(at time: Double) -> Double { line(initial, final, time / horizon) }
}

/// a + (b − a) x, and b itself from x = 1 on.
func line(_ a: Double, _ b: Double, _ x: Double) -> Double { x >= 1 ? b : a + (b - a) * x }

extension Schedule where Self == LinearSchedule {
  /// A line from α₀ to α_T over T; see ``LinearSchedule``.
  public static func linear(
    from initial: Double, to final: Double, over horizon: Double, past: PastHorizon = .hold
  ) -> LinearSchedule {
    LinearSchedule(from: initial, to: final, over: horizon, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let linear = Recipe(
    "linear", [.initialRate, .finalRate, .horizon, .past],
    summary: "a straight line: α₀ + (α_T − α₀) t/T"
  ) { arguments in
    LinearSchedule(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      past: arguments.past)
  }
}
