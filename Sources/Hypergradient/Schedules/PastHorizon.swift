/// What holds after the horizon T of a schedule: which time t′ in [0, T] a later step t stands for.
///
/// Up to T every policy is t′ = t, but for ``restart``, whose second pass begins at T.
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
    case .hold, .error: return min(step, horizon)
    case .restart: return step.truncatingRemainder(dividingBy: horizon)
    case .mirror:
      let place = step.truncatingRemainder(dividingBy: 2 * horizon)
      return place <= horizon ? place : min(max(2 * horizon - place, 0), horizon)
    case .stretch:
      return step <= horizon ? step : min(step / (step / horizon).rounded(.up), horizon)
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
    precondition(
      step <= lastStep,
      "step \(step) is past the last one, \(lastStep), of a schedule whose policy is 'error'")
    return value(at: past.time(step, horizon: horizon))
  }

  public var lastStep: Double { past == .error ? horizon : .infinity }
}

extension Parameter {
  /// What holds after the horizon, the same argument for every schedule that has one.
  static let past = Parameter(
    "past", .choice(PastHorizon.allCases.map(\.rawValue)), default: ".hold",
    "after the horizon: hold the last value, begin again, go back and forth, stretch to the next "
      + "multiple, or stop with an error")
  static let horizon = Parameter("over", .number(.above(0)), unit: "steps", "the horizon")
  static let initialRate = Parameter(
    "from", .number(.atLeast(0)), default: "1", unit: "learning rate", "the value at the start")
  static let finalRate = Parameter(
    "to", .number(.atLeast(0)), default: "0", unit: "learning rate", "the value at the end")
}

extension Arguments {
  var past: PastHorizon { word("past") }

  /// Refuses a schedule of steps that ends, with an error, before the run of `steps` steps does.
  func checkLength(_ label: String) throws(SpecError) {
    guard let steps = reader.variables["steps"] else { return }
    let last = schedule(label).lastStep
    if steps - 1 > last {
      throw error(
        "the schedule of '\(node.name)' ends at step \(short(last)), before the \(short(steps)) "
          + "steps of the run: its policy past the horizon is 'error'")
    }
  }

  /// A choice as the case of an enumeration with the same words.
  func word<Word: RawRepresentable<String>>(_ label: String) -> Word {
    guard let word = Word(rawValue: choice(label)) else {
      preconditionFailure("'\(label)' offers '\(choice(label))', which is no \(Word.self)")
    }
    return word
  }
}
