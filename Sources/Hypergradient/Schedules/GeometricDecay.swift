internal import PortableMath

/// Exponential decay by a factor:
///
///     s(t) = max(α₀ γ^τ, floor)      τ = t/n, or ⌊t/n⌋ as a staircase
///
/// It has no horizon. With a rate instead of a factor it is ``ExponentialDecay``, γ = e^(−k); the
/// staircase alone is ``StepDecay``. Keras' and Optax' exponential decays are this one.
///
/// > Source: PyTorch's `ExponentialLR`; the "exp" policy of Y. Jia et al., Caffe: Convolutional
/// > Architecture for Fast Feature Embedding (2014).
public struct GeometricDecay: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// γ ∈ (0, 1], per n.
  public let factor: Double
  /// n, in the schedule's clock (steps or epochs); greater than 0.
  public let interval: Double
  public let shape: DecayShape
  /// The smallest value; at least 0.
  public let floor: Double

  /// - Precondition: `initial` and `floor` are finite and at least 0, `factor` is in (0, 1],
  ///   `interval` is finite and greater than 0.
  public init(
    from initial: Double, factor: Double, every interval: Double = 1,
    shape: DecayShape = .smooth, floor: Double = 0
  ) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.decayFactor(factor)
    ScheduleRequirements.positive(interval, "every")
    ScheduleRequirements.rate(floor, "floor")
    self.initial = initial
    self.factor = factor
    self.interval = interval
    self.shape = shape
    self.floor = floor
  }

  public func callAsFunction(_ step: Double) -> Double {
    max(initial * Portable.pow(factor, shape.time(step, every: interval)), floor)
  }
}

extension Schedule where Self == GeometricDecay {
  /// s(t) = α₀ γ^(t/n); see ``GeometricDecay``.
  public static func geometricDecay(
    from initial: Double, factor: Double, every interval: Double = 1,
    shape: DecayShape = .smooth, floor: Double = 0
  ) -> GeometricDecay {
    GeometricDecay(from: initial, factor: factor, every: interval, shape: shape, floor: floor)
  }
}

extension Recipe where Product == any Schedule {
  static let geometric = Recipe(
    "geometric",
    [
      .initialRate,
      Parameter("factor", .number(.excluding(0, through: 1)), "what n steps multiply by"),
      .every, .decayShape, .floor,
    ], summary: "decay by a factor: α₀ γ^(t/n)"
  ) { arguments in
    GeometricDecay(
      from: arguments.number("from"), factor: arguments.number("factor"),
      every: arguments.number("every"), shape: arguments.word("shape"),
      floor: arguments.number("floor"))
  }
}
