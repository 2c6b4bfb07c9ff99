public import HypergradientRecipes
internal import PortableMath

/// Half a cosine, down or up:
///
///     s(t) = α_T + (α₀ − α_T) ((1 + cos(πt/T)) / 2)^p      for t ≤ T
///
/// p is 1 in the paper; Optax has it as `exponent`. The floor α_T is Keras' and Optax' `alpha`
/// times the first value.
///
/// > Source: I. Loshchilov and F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts
/// > (2017), eq. 5, one period.
public struct CosineSchedule: FiniteSchedule, Declared, Equatable {
  /// α₀, α_T, T and p.
  public let initial, final, horizon, power: Double
  public let past: PastHorizon

  public init(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, power: Double = 1,
    past: PastHorizon = .hold
  ) {
    (self.initial, self.final, self.horizon) = (initial, final, horizon)
    (self.power, self.past) = (power, past)
    checkDeclared()
  }

  public func value(at time: Double) -> Double {
    let share = cosineShare(time / horizon)
    return final + (initial - final) * (power == 1 ? share : Portable.pow(share, power))
  }

  public static let recipe = Recipe(
    "cosine", CosineSchedule.init(from:to:over:power:past:),
    .initialRate(\.initial), .finalRate(\.final), .horizon(\.horizon),
    .number("power", \.power, in: .above(0), default: 1, "the exponent p"), .past(\.past),
    summary: "half a cosine wave: α_T + (α₀ − α_T) ((1 + cos(πt/T))/2)^p",
    examples: [
      "cosine(over: 9)", "cosine(from: 0.1, to: 0.01, over: 9, power: 1.5, past: .mirror)",
      "cosine(from: 0.1, to: 0.3, over: 9, past: .restart)",
    ], standard: { CosineSchedule(over: 9) })
}

/// (1 + cos(πx)) / 2: from 1 at x = 0 to 0 at x = 1.
func cosineShare(_ x: Double) -> Double { (1 + Portable.cos(Double.pi * x)) / 2 }

extension Schedule where Self == CosineSchedule {
  /// Half a cosine from α₀ to α_T over T; see ``CosineSchedule``.
  public static func cosine(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, power: Double = 1,
    past: PastHorizon = .hold
  ) -> Self {
    Self(from: initial, to: final, over: horizon, power: power, past: past)
  }
}
