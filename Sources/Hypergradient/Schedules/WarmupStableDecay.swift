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
/// > that of ``LinearWarmup``.
public struct WarmupStableDecay: FiniteSchedule, Equatable {
  /// φ.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    /// 1 − y.
    case linear
    /// (1 + cos(πy))/2.
    case cosine
    /// 1 − √y.
    case oneMinusRoot
  }

  /// α; at least 0.
  public let peak: Double
  /// α_T; at least 0.
  public let final: Double
  public let horizon: Double
  /// W, in the schedule's clock (steps or epochs); at least 0.
  public let warmup: Double
  /// D; greater than 0.
  public let decay: Double
  public let shape: Shape
  public let past: PastHorizon

  /// - Parameter decay: a tenth of the horizon unless given.
  /// - Precondition: `peak`, `final` and `warmup` are finite and at least 0, `horizon` and `decay`
  ///   finite and greater than 0, W + D ≤ T.
  public init(
    peak: Double, to final: Double = 0, over horizon: Double, warmup: Double = 0,
    decay: Double? = nil, shape: Shape = .linear, past: PastHorizon = .hold
  ) {
    let decay = decay ?? horizon / 10
    ScheduleRequirements.rate(peak, "peak")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    ScheduleRequirements.rate(warmup, "warmup")
    ScheduleRequirements.positive(decay, "decay")
    precondition(
      warmup + decay <= horizon,
      "warm-up \(warmup) and decay \(decay) exceed the horizon \(horizon)")
    self.peak = peak
    self.final = final
    self.horizon = horizon
    self.warmup = warmup
    self.decay = decay
    self.shape = shape
    self.past = past
  }

  public func value(at time: Double) -> Double {
    let end = horizon - decay
    if time < end { return time + 1 < warmup ? peak * ((time + 1) / warmup) : peak }
    let y = min((time - end) / decay, 1)
    switch shape {
    case .linear: return line(peak, final, y)
    case .cosine: return final + (peak - final) * cosineShare(y)
    case .oneMinusRoot: return final + (peak - final) * (1 - y.squareRoot())
    }
  }
}

extension Schedule where Self == WarmupStableDecay {
  /// A warm-up, a constant and a decay at the end; see ``WarmupStableDecay``.
  public static func warmupStableDecay(
    peak: Double, to final: Double = 0, over horizon: Double, warmup: Double = 0,
    decay: Double? = nil, shape: WarmupStableDecay.Shape = .linear, past: PastHorizon = .hold
  ) -> WarmupStableDecay {
    WarmupStableDecay(
      peak: peak, to: final, over: horizon, warmup: warmup, decay: decay, shape: shape, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let warmupStableDecay = Recipe(
    "warmupStableDecay",
    [
      Parameter("peak", .number(.atLeast(0)), unit: "learning rate", "the value between"),
      .finalRate, .horizon,
      Parameter("warmup", .number(.atLeast(0)), default: "0", unit: "steps", "steps of the rise"),
      Parameter(
        "decay", .number(.above(0)), default: "none", unit: "steps",
        "steps of the fall at the end; a tenth of the horizon unless given"),
      Parameter(
        "shape", .choice(WarmupStableDecay.Shape.allCases.map(\.rawValue)), default: ".linear",
        "the form of the fall; oneMinusRoot is 1 − √y"),
      .past,
    ], summary: "a warm-up, a long constant, and a fall at the end"
  ) { arguments throws(SpecError) in
    let horizon = arguments.number("over")
    let (warmup, decay) = (arguments.number("warmup"), arguments.optionalNumber("decay"))
    guard warmup + (decay ?? horizon / 10) <= horizon else {
      throw arguments.error("warm-up and decay of 'warmupStableDecay' exceed the horizon")
    }
    return WarmupStableDecay(
      peak: arguments.number("peak"), to: arguments.number("to"), over: horizon, warmup: warmup,
      decay: decay, shape: arguments.word("shape"), past: arguments.past)
  }
}
