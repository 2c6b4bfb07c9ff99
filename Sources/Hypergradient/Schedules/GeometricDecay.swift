internal import PortableMath

/// Exponential decay by a factor a step:
///
///     s(t) = α₀ γ^t
///
/// It has no horizon. With a rate instead of a factor it is ``ExponentialDecay``, γ = e^(−k).
///
/// > Source: PyTorch's `ExponentialLR`; the "exp" policy of Y. Jia et al., Caffe: Convolutional
/// > Architecture for Fast Feature Embedding (2014).
public struct GeometricDecay: Schedule, Equatable {
  /// α₀; at least 0.
  public let initial: Double
  /// γ ∈ (0, 1], per unit of the schedule's clock.
  public let factor: Double

  /// - Precondition: `initial` is finite and at least 0, `factor` in (0, 1].
  public init(from initial: Double, factor: Double) {
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.decayFactor(factor)
    self.initial = initial
    self.factor = factor
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return initial * Portable.pow(factor, step)
  }
}

extension Schedule where Self == GeometricDecay {
  /// s(t) = α₀ γ^t; see ``GeometricDecay``.
  public static func geometricDecay(from initial: Double, factor: Double) -> GeometricDecay {
    GeometricDecay(from: initial, factor: factor)
  }
}

extension Recipe where Product == any Schedule {
  static let geometric = Recipe(
    "geometric",
    [
      Parameter(
        "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start"),
      Parameter("factor", .number(.excluding(0, through: 1)), "what a decay multiplies by"),
    ], summary: "α₀ γ^t"
  ) { arguments in
    GeometricDecay(from: arguments.number("from"), factor: arguments.number("factor"))
  }
}
