/// A straight line, down or up:
///
///     s(t) = α₀ + (α_T − α₀) t/T      for t < T
///     s(t) = α_T                      from T on
///
/// > Source: PyTorch's `LinearLR` and Optax' `linear_schedule`.
public struct LinearSchedule: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// α_T; at least 0.
  public let final: Double
  /// T, in the schedule's clock (steps or epochs); greater than 0.
  public let horizon: Double

  /// - Precondition: `initial` and `final` are finite and at least 0, `horizon` is finite and
  ///   greater than 0.
  public init(from initial: Double, to final: Double, over horizon: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    self.initial = initial
    self.final = final
    self.horizon = horizon
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    if step >= horizon { return final }
    return initial + (final - initial) * (step / horizon)
  }
}

extension Schedule where Self == LinearSchedule {
  /// A line from α₀ to α_T over T; see ``LinearSchedule``.
  public static func linear(
    from initial: Double, to final: Double, over horizon: Double
  ) -> LinearSchedule {
    LinearSchedule(from: initial, to: final, over: horizon)
  }
}

extension Recipe where Product == any Schedule {
  static let linear = Recipe(
    "linear",
    [
      Parameter(
        "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start"),
      Parameter(
        "to", .number(.atLeast(0)), default: "0", unit: "learning rate", "the value at the end"),
      Parameter(
        "over", .number(.above(0)), unit: "steps", "the horizon, after which the value is held"),
    ], summary: "a straight line"
  ) { arguments in
    LinearSchedule(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"))
  }
}
