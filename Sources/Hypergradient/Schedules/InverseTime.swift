internal import PortableMath

/// Inverse time decay:
///
///     s(t) = α₀ / (1 + kτ)^p      τ = t/n, or ⌊t/n⌋ as a staircase
///
/// It has no horizon. For p in (1/2, 1] its sum diverges and the sum of its squares converges, as
/// stochastic approximation asks. Keras' `InverseTimeDecay` is the one with p = 1.
///
/// > Source: H. Robbins and S. Monro, A Stochastic Approximation Method (1951); with p = 1 in this
/// > form L. Bottou, Stochastic Gradient Descent Tricks (2012), section 5.2 with k = λα₀.
public struct InverseTime: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// k, per n; at least 0.
  public let rate: Double
  /// p; greater than 0.
  public let degree: Double
  /// n, in the schedule's clock (steps or epochs); greater than 0.
  public let interval: Double
  public let shape: DecayShape

  /// - Precondition: `initial` and `rate` are finite and at least 0, `degree` and `interval` finite
  ///   and greater than 0.
  public init(
    from initial: Double, rate: Double, degree: Double = 1, every interval: Double = 1,
    shape: DecayShape = .smooth
  ) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(rate, "rate")
    ScheduleRequirements.positive(degree, "degree")
    ScheduleRequirements.positive(interval, "every")
    self.initial = initial
    self.rate = rate
    self.degree = degree
    self.interval = interval
    self.shape = shape
  }

  public func callAsFunction(_ step: Double) -> Double {
    let base = 1 + rate * shape.time(step, every: interval)
    return initial / (degree == 1 ? base : Portable.pow(base, degree))
  }
}

extension Schedule where Self == InverseTime {
  /// s(t) = α₀ / (1 + kt/n)^p; see ``InverseTime``.
  public static func inverseTime(
    from initial: Double, rate: Double, degree: Double = 1, every interval: Double = 1,
    shape: DecayShape = .smooth
  ) -> InverseTime {
    InverseTime(from: initial, rate: rate, degree: degree, every: interval, shape: shape)
  }
}

extension Recipe where Product == any Schedule {
  static let inverseTime = Recipe(
    "inverseTime",
    [
      .initialRate,
      Parameter("rate", .number(.atLeast(0)), unit: "per n steps", "k of 1/(1 + kt/n)^p"),
      Parameter("degree", .number(.above(0)), default: "1", "the exponent p"), .every,
      .decayShape,
    ], summary: "decay by the inverse of time: α₀ / (1 + kt/n)^p"
  ) { arguments in
    InverseTime(
      from: arguments.number("from"), rate: arguments.number("rate"),
      degree: arguments.number("degree"), every: arguments.number("every"),
      shape: arguments.word("shape"))
  }
}
