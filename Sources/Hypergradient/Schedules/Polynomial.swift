internal import PortableMath

/// Polynomial decay:
///
///     s(t) = α_T + (α₀ − α_T) (1 − t/T)^p      for t < T
///     s(t) = α_T                               from T on
///
/// > Source: the "poly" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast Feature
/// > Embedding (2014), with a final value; the same as Keras' `PolynomialDecay` without cycles.
public struct Polynomial: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// α_T; at least 0.
  public let final: Double
  /// T, in the schedule's clock (steps or epochs); greater than 0.
  public let horizon: Double
  /// p; greater than 0.
  public let power: Double

  /// - Precondition: `initial` and `final` are finite and at least 0, `horizon` and `power` finite
  ///   and greater than 0.
  public init(from initial: Double, to final: Double, over horizon: Double, power: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    ScheduleRequirements.positive(power, "power")
    self.initial = initial
    self.final = final
    self.horizon = horizon
    self.power = power
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    if step >= horizon { return final }
    return final + (initial - final) * Portable.pow(1 - step / horizon, power)
  }
}

extension Schedule where Self == Polynomial {
  /// s(t) = α_T + (α₀ − α_T)(1 − t/T)^p; see ``Polynomial``.
  public static func polynomial(
    from initial: Double, to final: Double, over horizon: Double, power: Double
  ) -> Polynomial {
    Polynomial(from: initial, to: final, over: horizon, power: power)
  }
}

extension Recipe where Product == any Schedule {
  static let polynomial = Recipe(
    "polynomial",
    [
      Parameter(
        "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start"),
      Parameter(
        "to", .number(.atLeast(0)), default: "0", unit: "learning rate", "the value at the end"),
      Parameter(
        "over", .number(.above(0)), unit: "steps", "the horizon, after which the value is held"),
      Parameter("power", .number(.above(0)), default: "2", "the exponent"),
    ], summary: "a power of the time left"
  ) { arguments in
    Polynomial(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      power: arguments.number("power"))
  }
}
