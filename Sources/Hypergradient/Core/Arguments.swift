package import HypergradientRecipes

// The arguments of recipes that are rules, controllers and schedules themselves.

extension Parameter where Value == any Schedule {
  package static func schedule(
    _ label: String, default standard: (any Schedule)? = nil, unit: String = "", _ summary: String
  ) -> Parameter {
    Parameter(
      label, nil, .named("schedule", shown: spelling), default: standard, unit: unit, summary)
  }
}

extension Parameter where Value == any LearningRateController {
  package static func controller(_ label: String, _ summary: String) -> Parameter {
    Parameter(label, nil, .named("controller"), default: nil, summary)
  }
}

extension Parameter {
  package static func rule<Scalar>(
    _ label: String, default standard: (any UpdateRule<Scalar>)? = nil, _ summary: String
  ) -> Parameter where Value == RuleOnObjective<Scalar> {
    Parameter(
      label, nil, .named("rule", shown: { spelling($0.rule) }),
      default: standard.map { RuleOnObjective($0) }, summary)
  }
}

/// How a text makes something that has a recipe.
@Sendable private func spelling(_ value: Any) -> String {
  (value as? any Declared)?.spelled ?? "…"
}

extension SpecReader {
  /// Why a schedule can't serve the run that the text is for: it ends, with an error, before the run
  /// does, where that is known, or before it begins.
  func fault(ofLength schedule: any Schedule, in clock: ScheduleClock = .steps) -> String? {
    if schedule.lastStep < 0 {
      return
        "the schedule has no value, not even at the start: it ends before, and its policy past "
        + "the horizon is 'error'"
    }
    guard clock == .steps, let steps = variables["steps"],
      steps - 1 > schedule.lastStep
    else { return nil }
    return "the schedule ends at step \(short(schedule.lastStep.rounded(.down))), before the "
      + "\(short(steps)) steps of the run: its policy past the horizon is 'error'"
  }
}
