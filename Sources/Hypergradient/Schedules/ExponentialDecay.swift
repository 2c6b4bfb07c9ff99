internal import PortableMath

/// Exponential decay by a rate:
///
///     s(t) = α₀ e^(−kt)
///
/// It has no horizon. With a factor a step instead of a rate it is ``GeometricDecay``; Keras' and
/// Optax' `decay_rate` over n steps is k = −ln(decay_rate) / n.
///
/// > Source: A. Senior, G. Heigold, M. Ranzato and K. Yang, An empirical study of learning rates in
/// > deep neural networks for speech recognition (2013), exponential scheduling.
public struct ExponentialDecay: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// k, the relative loss per unit of the schedule's clock (1/step or 1/epoch); at least 0.
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
    return initial * Portable.exp(-(rate * step))
  }
}

extension Schedule where Self == ExponentialDecay {
  /// s(t) = α₀ e^(−kt); see ``ExponentialDecay``.
  public static func exponentialDecay(from initial: Double, rate: Double) -> ExponentialDecay {
    ExponentialDecay(from: initial, rate: rate)
  }
}

extension Recipe where Product == any Schedule {
  static let exponential = Recipe(
    "exponential",
    [
      Parameter(
        "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start"),
      Parameter("rate", .number(.atLeast(0)), unit: "per step", "k of e^(−kt)"),
    ], summary: "α₀ e^(−kt)"
  ) { arguments in
    ExponentialDecay(from: arguments.number("from"), rate: arguments.number("rate"))
  }
}
