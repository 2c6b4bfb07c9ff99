internal import HypergradientRecipes
internal import PortableMath

/// How a decay without a horizon counts its time.
public enum DecayShape: String, Sendable, Codable, CaseIterable {
  /// t/n, which changes at every step.
  case smooth
  /// ⌊t/n⌋, which changes at t = n, 2n, … and belongs there to the new interval; a step within some
  /// units in the last place of one of them stands on it.
  case staircase

  /// The time in units of `interval`.
  func time(_ step: Double, every interval: Double) -> Double {
    ScheduleRequirements.step(step)
    // A quotient past the largest number would make 0 · ∞ of a rate of zero.
    let time = saturated(step / interval)
    return self == .smooth ? time : Rounding.floor(time)
  }
}

/// α₀ times a power, at most the largest number: a growth has no end of its own.
func grown(_ initial: Double, by power: Double) -> Double {
  initial == 0 ? 0 : saturated(initial * power)
}

// The arguments that decays share.

extension Parameter where Value == Double {
  static func every(_ path: KeyPath<Root, Double>) -> Parameter {
    .number("every", path, in: .above(0), default: 1, unit: "steps", "the unit n of time")
  }

  static func floor(_ path: KeyPath<Root, Double>) -> Parameter {
    .number(
      "floor", path, in: .atLeast(0), default: 0, unit: "learning rate", "the smallest value")
  }

  /// What a step, or n of them, multiply by.
  static func decayFactor(
    _ path: KeyPath<Root, Double>,
    _ summary: String = "what a decay multiplies by; above 1 it grows"
  ) -> Parameter {
    .number("factor", path, in: .above(0), summary)
  }
}

extension Parameter where Value == DecayShape {
  static func decayShape(_ path: KeyPath<Root, DecayShape>) -> Parameter {
    .choice("shape", path, default: .smooth, "time as t/n or as ⌊t/n⌋")
  }
}
