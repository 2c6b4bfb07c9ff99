internal import HypergradientRecipes

/// What every schedule asks of a step.
enum ScheduleRequirements {
  static func step(_ step: Double) {
    require(step >= 0, "the step is \(step): schedules begin at step 0")
  }
}

/// The largest number in place of an infinity, of the same sign: a product of rates and factors
/// stays finite.
func saturated(_ x: Double) -> Double {
  min(max(x, -Double.greatestFiniteMagnitude), Double.greatestFiniteMagnitude)
}
