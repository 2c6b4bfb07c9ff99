internal import PortableMath

/// Half a cosine, down or up:
///
///     s(t) = α_T + (α₀ − α_T) (1 + cos(πt/T)) / 2      for t < T
///     s(t) = α_T                                       from T on
///
/// It stays at the final value past the horizon, where PyTorch's `CosineAnnealingLR` rises again.
///
/// > Source: I. Loshchilov and F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts
/// > (2017), eq. 5, one period.
public struct Cosine: Schedule, Equatable {
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
    return final + (initial - final) * ((1 + Portable.cos(Double.pi * (step / horizon))) / 2)
  }
}

extension Schedule where Self == Cosine {
  /// Half a cosine from α₀ to α_T over T; see ``Cosine``.
  public static func cosine(
    from initial: Double, to final: Double, over horizon: Double
  ) -> Cosine {
    Cosine(from: initial, to: final, over: horizon)
  }
}

extension Recipe where Product == any Schedule {
  static let cosine = Recipe(
    "cosine",
    [
      Parameter(
        "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start"),
      Parameter(
        "to", .number(.atLeast(0)), default: "0", unit: "learning rate", "the value at the end"),
      Parameter(
        "over", .number(.above(0)), unit: "steps", "the horizon, after which the value is held"),
    ], summary: "half a cosine wave"
  ) { arguments in
    Cosine(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"))
  }
}
