public import HypergradientRecipes

/// REX, a reflected exponential made rational:
///
///     s(t) = α_T + (α₀ − α_T) (1 − x) / (1 − x/2)      x = t/T ≤ 1
///
/// It stays high for longer than a line and falls faster at the end.
///
/// > Source: J. Chen, C. Wolfe and A. Kyrillidis, REX: Revisiting Budgeted Training with an Improved
/// > Schedule (2022), where 1 − x/2 is written 1/2 + (1 − x)/2 and α_T is 0.
public struct RexSchedule: FiniteSchedule, Declared, Equatable {
  /// α₀, α_T and T.
  public let initial, final, horizon: Double
  public let past: PastHorizon

  public init(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, past: PastHorizon = .hold
  ) {
    (self.initial, self.final, self.horizon, self.past) = (initial, final, horizon, past)
    checkDeclared()
  }

  public func value(at time: Double) -> Double {
    let x = time / horizon
    return final + (initial - final) * ((1 - x) / (1 - x / 2))
  }

  public static let recipe = Recipe(
    "rex", RexSchedule.init(from:to:over:past:),
    .initialRate(\.initial), .finalRate(\.final), .horizon(\.horizon), .past(\.past),
    summary: "high for long, then a fast fall: α_T + (α₀ − α_T) (1 − x)/(1 − x/2), x = t/T",
    examples: ["rex(over: 9)", "rex(from: 0.1, to: 0.01, over: 9, past: .mirror)"],
    standard: { RexSchedule(over: 9) })
}

extension Schedule where Self == RexSchedule {
  /// s(t) = α_T + (α₀ − α_T)(1 − x)/(1 − x/2), x = t/T; see ``RexSchedule``.
  public static func rex(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, past: PastHorizon = .hold
  ) -> Self {
    Self(from: initial, to: final, over: horizon, past: past)
  }
}
