internal import PortableMath

/// Polynomial decay:
///
///     s(t) = α_T + (α₀ − α_T) (1 − t/T)^p      for t ≤ T
///
/// Keras' cycles, whose horizon grows to the next multiple of T, are `past: .stretch`.
///
/// > Source: the "poly" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast Feature
/// > Embedding (2014), with a final value; the same as Keras' `PolynomialDecay`.
public struct Polynomial: FiniteSchedule, Equatable {
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
    from initial: Double, to final: Double, over horizon: Double, power: Double,
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
    final + (initial - final) * Portable.pow(1 - time / horizon, power)
  }
}

extension Schedule where Self == Polynomial {
  /// s(t) = α_T + (α₀ − α_T)(1 − t/T)^p; see ``Polynomial``.
  public static func polynomial(
    from initial: Double, to final: Double, over horizon: Double, power: Double,
    past: PastHorizon = .hold
  ) -> Polynomial {
    Polynomial(from: initial, to: final, over: horizon, power: power, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let polynomial = Recipe(
    "polynomial",
    [
      .initialRate, .finalRate, .horizon,
      Parameter("power", .number(.above(0)), default: "2", "the exponent p"), .past,
    ], summary: "a power of the time left: α_T + (α₀ − α_T) (1 − t/T)^p"
  ) { arguments in
    Polynomial(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      power: arguments.number("power"), past: arguments.past)
  }
}
