public import HypergradientRecipes
internal import PortableMath

/// Polynomial decay:
///
///     s(t) = α_T + (α₀ − α_T) (1 − t/T)^p      for t ≤ T
///
/// Keras' cycles, whose horizon grows to the next multiple of T, are `past: .stretch`.
///
/// > Source: the "poly" policy of Y. Jia et al., Caffe: Convolutional Architecture for Fast Feature
/// > Embedding (2014), with a final value; the same as Keras' `PolynomialDecay`.
public struct PolynomialSchedule: FiniteSchedule, Declared, Equatable {
  /// α₀, α_T, T and p.
  public let initial, final, horizon, power: Double
  public let past: PastHorizon

  public init(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, power: Double = 2,
    past: PastHorizon = .hold
  ) {
    (self.initial, self.final, self.horizon) = (initial, final, horizon)
    (self.power, self.past) = (power, past)
    checkDeclared()
  }

  public func value(at time: Double) -> Double {
    final + (initial - final) * Portable.pow(1 - time / horizon, power)
  }

  public static let recipe = Recipe(
    "polynomial", PolynomialSchedule.init(from:to:over:power:past:),
    .initialRate(\.initial), .finalRate(\.final), .horizon(\.horizon),
    .number("power", \.power, in: .above(0), default: 2, "the exponent p"), .past(\.past),
    summary: "a power of the time left: α_T + (α₀ − α_T) (1 − t/T)^p",
    examples: [
      "polynomial(over: 9)",
      "polynomial(from: 0.1, to: 0.01, over: 9, power: 0.7, past: .stretch)",
    ], standard: { PolynomialSchedule(over: 9) })
}

extension Schedule where Self == PolynomialSchedule {
  /// s(t) = α_T + (α₀ − α_T)(1 − t/T)^p; see ``PolynomialSchedule``.
  public static func polynomial(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, power: Double = 2,
    past: PastHorizon = .hold
  ) -> Self {
    Self(from: initial, to: final, over: horizon, power: power, past: past)
  }
}
