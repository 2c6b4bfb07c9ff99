internal import PortableMath

/// Decay by a factor at regular intervals:
///
///     s(t) = α₀ γ^⌊t / n⌋
///
/// The value changes at t = n, 2n, …, and belongs there to the new interval. It has no horizon.
///
/// > Source: the "step" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast Feature
/// > Embedding (2014); the same as PyTorch's `StepLR`.
public struct StepDecay: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// n, in the schedule's clock (steps or epochs); greater than 0.
  public let interval: Double
  /// γ ∈ (0, 1].
  public let factor: Double

  /// - Precondition: `initial` is finite and at least 0, `interval` finite and greater than 0,
  ///   `factor` in (0, 1].
  public init(from initial: Double, every interval: Double, factor: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.positive(interval, "every")
    ScheduleRequirements.decayFactor(factor)
    self.initial = initial
    self.interval = interval
    self.factor = factor
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return initial * Portable.pow(factor, (step / interval).rounded(.down))
  }
}

extension Schedule where Self == StepDecay {
  /// s(t) = α₀ γ^⌊t/n⌋; see ``StepDecay``.
  public static func stepDecay(
    from initial: Double, every interval: Double, factor: Double
  ) -> StepDecay {
    StepDecay(from: initial, every: interval, factor: factor)
  }
}

extension Recipe where Product == any Schedule {
  static let stepDecay = Recipe(
    "step",
    [
      .initialRate,
      Parameter("every", .number(.above(0)), unit: "steps", "steps between decays"),
      Parameter("factor", .number(.excluding(0, through: 1)), "what a decay multiplies by"),
    ], summary: "a factor every n steps: α₀ γ^⌊t/n⌋"
  ) { arguments in
    StepDecay(
      from: arguments.number("from"), every: arguments.number("every"),
      factor: arguments.number("factor"))
  }
}
