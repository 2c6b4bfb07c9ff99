public import HypergradientRecipes
internal import PortableMath

/// Flat, then half a cosine:
///
///     s(t) = α₀                                              for t < fT
///     s(t) = α_T + (α₀ − α_T) (1 + cos(πy)) / 2              to T, y = (t − fT)/(T − fT)
///
/// > Source: fastai's `fit_flat_cos`, whose share f is 0.75.
public struct FlatCosineSchedule: FiniteSchedule, Declared, Equatable {
  /// α₀, α_T, T and f, the share of the horizon before the fall.
  public let initial, final, horizon, flat: Double
  public let past: PastHorizon

  public init(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, flat: Double = 0.75,
    past: PastHorizon = .hold
  ) {
    (self.initial, self.final, self.horizon) = (initial, final, horizon)
    (self.flat, self.past) = (flat, past)
    checkDeclared()
  }

  public func value(at time: Double) -> Double {
    let x = time / horizon
    let y = (x - flat) / (1 - flat)
    return y <= 0 || Rounding.isSame(x, flat)
      ? initial : final + (initial - final) * cosineShare(min(y, 1))
  }

  public static let recipe = Recipe(
    "flatCosine", FlatCosineSchedule.init(from:to:over:flat:past:),
    .initialRate(\.initial), .finalRate(\.final), .horizon(\.horizon),
    .number(
      "flat", \.flat, in: .from(0, below: 1), default: 0.75,
      "the share of the horizon before the fall"), .past(\.past),
    summary: "flat for a share of the horizon, then half a cosine wave: α₀ for t < fT, then "
      + "α_T + (α₀ − α_T) (1 + cos(πy))/2, y = (t − fT)/(T − fT)",
    examples: [
      "flatCosine(over: 9)", "flatCosine(from: 0.1, to: 0.01, over: 9, flat: 0.4, past: .restart)",
    ], standard: { FlatCosineSchedule(over: 9) })
}

extension Schedule where Self == FlatCosineSchedule {
  /// α₀, then half a cosine to α_T; see ``FlatCosineSchedule``.
  public static func flatCosine(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, flat: Double = 0.75,
    past: PastHorizon = .hold
  ) -> Self {
    Self(from: initial, to: final, over: horizon, flat: flat, past: past)
  }
}
