internal import PortableMath

/// Cyclical learning rates: up a line and down another, again and again,
///
///     s(t) = low + (high − low) aₜ Λ(t)      Λ from 0 to 1 over r steps and back over f steps
///
/// with the amplitude a of one of three policies (``Amplitude``). It has no horizon.
///
/// > Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), section 3;
/// > rise and fall of different lengths as in PyTorch's `CyclicLR`.
public struct Triangular: Schedule, Equatable {
  /// How the height of the cycles changes.
  public enum Amplitude: Sendable, Codable, Equatable {
    /// 1: "triangular".
    case constant
    /// 2^(−i) in cycle i, from 0: "triangular2".
    case halving
    /// γᵗ, changing at every step: "exp_range".
    case decaying(by: Double)
  }

  /// At least 0.
  public let low: Double
  /// At least `low`.
  public let high: Double
  /// r, in the schedule's clock (steps or epochs); greater than 0.
  public let rise: Double
  /// f; greater than 0.
  public let fall: Double
  public let amplitude: Amplitude

  /// - Parameter fall: as long as the rise unless given.
  /// - Precondition: 0 ≤ `low` ≤ `high`, finite; `rise` and `fall` finite and greater than 0; the
  ///   factor of a decaying amplitude in (0, 1].
  public init(
    from low: Double, to high: Double, rise: Double, fall: Double? = nil,
    amplitude: Amplitude = .constant
  ) {
    ScheduleRequirements.rate(low, "from")
    ScheduleRequirements.rate(high, "to")
    precondition(low <= high, "a cycle from \(low) to \(high) does not rise")
    ScheduleRequirements.positive(rise, "rise")
    ScheduleRequirements.positive(fall ?? rise, "fall")
    if case .decaying(let factor) = amplitude { ScheduleRequirements.decayFactor(factor) }
    self.low = low
    self.high = high
    self.rise = rise
    self.fall = fall ?? rise
    self.amplitude = amplitude
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    let length = saturated(rise + fall)
    let place = step.truncatingRemainder(dividingBy: length)
    let height = place <= rise ? place / rise : max((length - place) / fall, 0)
    let share: Double
    switch amplitude {
    case .constant: share = height
    case .halving:
      // Past 1100 cycles the amplitude is zero.
      let cycle = min((step / length).rounded(.down), 1100)
      share = height * wholePower(0.5, cycle)
    case .decaying(let factor): share = height * Portable.pow(factor, step)
    }
    return low + (high - low) * share
  }
}

extension Schedule where Self == Triangular {
  /// Up a line and down another, again and again; see ``Triangular``.
  public static func triangular(
    from low: Double, to high: Double, rise: Double, fall: Double? = nil,
    amplitude: Triangular.Amplitude = .constant
  ) -> Triangular {
    Triangular(from: low, to: high, rise: rise, fall: fall, amplitude: amplitude)
  }
}

extension Recipe where Product == any Schedule {
  static let triangular = cycle(
    "triangular", "cycles of two lines, from low to high and back"
  ) { _ in .constant }

  static let triangular2 = cycle(
    "triangular2", "cycles of two lines, each half as high as the one before"
  ) { _ in .halving }

  static let expRange = cycle(
    "expRange", "cycles of two lines whose height decays as γᵗ",
    [Parameter("factor", .number(.excluding(0, through: 1)), "γ, what a step multiplies by")]
  ) { arguments in .decaying(by: arguments.number("factor")) }

  private static func cycle(
    _ name: String, _ summary: String, _ more: [Parameter] = [],
    amplitude: @escaping @Sendable (Arguments) -> Triangular.Amplitude
  ) -> Recipe {
    Recipe(
      name,
      [
        Parameter("from", .number(.atLeast(0)), unit: "learning rate", "the low value"),
        Parameter("to", .number(.atLeast(0)), unit: "learning rate", "the high value"),
        Parameter("rise", .number(.above(0)), unit: "steps", "steps from low to high"),
        Parameter(
          "fall", .number(.above(0)), default: "none", unit: "steps",
          "steps back; as many as up unless given"),
      ] + more, summary: summary
    ) { arguments throws(SpecError) in
      let (low, high) = (arguments.number("from"), arguments.number("to"))
      guard low <= high else {
        throw arguments.error("'\(name)' is to rise: from \(short(low)) to \(short(high)) it falls")
      }
      return Triangular(
        from: low, to: high, rise: arguments.number("rise"),
        fall: arguments.optionalNumber("fall"), amplitude: amplitude(arguments))
    }
  }
}
