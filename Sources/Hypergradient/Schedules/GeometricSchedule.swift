public import HypergradientRecipes
internal import PortableMath

/// Exponential decay by a factor:
///
///     s(t) = max(α₀ γ^τ, floor)      τ = t/n, or ⌊t/n⌋ as a staircase
///
/// With γ > 1 it grows, to the largest number at most: `.clamped(to:)` bounds it. It has no horizon.
/// With a rate instead of a factor it is ``ExponentialSchedule``, γ = e^(−k); the staircase alone is
/// ``StepDecaySchedule``. Keras' and Optax' exponential decays are this one.
///
/// > Source: PyTorch's `ExponentialLR`; the "exp" policy of Y. Jia et al., Caffe: Convolutional
/// > Architecture for Fast Feature Embedding (2014).
public struct GeometricSchedule: Schedule, Declared, Equatable {
  /// α₀, γ, per n, and n.
  public let initial, factor, interval: Double
  public let shape: DecayShape
  /// The smallest value.
  public let floor: Double

  public init(
    from initial: Double = 1, factor: Double, every interval: Double = 1,
    shape: DecayShape = .smooth, floor: Double = 0
  ) {
    (self.initial, self.factor, self.interval) = (initial, factor, interval)
    (self.shape, self.floor) = (shape, floor)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    max(grown(initial, by: Portable.pow(factor, shape.time(step, every: interval))), floor)
  }

  public static let recipe = Recipe(
    "geometric", GeometricSchedule.init(from:factor:every:shape:floor:), .initialRate(\.initial),
    .decayFactor(\.factor, "what n steps multiply by; above 1 it grows"),
    .every(\.interval), .decayShape(\.shape), .floor(\.floor),
    summary: "decay, or growth, by a factor: α₀ γ^(t/n)",
    examples: [
      "geometric(factor: 0.9)",
      "geometric(from: 0.1, factor: 0.8, every: 3, shape: .staircase, floor: 0.01)",
    ], standard: { GeometricSchedule(factor: 0.9) })
}

extension Schedule where Self == GeometricSchedule {
  /// s(t) = α₀ γ^(t/n); see ``GeometricSchedule``.
  public static func geometric(
    from initial: Double = 1, factor: Double, every interval: Double = 1,
    shape: DecayShape = .smooth, floor: Double = 0
  ) -> Self {
    Self(from: initial, factor: factor, every: interval, shape: shape, floor: floor)
  }
}
