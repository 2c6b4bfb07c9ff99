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
public struct TriStage: FiniteSchedule, Equatable {
  /// α; greater than 0.
  public let peak: Double
  /// α₀; at least 0.
  public let initial: Double
  /// α_T; greater than 0.
  public let final: Double
  /// W, in the schedule's clock (steps or epochs); at least 0.
  public let warmup: Double
  /// H; at least 0.
  public let hold: Double
  /// D; greater than 0.
  public let decay: Double
  public let past: PastHorizon

  public var horizon: Double { warmup + hold + decay }

  /// - Parameters:
  ///   - initial: a 100th of the peak unless given.
  ///   - final: a 100th of the peak unless given.
  /// - Precondition: all are finite; `peak`, `final` and `decay` greater than 0, the others at
  ///   least 0.
  public init(
    peak: Double, from initial: Double? = nil, to final: Double? = nil, warmup: Double,
    hold: Double, decay: Double, past: PastHorizon = .hold
  ) {
    ScheduleRequirements.positive(peak, "peak")
    ScheduleRequirements.rate(initial ?? peak / 100, "from")
    ScheduleRequirements.positive(final ?? peak / 100, "to")
    ScheduleRequirements.rate(warmup, "warmup")
    ScheduleRequirements.rate(hold, "hold")
    ScheduleRequirements.positive(decay, "decay")
    ScheduleRequirements.positive(warmup + hold + decay, "the sum of the stages")
    self.peak = peak
    self.initial = initial ?? peak / 100
    self.final = final ?? peak / 100
    self.warmup = warmup
    self.hold = hold
    self.decay = decay
    self.past = past
  }

  public func value(at time: Double) -> Double {
    if time < warmup { return line(initial, peak, time / warmup) }
    if time < warmup + hold { return peak }
    let y = (time - warmup - hold) / decay
    // The power of a tiny ratio is rounded; the last value is exact.
    return y >= 1 ? final : saturated(peak * Portable.pow(final / peak, max(y, 0)))
  }
}

extension Schedule where Self == TriStage {
  /// A ramp, a constant, an exponential decay; see ``TriStage``.
  public static func triStage(
    peak: Double, from initial: Double? = nil, to final: Double? = nil, warmup: Double,
    hold: Double, decay: Double, past: PastHorizon = .hold
  ) -> TriStage {
    TriStage(
      peak: peak, from: initial, to: final, warmup: warmup, hold: hold, decay: decay, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let triStage = Recipe(
    "triStage",
    [
      Parameter("peak", .number(.above(0)), unit: "learning rate", "the value between"),
      Parameter(
        "from", .number(.atLeast(0)), default: "none", unit: "learning rate",
        "the value at the start; peak/100 unless given"),
      Parameter(
        "to", .number(.above(0)), default: "none", unit: "learning rate",
        "the value at the end; peak/100 unless given"),
      Parameter("warmup", .number(.atLeast(0)), unit: "steps", "steps of the rise"),
      Parameter("hold", .number(.atLeast(0)), unit: "steps", "steps at the peak"),
      Parameter("decay", .number(.above(0)), unit: "steps", "steps of the decay"),
      .past,
    ], summary: "a ramp, a constant, an exponential decay"
  ) { arguments throws(SpecError) in
    let peak = arguments.number("peak")
    let stages = ["warmup", "hold", "decay"].map { arguments.number($0) }
    guard peak / 100 > 0, stages.reduce(0, +).isFinite else {
      throw arguments.error("the values of 'triStage' are too small or too large for a Double")
    }
    return TriStage(
      peak: peak, from: arguments.optionalNumber("from"), to: arguments.optionalNumber("to"),
      warmup: stages[0], hold: stages[1], decay: stages[2], past: arguments.past)
  }
}
