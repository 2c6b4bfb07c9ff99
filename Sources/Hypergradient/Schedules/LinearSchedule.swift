public import HypergradientRecipes

/// A straight line, down or up:
///
///     s(t) = α₀ + (α_T − α₀) t/T      for t ≤ T
///
/// > Source: PyTorch's `LinearLR` and Optax' `linear_schedule`.
public struct LinearSchedule: FiniteSchedule, Declared, Equatable {
  /// α₀, α_T and T.
  public let initial, final, horizon: Double
  public let past: PastHorizon

  public init(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, past: PastHorizon = .hold
  ) {
    (self.initial, self.final, self.horizon, self.past) = (initial, final, horizon, past)
    checkDeclared()
  }

  public func value(at time: Double) -> Double { line(initial, final, time / horizon) }

  public static let recipe = Recipe(
    "linear", LinearSchedule.init(from:to:over:past:),
    .initialRate(\.initial), .finalRate(\.final), .horizon(\.horizon), .past(\.past),
    summary: "a straight line: α₀ + (α_T − α₀) t/T",
    examples: ["linear(over: 9)", "linear(from: 0.1, to: 0.2, over: 9, past: .restart)"],
    standard: { LinearSchedule(over: 9) })
}

/// The line of a warm-up before another schedule; where it has no steps it is never asked.
func warmupLine(from initial: Double, to final: Double, over length: Double) -> LinearSchedule {
  LinearSchedule(from: initial, to: final, over: length == 0 ? 1 : length)
}

/// a + (b − a) x, and b itself from x = 1 on.
func line(_ a: Double, _ b: Double, _ x: Double) -> Double { x >= 1 ? b : a + (b - a) * x }

extension Schedule where Self == LinearSchedule {
  /// A line from α₀ to α_T over T; see ``LinearSchedule``.
  public static func linear(
    from initial: Double = 1, to final: Double = 0, over horizon: Double, past: PastHorizon = .hold
  ) -> Self {
    Self(from: initial, to: final, over: horizon, past: past)
  }
}
