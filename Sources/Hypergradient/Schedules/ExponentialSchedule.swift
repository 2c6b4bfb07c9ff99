public import HypergradientRecipes
internal import PortableMath

/// Exponential decay by a rate:
///
///     s(t) = max(α₀ e^(−kτ), floor)      τ = t/n, or ⌊t/n⌋ as a staircase
///
/// It has no horizon. With a factor instead of a rate it is ``GeometricSchedule``.
///
/// > Source: A. Senior, G. Heigold, M. Ranzato and K. Yang, An empirical study of learning rates in
/// > deep neural networks for speech recognition (2013), exponential scheduling.
public struct ExponentialSchedule: Schedule, Declared, Equatable {
  /// α₀, k, the relative loss per n, and n.
  public let initial, rate, interval: Double
  public let shape: DecayShape
  /// The smallest value.
  public let floor: Double

  public init(
    from initial: Double = 1, rate: Double, every interval: Double = 1,
    shape: DecayShape = .smooth, floor: Double = 0
  ) {
    (self.initial, self.rate, self.interval) = (initial, rate, interval)
    (self.shape, self.floor) = (shape, floor)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    max(initial * Portable.exp(-(rate * shape.time(step, every: interval))), floor)
  }

  public static let recipe = Recipe(
    "exponential", ExponentialSchedule.init(from:rate:every:shape:floor:), .initialRate(\.initial),
    .number("rate", \.rate, in: .atLeast(0), unit: "per n steps", "k of e^(−kt/n)"),
    .every(\.interval), .decayShape(\.shape), .floor(\.floor),
    summary: "decay by a rate: α₀ e^(−kt/n)",
    examples: [
      "exponential(rate: 0.2)",
      "exponential(from: 0.1, rate: 0.2, every: 3, shape: .staircase, floor: 0.01)",
    ], standard: { ExponentialSchedule(rate: 0.2) })
}

extension Schedule where Self == ExponentialSchedule {
  /// s(t) = α₀ e^(−kt/n); see ``ExponentialSchedule``.
  public static func exponential(
    from initial: Double = 1, rate: Double, every interval: Double = 1,
    shape: DecayShape = .smooth, floor: Double = 0
  ) -> Self {
    Self(from: initial, rate: rate, every: interval, shape: shape, floor: floor)
  }
}
