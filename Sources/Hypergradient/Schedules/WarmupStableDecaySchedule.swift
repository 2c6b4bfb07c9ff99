public import HypergradientRecipes
internal import PortableMath

/// Warm-up, stable, decay:
///
///     s(t) = α · min((t + 1)/W, 1)                for t < T − D
///     s(t) = α_T + (α − α_T) φ(y)                 from T − D to T, y = (t − (T − D))/D
///
/// with φ(y) = (1 − y)^p, ((1 + cos(πy))/2)^p, or (1 − √y)^p, p = 1 by default. The long stable
/// phase has no horizon of its own: a run that goes on takes the branch before the decay.
///
/// > Source: S. Hu et al., MiniCPM: Unveiling the Potential of Small Language Models with Scalable
/// > Training Strategies (2024), whose own fall is exponential; the form 1 − √y is A. Hägele et
/// > al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations (2024). The
/// > warm-up is that of ``LinearWarmupSchedule``. (1 − y)^p with p = 2β − 1 is optimal for a
/// > capacity exponent β > 1: B. Li et al., Optimal Learning-Rate Schedules under Functional
/// > Scaling Laws: Power Decay and Warmup-Stable-Decay (2026).
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
  /// p.
  public let power: Double
  public let past: PastHorizon

  /// - Parameter decay: a tenth of the horizon unless given; W + D ≤ T.
  public init(
    peak: Double, to final: Double = 0, over horizon: Double, warmup: Double = 0,
    decay: Double? = nil, shape: Shape = .linear, power: Double = 1, past: PastHorizon = .hold
  ) {
    Self.recipe.check(peak, final, horizon, warmup, decay, shape, power, past)
    (self.peak, self.final) = (peak, final)
    (self.horizon, self.warmup, self.decay) = (horizon, warmup, decay ?? horizon / 10)
    (self.shape, self.power, self.past) = (shape, power, past)
  }

  public func value(at time: Double) -> Double {
    let end = horizon - decay
    if !Rounding.passes(time, end) { return peak * warmupShare(time, warmup) }
    let y = Rounding.reaches(time, horizon) ? 1 : min((time - end) / decay, 1)
    if shape == .linear, power == 1 { return line(peak, final, y) }
    let share =
      switch shape {
      case .linear: 1 - y
      case .cosine: cosineShare(y)
      case .oneMinusRoot: 1 - y.squareRoot()
      }
    return final + (peak - final) * (power == 1 ? share : Portable.pow(share, power))
  }

  public static let recipe = Recipe(
    "warmupStableDecay",
    WarmupStableDecaySchedule.init(peak:to:over:warmup:decay:shape:power:past:),
    .number("peak", \.peak, in: .atLeast(0), unit: "learning rate", "the value between"),
    .finalRate(\.final), .horizon(\.horizon),
    .number(
      "warmup", \.warmup, in: .atLeast(0), default: 0, unit: "steps", "steps of the rise"),
    .number(
      "decay", keptAs: \.decay, orNone: .above(0), unit: "steps",
      "steps of the fall at the end; a tenth of the horizon unless given"),
    .choice(
      "shape", \.shape, default: .linear, "the form of the fall; oneMinusRoot is 1 − √y"),
    .number("power", \.power, in: .above(0), default: 1, "the exponent p of the fall"),
    .past(\.past),
    unless: { _, _, horizon, warmup, decay, _, _, _ in
      let decay = decay ?? horizon / 10
      return decay > 0 && warmup + decay <= horizon
        ? nil : "warm-up and decay of 'warmupStableDecay' exceed the horizon"
    },
    summary:
      "a warm-up, a long constant, and a fall at the end: α min((t + 1)/W, 1) for t < T − D, "
      + "then α_T + (α − α_T) φ(y)^p, y = (t − T + D)/D, φ = 1 − y, (1 + cos(πy))/2 or 1 − √y",
    examples: [
      "warmupStableDecay(peak: 0.1, over: 9)",
      "warmupStableDecay(peak: 0.1, to: 0.01, over: 9, warmup: 2, decay: 3, shape: .oneMinusRoot)",
      "warmupStableDecay(peak: 0.1, over: 9, decay: 6, power: 2)",
      "warmupStableDecay(peak: 0.1, over: 9, warmup: 3, decay: 6, shape: .cosine, past: .restart)",
    ], standard: { WarmupStableDecaySchedule(peak: 0.1, over: 9) })
}

extension Schedule where Self == WarmupStableDecaySchedule {
  /// A warm-up, a constant and a decay at the end; see ``WarmupStableDecaySchedule``.
  public static func warmupStableDecay(
    peak: Double, to final: Double = 0, over horizon: Double, warmup: Double = 0,
    decay: Double? = nil, shape: WarmupStableDecaySchedule.Shape = .linear,
    power: Double = 1, past: PastHorizon = .hold
  ) -> Self {
    Self(
      peak: peak, to: final, over: horizon, warmup: warmup, decay: decay, shape: shape,
      power: power, past: past)
  }
}
