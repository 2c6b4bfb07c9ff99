/// The preconditions that schedules share; a message names the argument, its value and its range.
enum ScheduleRequirements {
  static func step(_ step: Double) {
    precondition(step >= 0, "the step is \(step): schedules begin at step 0")
  }

  static func rate(_ value: Double, _ label: StaticString) {
    precondition(
      value >= 0 && value.isFinite, "\(label) is \(value), not a finite number of at least 0")
  }

  static func positive(_ value: Double, _ label: StaticString) {
    precondition(
      value > 0 && value.isFinite, "\(label) is \(value), not a finite number greater than 0")
  }

  static func share(_ value: Double, _ label: StaticString) {
    precondition(value >= 0 && value <= 1, "\(label) is \(value), not in [0, 1]")
  }

  static func decayFactor(_ value: Double, _ label: StaticString = "factor") {
    precondition(value > 0 && value <= 1, "\(label) is \(value), not in (0, 1]")
  }
}

/// The largest number in place of an infinity, of the same sign: a product of rates and factors
/// stays finite.
func saturated(_ x: Double) -> Double {
  min(max(x, -Double.greatestFiniteMagnitude), Double.greatestFiniteMagnitude)
}
