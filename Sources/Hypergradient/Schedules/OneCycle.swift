/// One cycle: up to a peak and down again, then further down,
///
///     two phases     from → peak over [0, rT],  peak → to over [rT, T]
///     three phases   from → peak over [0, rT],  peak → from over [rT, fT],  from → to over [fT, T]
///
/// each phase half a cosine or a line. With a valley for a peak it is the momentum that runs against
/// the learning rate (``Schedule/oneCycleMomentum(from:to:over:rise:fall:shape:past:)``). PyTorch,
/// Optax and fastai put the phases' ends at slightly different steps: see `.torchOneCycle`,
/// `.optaxCosineOneCycle`, `.optaxLinearOneCycle` and `.fastaiOneCycle`.
///
/// > Source: L. N. Smith and N. Topin, Super-Convergence: Very Fast Training of Neural Networks
/// > Using Large Learning Rates (2018); the cosine is fastai's.
public struct OneCycle: FiniteSchedule, Equatable {
  /// The form of each phase.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case cosine, linear
  }

  /// At least 0.
  public let initial: Double
  /// At least 0.
  public let peak: Double
  /// At least 0.
  public let final: Double
  public let horizon: Double
  /// r ∈ [0, 1), the share of the horizon at which the peak stands.
  public let rise: Double
  /// f ∈ (r, 1), the share at which the first value stands again; `nil` for two phases.
  public let fall: Double?
  public let shape: Shape
  public let past: PastHorizon

  /// - Parameters:
  ///   - initial: a 25th of the peak unless given.
  ///   - final: a 10 000th of the first value unless given.
  /// - Precondition: values are finite and at least 0, `horizon` is finite and greater than 0,
  ///   0 ≤ `rise` < `fall` < 1.
  public init(
    peak: Double, over horizon: Double, from initial: Double? = nil, to final: Double? = nil,
    rise: Double = 0.3, fall: Double? = nil, shape: Shape = .cosine, past: PastHorizon = .hold
  ) {
    let initial = initial ?? peak / 25
    let final = final ?? initial / 10_000
    ScheduleRequirements.rate(peak, "peak")
    ScheduleRequirements.rate(initial, "from")
    ScheduleRequirements.rate(final, "to")
    ScheduleRequirements.positive(horizon, "over")
    precondition(rise >= 0 && rise < 1, "rise is \(rise), not in [0, 1)")
    if let fall {
      precondition(fall > rise && fall < 1, "fall is \(fall), not between rise, \(rise), and 1")
    }
    self.initial = initial
    self.peak = peak
    self.final = final
    self.horizon = horizon
    self.rise = rise
    self.fall = fall
    self.shape = shape
    self.past = past
  }

  public func value(at time: Double) -> Double {
    let x = time / horizon
    if x < rise { return phase(initial, peak, x / rise) }
    guard let fall else { return phase(peak, final, (x - rise) / (1 - rise)) }
    if x < fall { return phase(peak, initial, (x - rise) / (fall - rise)) }
    return phase(initial, final, (x - fall) / (1 - fall))
  }

  private func phase(_ a: Double, _ b: Double, _ share: Double) -> Double {
    switch shape {
    case .cosine: b + (a - b) * cosineShare(min(share, 1))
    case .linear: line(a, b, share)
    }
  }
}

extension Schedule where Self == OneCycle {
  /// Up to a peak and down again; see ``OneCycle``.
  public static func oneCycle(
    peak: Double, over horizon: Double, from initial: Double? = nil, to final: Double? = nil,
    rise: Double = 0.3, fall: Double? = nil, shape: OneCycle.Shape = .cosine,
    past: PastHorizon = .hold
  ) -> OneCycle {
    OneCycle(
      peak: peak, over: horizon, from: initial, to: final, rise: rise, fall: fall, shape: shape,
      past: past)
  }

  /// The momentum of one cycle: down to a valley where the learning rate peaks, and up again.
  ///
  ///     HeavyBall().varying(.momentum, by: .oneCycleMomentum(over: 1000))
  public static func oneCycleMomentum(
    from high: Double = 0.95, to low: Double = 0.85, over horizon: Double, rise: Double = 0.3,
    fall: Double? = nil, shape: OneCycle.Shape = .cosine, past: PastHorizon = .hold
  ) -> OneCycle {
    OneCycle(
      peak: low, over: horizon, from: high, to: high, rise: rise, fall: fall, shape: shape,
      past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let oneCycle = Recipe(
    "oneCycle",
    [
      Parameter("peak", .number(.atLeast(0)), unit: "learning rate", "the largest value"),
      .horizon,
      Parameter(
        "from", .number(.atLeast(0)), default: "none", unit: "learning rate",
        "the value at the start; peak/25 unless given"),
      Parameter(
        "to", .number(.atLeast(0)), default: "none", unit: "learning rate",
        "the value at the end; from/10000 unless given"),
    ] + phases, summary: "up to a peak, down again and further down, in two or three phases"
  ) { arguments throws(SpecError) in
    OneCycle(
      peak: arguments.number("peak"), over: arguments.number("over"),
      from: arguments.optionalNumber("from"), to: arguments.optionalNumber("to"),
      rise: arguments.number("rise"), fall: try fall(arguments), shape: arguments.word("shape"),
      past: arguments.past)
  }

  static let oneCycleMomentum = Recipe(
    "oneCycleMomentum",
    [
      Parameter("from", .number(.atLeast(0)), default: "0.95", "the value at both ends"),
      Parameter("to", .number(.atLeast(0)), default: "0.85", "the value where the rate peaks"),
      .horizon,
    ] + phases, summary: "one cycle's momentum, which runs against its learning rate"
  ) { arguments throws(SpecError) in
    .oneCycleMomentum(
      from: arguments.number("from"), to: arguments.number("to"), over: arguments.number("over"),
      rise: arguments.number("rise"), fall: try fall(arguments), shape: arguments.word("shape"),
      past: arguments.past)
  }

  private static let phases = [
    Parameter(
      "rise", .number(.from(0, below: 1)), default: "0.3",
      "the share of the horizon at which the peak stands"),
    Parameter(
      "fall", .number(.from(0, below: 1)), default: "none",
      "with three phases: the share at which the first value stands again"),
    Parameter(
      "shape", .choice(OneCycle.Shape.allCases.map(\.rawValue)), default: ".cosine",
      "the form of each phase"),
    .past,
  ]

  private static func fall(_ arguments: Arguments) throws(SpecError) -> Double? {
    guard let fall = arguments.optionalNumber("fall") else { return nil }
    let rise = arguments.number("rise")
    guard fall > rise else {
      throw arguments.error("'fall' is \(short(fall)), not after 'rise', \(short(rise))")
    }
    return fall
  }
}
