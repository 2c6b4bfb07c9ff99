public import HypergradientRecipes
internal import PortableMath

/// Ramp-up, hold, exponential decay:
///
///     s(t) = α₀ + (α − α₀) t/W              for t < W
///     s(t) = α                              for t < W + H
///     s(t) = α (α_T/α)^y                    to T = W + H + D, y = (t − W − H)/D
///
/// > Source: D. S. Park et al., SpecAugment: A Simple Data Augmentation Method for Automatic Speech
/// > Recognition (2019), learning rate schedules, without its noise; first and last value as in
/// > fairseq's `tri_stage`, a 100th of the peak.
public struct TriStageSchedule: FiniteSchedule, Declared, Equatable {
  /// α, α₀ and α_T.
  public let peak, initial, final: Double
  /// W, H and D.
  public let warmup, hold, decay: Double
  public let past: PastHorizon

  public var horizon: Double { warmup + hold + decay }

  /// - Parameters:
  ///   - initial: a 100th of the peak unless given.
  ///   - final: a 100th of the peak unless given.
  public init(
    peak: Double, from initial: Double? = nil, to final: Double? = nil, warmup: Double,
    hold: Double, decay: Double, past: PastHorizon = .hold
  ) {
    Self.recipe.check(peak, initial, final, warmup, hold, decay, past)
    self.peak = peak
    (self.initial, self.final) = (initial ?? peak / 100, final ?? peak / 100)
    (self.warmup, self.hold, self.decay, self.past) = (warmup, hold, decay, past)
  }

  public func value(at time: Double) -> Double {
    if !Rounding.reaches(time, warmup) { return line(initial, peak, time / warmup) }
    if !Rounding.passes(time, warmup + hold) { return peak }
    let y = (time - warmup - hold) / decay
    // The power of a tiny ratio is rounded; the last value is exact.
    return y >= 1 || Rounding.reaches(time, horizon)
      ? final : saturated(peak * Portable.pow(final / peak, max(y, 0)))
  }

  public static let recipe = Recipe(
    "triStage", TriStageSchedule.init(peak:from:to:warmup:hold:decay:past:),
    .number("peak", \.peak, in: .above(0), unit: "learning rate", "the value between"),
    .number(
      "from", keptAs: \.initial, orNone: .atLeast(0), unit: "learning rate",
      "the value at the start; peak/100 unless given"),
    .number(
      "to", keptAs: \.final, orNone: .above(0), unit: "learning rate",
      "the value at the end; peak/100 unless given"),
    .number("warmup", \.warmup, in: .atLeast(0), unit: "steps", "steps of the rise"),
    .number("hold", \.hold, in: .atLeast(0), unit: "steps", "steps at the peak"),
    .number("decay", \.decay, in: .above(0), unit: "steps", "steps of the decay"), .past(\.past),
    unless: { peak, _, final, warmup, hold, decay, _ in
      fault(final ?? peak / 100, warmup + hold + decay)
    },
    summary:
      "a ramp, a constant, an exponential decay: α₀ + (α − α₀) t/W for t < W, α for t < W + H, "
      + "then α (α_T/α)^y, y = (t − W − H)/D",
    examples: [
      "triStage(peak: 0.1, warmup: 2, hold: 3, decay: 4)",
      "triStage(peak: 0.1, from: 0, to: 0.02, warmup: 3, hold: 0, decay: 5, past: .restart)",
    ], standard: { TriStageSchedule(peak: 0.1, warmup: 2, hold: 3, decay: 4) })

  private static func fault(_ final: Double, _ horizon: Double) -> String? {
    final > 0 && horizon.isFinite
      ? nil : "the values of 'triStage' are too small or too large for a Double"
  }
}

extension Schedule where Self == TriStageSchedule {
  /// A ramp, a constant, an exponential decay; see ``TriStageSchedule``.
  public static func triStage(
    peak: Double, from initial: Double? = nil, to final: Double? = nil, warmup: Double,
    hold: Double, decay: Double, past: PastHorizon = .hold
  ) -> Self {
    Self(
      peak: peak, from: initial, to: final, warmup: warmup, hold: hold, decay: decay, past: past)
  }
}
