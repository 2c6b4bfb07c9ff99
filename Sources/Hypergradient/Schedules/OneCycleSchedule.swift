public import HypergradientRecipes
internal import PortableMath

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
public struct OneCycleSchedule: FiniteSchedule, Declared, Equatable {
  /// The form of each phase.
  public enum Shape: String, Sendable, Codable, CaseIterable {
    case cosine, linear
  }

  /// The values at the start, at the peak and at the end, and T.
  public let initial, peak, final, horizon: Double
  /// r, the share of the horizon at which the peak stands.
  public let rise: Double
  /// f > r, the share at which the first value stands again; `nil` for two phases.
  public let fall: Double?
  public let shape: Shape
  public let past: PastHorizon

  /// - Parameters:
  ///   - initial: a 25th of the peak unless given.
  ///   - final: a 10 000th of the first value unless given.
  public init(
    peak: Double, over horizon: Double, from initial: Double? = nil, to final: Double? = nil,
    rise: Double = 0.3, fall: Double? = nil, shape: Shape = .cosine, past: PastHorizon = .hold
  ) {
    Self.recipe.check(peak, horizon, initial, final, rise, fall, shape, past)
    let initial = initial ?? peak / 25
    (self.initial, self.peak, self.final) = (initial, peak, final ?? initial / 10_000)
    (self.horizon, self.rise, self.fall) = (horizon, rise, fall)
    (self.shape, self.past) = (shape, past)
  }

  public func value(at time: Double) -> Double {
    let x = time / horizon
    if Rounding.isSame(x, rise) { return peak }
    if x < rise { return phase(initial, peak, x / rise) }
    guard let fall else { return phase(peak, final, (x - rise) / (1 - rise)) }
    if Rounding.isSame(x, fall) { return initial }
    if x < fall { return phase(peak, initial, (x - rise) / (fall - rise)) }
    return phase(initial, final, (x - fall) / (1 - fall))
  }

  private func phase(_ a: Double, _ b: Double, _ share: Double) -> Double {
    switch shape {
    case .cosine: b + (a - b) * cosineShare(min(share, 1))
    case .linear: line(a, b, share)
    }
  }

  public static let recipe = Recipe(
    "oneCycle", OneCycleSchedule.init(peak:over:from:to:rise:fall:shape:past:),
    .number("peak", \.peak, in: .atLeast(0), unit: "learning rate", "the largest value"),
    .horizon(\.horizon),
    .number(
      "from", keptAs: \.initial, orNone: .atLeast(0), unit: "learning rate",
      "the value at the start; peak/25 unless given"),
    .number(
      "to", keptAs: \.final, orNone: .atLeast(0), unit: "learning rate",
      "the value at the end; from/10000 unless given"),
    .rise(\.rise), .fall(\.fall), .phaseShape(\.shape), .past(\.past),
    unless: { _, _, _, _, rise, fall, _, _ in fault(rise, fall) },
    summary: "up to a peak, down again and further down: from → peak over [0, rT], peak → to over "
      + "[rT, T]; with a fall, peak → from over [rT, fT], from → to over [fT, T]",
    examples: [
      "oneCycle(peak: 0.1, over: 9)",
      "oneCycle(peak: 0.1, over: 9, from: 0.02, to: 0.01, rise: 0.4, fall: 0.8, shape: .linear)",
      "oneCycle(peak: 0.1, over: 9, fall: 0.7, past: .restart)",
    ], standard: { OneCycleSchedule(peak: 0.1, over: 9) })

  /// Why the phases can't end so.
  static func fault(_ rise: Double, _ fall: Double?) -> String? {
    guard let fall, fall <= rise else { return nil }
    return "'fall' is \(short(fall)), not after 'rise', \(short(rise))"
  }
}

extension Schedule where Self == OneCycleSchedule {
  /// Up to a peak and down again; see ``OneCycleSchedule``.
  public static func oneCycle(
    peak: Double, over horizon: Double, from initial: Double? = nil, to final: Double? = nil,
    rise: Double = 0.3, fall: Double? = nil, shape: OneCycleSchedule.Shape = .cosine,
    past: PastHorizon = .hold
  ) -> Self {
    Self(
      peak: peak, over: horizon, from: initial, to: final, rise: rise, fall: fall, shape: shape,
      past: past)
  }

  /// The momentum of one cycle: down to a valley where the learning rate peaks, and up again.
  ///
  /// ```swift
  /// let rule = HeavyBall<Float>().varying(\.momentum, by: .oneCycleMomentum(over: 1000))
  /// ```
  public static func oneCycleMomentum(
    from high: Double = 0.95, to low: Double = 0.85, over horizon: Double, rise: Double = 0.3,
    fall: Double? = nil, shape: OneCycleSchedule.Shape = .cosine, past: PastHorizon = .hold
  ) -> Self {
    Self(
      peak: low, over: horizon, from: high, to: high, rise: rise, fall: fall, shape: shape,
      past: past)
  }
}

extension Recipe where Product == any Schedule {
  package static let oneCycleMomentum = Recipe(
    "oneCycleMomentum",
    OneCycleSchedule.oneCycleMomentum(from:to:over:rise:fall:shape:past:),
    .number("from", in: .atLeast(0), default: 0.95, "the value at both ends"),
    .number("to", in: .atLeast(0), default: 0.85, "the value where the rate peaks"),
    .horizon(), .rise(), .fall(), .phaseShape(), .past(),
    unless: { _, _, _, rise, fall, _, _ in OneCycleSchedule.fault(rise, fall) },
    summary: "one cycle's momentum, which runs against its learning rate: from → to over [0, rT], "
      + "to → from over [rT, T] or [rT, fT]",
    examples: [
      "oneCycleMomentum(over: 9)",
      "oneCycleMomentum(from: 0.9, to: 0.5, over: 9, fall: 0.7, shape: .linear)",
    ], standard: { OneCycleSchedule.oneCycleMomentum(over: 9) })
}

extension Parameter where Value == Double {
  fileprivate static func rise(_ path: KeyPath<Root, Double>? = nil) -> Parameter {
    .number(
      "rise", path, in: .from(0, below: 1), default: 0.3,
      "the share of the horizon at which the peak stands")
  }
}

extension Parameter where Value == Double? {
  fileprivate static func fall(_ path: KeyPath<Root, Double?>? = nil) -> Parameter {
    .number(
      "fall", path, orNone: .from(0, below: 1),
      "with three phases: the share at which the first value stands again")
  }
}

extension Parameter where Value == OneCycleSchedule.Shape {
  fileprivate static func phaseShape(_ path: KeyPath<Root, Value>? = nil) -> Parameter {
    .choice("shape", path, default: .cosine, "the form of each phase")
  }
}
