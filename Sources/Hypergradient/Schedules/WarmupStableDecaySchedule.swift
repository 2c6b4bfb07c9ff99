public import HypergradientRecipes
internal import PortableMath

/// Warm-up, stable, decay:
///
///     s(t) = α · min((t + 1)/W, 1)                for t < T − D
///     s(t) = α_T + (α − α_T) φ(y)                 from T − D to T, y = (t − (T − D))/D
///
/// with φ(y) = 1 − y, (1 + cos(πy))/2, or 1 − √y. The long stable phase has no horizon of its own: a
/// run that goes on takes the branch before the decay.
///
/// > Source: S. Hu et al., MiniCPM: Unveiling the Potential of Small Language Models with Scalable
/// > Training Strategies (2024), whose own fall is exponential; the form 1 − √y is A. Hägele et al.,
/// > Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations (2024). The warm-up is
/// > that of ``LinearWarmupSchedule``.
public struct WarmupStableDecaySchedule: FiniteSchedule, Declared, Equatable {
  /// φ.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    /// 1 − y.
    case linear
    /// (1 + cos(πy))/2.
    case cosine
    /// 1 − √y.
    case oneMinusRoot
  }

  /// α and α_T.
  public let peak, final: Double
  /// T, W and D.
  public let horizon, warmup, decay: Double
  public let shape: Shape
  public let past: PastHorizon

  /// - Parameter decay: a tenth of the horizon unless given; W + D ≤ T.
  public init(
    peak: Double, to final: Double = 0, over horizon: Double, warmup: Double = 0,
    decay: Double? = nil, shape: Shape = .linear, past: PastHorizon = .hold
  ) {
    Self.recipe.check(peak, final, horizon, warmup, decay, shape, past)
    (self.peak, self.final) = (peak, final)
    (self.horizon, self.warmup, self.decay) = (horizon, warmup, decay ?? horizon / 10)
    (self.shape, self.past) = (shape, past)
  }

  public func value(at time: Double) -> Double {
    let end = horizon - decay
    if !Rounding.passes(time, end) { return peak * warmupShare(time, warmup) }
    let y = Rounding.reaches(time, horizon) ? 1 : min((time - end) / decay, 1)
    switch shape {
    case .linear: return line(peak, final, y)
    case .cosine: return final + (peak - final) * cosineShare(y)
    case .oneMinusRoot: return final + (peak - final) * (1 - y.squareRoot())
    }
  }

  public static let recipe = Recipe(
    "warmupStableDecay",
    WarmupStableDecaySchedule.init(peak:to:over:warmup:decay:shape:past:),
    .number("peak", \.peak, in: .atLeast(0), unit: "learning rate", "the value between"),
    .finalRate(\.final), .horizon(\.horizon),
    .number(
      "warmup", \.warmup, in: .atLeast(0), default: 0, unit: "steps", "steps of the rise"),
    .number(
      "decay", keptAs: \.decay, orNone: .above(0), unit: "steps",
      "steps of the fall at the end; a tenth of the horizon unless given"),
    .choice(
      "shape", \.shape, default: .linear, "the form of the fall; oneMinusRoot is 1 − √y"),
    .past(\.past),
    unless: { _, _, horizon, warmup, decay, _, _ in
      let decay = decay ?? horizon / 10
      return decay > 0 && warmup + decay <= horizon
        ? nil : "warm-up and decay of 'warmupStableDecay' exceed the horizon"
    },
    summary:
      "a warm-up, a long constant, and a fall at the end: α min((t + 1)/W, 1) for t < T − D, "
      + "then α_T + (α − α_T) φ(y), y = (t − T + D)/D, φ = 1 − y, (1 + cos(πy))/2 or 1 − √y",
    examples: [
      "warmupStableDecay(peak: 0.1, over: 9)",
      "warmupStableDecay(peak: 0.1, to: 0.01, over: 9, warmup: 2, decay: 3, shape: .oneMinusRoot)",
      "warmupStableDecay(peak: 0.1, over: 9, warmup: 3, decay: 6, shape: .cosine, past: .restart)",
    ], standard: { WarmupStableDecaySchedule(peak: 0.1, over: 9) })
}

extension Schedule where Self == WarmupStableDecaySchedule {
  /// A warm-up, a constant and a decay at the end; see ``WarmupStableDecaySchedule``.
  public static func warmupStableDecay(
    peak: Double, to final: Double = 0, over horizon: Double, warmup: Double = 0,
    decay: Double? = nil, shape: WarmupStableDecaySchedule.Shape = .linear,
    past: PastHorizon = .hold
  ) -> WarmupStableDecaySchedule {
    WarmupStableDecaySchedule(
      peak: peak, to: final, over: horizon, warmup: warmup, decay: decay, shape: shape, past: past)
  }
}
