public import HypergradientRecipes
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
public struct InverseTimeSchedule: Schedule, Declared, Equatable {
  /// α₀, k, per n, p, and n.
  public let initial, rate, degree, interval: Double
  public let shape: DecayShape

  public init(
    from initial: Double = 1, rate: Double, degree: Double = 1, every interval: Double = 1,
    shape: DecayShape = .smooth
  ) {
    (self.initial, self.rate, self.degree) = (initial, rate, degree)
    (self.interval, self.shape) = (interval, shape)
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    let base = 1 + rate * shape.time(step, every: interval)
    return initial / (degree == 1 ? base : Portable.pow(base, degree))
  }

  public static let recipe = Recipe(
    "inverseTime", InverseTimeSchedule.init(from:rate:degree:every:shape:), .initialRate(\.initial),
    .number("rate", \.rate, in: .atLeast(0), unit: "per n steps", "k of 1/(1 + kt/n)^p"),
    .number("degree", \.degree, in: .above(0), default: 1, "the exponent p"),
    .every(\.interval), .decayShape(\.shape),
    summary: "decay by the inverse of time: α₀ / (1 + kt/n)^p",
    examples: [
      "inverseTime(rate: 0.2)",
      "inverseTime(from: 0.1, rate: 0.2, degree: 0.6, every: 3, shape: .staircase)",
    ], standard: { InverseTimeSchedule(rate: 0.2) })
}

extension Schedule where Self == InverseTimeSchedule {
  /// s(t) = α₀ / (1 + kt/n)^p; see ``InverseTimeSchedule``.
  public static func inverseTime(
    from initial: Double = 1, rate: Double, degree: Double = 1, every interval: Double = 1,
    shape: DecayShape = .smooth
  ) -> Self {
    Self(from: initial, rate: rate, degree: degree, every: interval, shape: shape)
  }
}
