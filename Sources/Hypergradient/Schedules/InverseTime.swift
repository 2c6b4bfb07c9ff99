/// Inverse time decay:
///
///     s(t) = α₀ / (1 + kt)
///
/// It has no horizon. Its sum diverges and the sum of its squares converges, as stochastic
/// approximation asks.
///
/// > Source: H. Robbins and S. Monro, A Stochastic Approximation Method (1951); in this form
/// > L. Bottou, Stochastic Gradient Descent Tricks (2012), section 5.2 with k = λα₀.
public struct InverseTime: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// k, per unit of the schedule's clock; at least 0.
  public let rate: Double

  /// - Precondition: both are finite and at least 0.
  public init(from initial: Double, rate: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(rate, "rate")
    self.initial = initial
    self.rate = rate
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return initial / (1 + rate * step)
  }
}

extension Schedule where Self == InverseTime {
  /// s(t) = α₀ / (1 + kt); see ``InverseTime``.
  public static func inverseTime(from initial: Double, rate: Double) -> InverseTime {
    InverseTime(from: initial, rate: rate)
  }
}

extension Recipe where Product == any Schedule {
  static let inverseTime = Recipe(
    "inverseTime",
    [
      Parameter(
        "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start"),
      Parameter("rate", .number(.atLeast(0)), unit: "per step", "k of 1/(1 + kt)"),
    ], summary: "α₀ / (1 + kt)"
  ) { arguments in
    InverseTime(from: arguments.number("from"), rate: arguments.number("rate"))
  }
}
