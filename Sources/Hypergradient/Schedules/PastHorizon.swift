internal import HypergradientRecipes
internal import PortableMath

/// What holds after the horizon T of a schedule: which time t′ in [0, T] a later step t stands for.
///
/// Up to T every policy is t′ = t, but for ``restart``, whose second pass begins at T. A step within
/// some units in the last place of a multiple of T stands on it.
public enum PastHorizon: String, Sendable, Codable, CaseIterable {
  /// The last value stays: t′ = T.
  case hold
  /// The schedule begins again: t′ = t mod T.
  case restart
  /// It goes back the way it came, and forth again: t′ = T − |T − (t mod 2T)|. What PyTorch's
  /// `CosineAnnealingLR` does.
  case mirror
  /// The horizon grows to its next multiple: t′ = t / ⌈t/T⌉. What Keras' `PolynomialDecay` does
  /// with `cycle`.
  case stretch
  /// There is no value: a later step stops the program with its number.
  case error

  /// t′.
  func time(_ step: Double, horizon: Double) -> Double {
    switch self {
    case .hold, .error: return Rounding.reaches(step, horizon) ? horizon : step
    case .restart: return Rounding.cycle(step, every: Rounding.whole(horizon)).place
    case .mirror:
      let period = Rounding.whole(horizon)
      let (number, place) = Rounding.cycle(step, every: period)
      if number.truncatingRemainder(dividingBy: 2) == 0 { return min(place, horizon) }
      return min(max(period - place, 0), horizon)
    case .stretch:
      if !Rounding.passes(step, horizon) {
        return Rounding.reaches(step, horizon) ? horizon : step
      }
      let (number, place) = Rounding.cycle(step, every: horizon)
      return place == 0 ? horizon : min(step / (number + 1), horizon)
    }
  }
}

/// A schedule that is made for a known number of steps or epochs, its horizon T, with a policy for
/// what comes after.
public protocol FiniteSchedule: Schedule {
  /// T, in the schedule's clock (steps or epochs); greater than 0.
  var horizon: Double { get }
  /// What holds after T.
  var past: PastHorizon { get }
  /// The value at a time in [0, T].
  func value(at time: Double) -> Double
}

extension FiniteSchedule {
  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    require(
      step <= lastStep,
      "step \(step) is past the last one, \(lastStep), of a schedule whose policy is 'error'")
    return value(at: past.time(step, horizon: horizon))
  }

  /// T; the whole number that it is but for rounding.
  public var lastStep: Double { past == .error ? Rounding.whole(horizon) : .infinity }
}

// The arguments that schedules with a horizon share.

extension Parameter where Value == Double {
  static func initialRate(_ path: KeyPath<Root, Double>? = nil) -> Parameter {
    .number(
      "from", path, in: .atLeast(0), default: 1, unit: "learning rate", "the value at the start")
  }
  static func finalRate(_ path: KeyPath<Root, Double>? = nil) -> Parameter {
    .number("to", path, in: .atLeast(0), default: 0, unit: "learning rate", "the value at the end")
  }
  static func horizon(_ path: KeyPath<Root, Double>? = nil) -> Parameter {
    .number("over", path, in: .above(0), unit: "steps", "the horizon")
  }
}

extension Parameter where Value == Double? {
  /// A number that may be left out, and is kept as what stood for it then.
  static func number(
    _ label: String, keptAs path: KeyPath<Root, Double>, orNone domain: Domain, unit: String = "",
    _ summary: String
  ) -> Parameter {
    .number(label, path.appending(path: \.asGiven), orNone: domain, unit: unit, summary)
  }
}

extension Double {
  /// Itself, as an argument that might have been left out.
  fileprivate var asGiven: Double? { self }
}

extension Parameter where Value == PastHorizon {
  /// What holds after the horizon, the same argument for every schedule that has one.
  static func past(_ path: KeyPath<Root, PastHorizon>? = nil) -> Parameter {
    .choice(
      "past", path, default: .hold,
      "after the horizon: hold the last value, begin again, go back and forth, stretch to the next "
        + "multiple, or stop with an error")
  }
}
