internal import PortableMath

/// Exponential decay by a rate:
///
///     s(t) = max(α₀ e^(−kτ), floor)      τ = t/n, or ⌊t/n⌋ as a staircase
///
/// It has no horizon. With a factor instead of a rate it is ``GeometricDecay``.
///
/// > Source: A. Senior, G. Heigold, M. Ranzato and K. Yang, An empirical study of learning rates in
/// > deep neural networks for speech recognition (2013), exponential scheduling.
public struct ExponentialDecay: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// k, the relative loss per n; at least 0.
  public let rate: Double
  /// n, in the schedule's clock (steps or epochs); greater than 0.
  public let interval: Double
  public let shape: DecayShape
  /// The smallest value; at least 0.
  public let floor: Double

  /// - Precondition: `initial`, `rate` and `floor` are finite and at least 0, `interval` is finite
  ///   and greater than 0.
  public init(
    from initial: Double, rate: Double, every interval: Double = 1, shape: DecayShape = .smooth,
    floor: Double = 0
  ) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(rate, "rate")
    ScheduleRequirements.positive(interval, "every")
    ScheduleRequirements.rate(floor, "floor")
    self.initial = initial
    self.rate = rate
    self.interval = interval
    self.shape = shape
    self.floor = floor
  }

  public func callAsFunction(_ step: Double) -> Double {
    max(initial * Portable.exp(-(rate * shape.time(step, every: interval))), floor)
  }
}

extension Schedule where Self == ExponentialDecay {
  /// s(t) = α₀ e^(−kt/n); see ``ExponentialDecay``.
  public static func exponentialDecay(
    from initial: Double, rate: Double, every interval: Double = 1, shape: DecayShape = .smooth,
    floor: Double = 0
  ) -> ExponentialDecay {
    ExponentialDecay(from: initial, rate: rate, every: interval, shape: shape, floor: floor)
  }
}

extension Recipe where Product == any Schedule {
  static let exponential = Recipe(
    "exponential",
    [
      .initialRate, Parameter("rate", .number(.atLeast(0)), unit: "per n steps", "k of e^(−kt/n)"),
      .every, .decayShape, .floor,
    ], summary: "decay by a rate: α₀ e^(−kt/n)"
  ) { arguments in
    ExponentialDecay(
      from: arguments.number("from"), rate: arguments.number("rate"),
      every: arguments.number("every"), shape: arguments.word("shape"),
      floor: arguments.number("floor"))
  }
}
