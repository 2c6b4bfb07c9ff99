internal import HypergradientRecipes
internal import PortableMath

/// What every schedule asks of a step.
enum ScheduleRequirements {
  static func step(_ step: Double) {
    require(step >= 0, "the step is \(step): schedules begin at step 0")
  }
}

/// Whether a schedule has no values up to a time, excluded.
func endsBefore<S: Schedule>(_ time: Double, _ schedule: S) -> Bool {
  schedule.lastStep * (1 + 8 * Rounding.slack) < time && schedule.lastStep < time.nextDown
}

/// The largest number in place of an infinity, of the same sign: a product of rates and factors
/// stays finite.
func saturated(_ x: Double) -> Double {
  min(max(x, -Double.greatestFiniteMagnitude), Double.greatestFiniteMagnitude)
}
