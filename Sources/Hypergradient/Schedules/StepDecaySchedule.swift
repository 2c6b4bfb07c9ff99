public import HypergradientRecipes
internal import PortableMath

/// Decay by a factor at regular intervals:
///
///     s(t) = α₀ γ^⌊t / n⌋
///
/// The value changes at t = n, 2n, …, and belongs there to the new interval; a step within some units
/// in the last place of one of them stands on it. It has no horizon.
///
/// > Source: the "step" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast Feature
/// > Embedding (2014); the same as PyTorch's `StepLR`.
public struct StepDecaySchedule: Schedule, Declared, Equatable {
  /// α₀, n and γ.
  public let initial, interval, factor: Double

  public init(from initial: Double = 1, every interval: Double, factor: Double) {
    (self.initial, self.interval, self.factor) = (initial, interval, factor)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return grown(initial, by: Portable.pow(factor, Rounding.floor(saturated(step / interval))))
  }

  public static let recipe = Recipe(
    "stepDecay", StepDecaySchedule.init(from:every:factor:), .initialRate(\.initial),
    .number("every", \.interval, in: .above(0), unit: "steps", "steps between decays"),
    .decayFactor(\.factor), summary: "a factor every n steps: α₀ γ^⌊t/n⌋",
    examples: [
      "stepDecay(every: 5, factor: 0.5)", "stepDecay(from: 0.1, every: 2.5, factor: 0.7)",
    ],
    aliases: ["step"], standard: { StepDecaySchedule(every: 5, factor: 0.5) })
}

extension Schedule where Self == StepDecaySchedule {
  /// s(t) = α₀ γ^⌊t/n⌋; see ``StepDecaySchedule``.
  public static func stepDecay(
    from initial: Double = 1, every interval: Double, factor: Double
  ) -> Self {
    Self(from: initial, every: interval, factor: factor)
  }
}
