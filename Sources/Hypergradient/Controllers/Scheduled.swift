/// A learning rate that is a function of the step or of the epoch: η_t = schedule(t).
public struct Scheduled<S: Schedule>: LearningRateController {
  /// What a schedule counts.
  public enum Clock: String, Sendable, Codable, CaseIterable {
    case steps
    /// Whole epochs begun: the rate changes when an epoch begins.
    case epochs
  }

  public let schedule: S
  public let clock: Clock
  public private(set) var learningRate: Double

  /// - Precondition: the schedule is finite and at least 0 at every step it is asked for.
  public init(_ schedule: S, in clock: Clock = .steps) {
    self.schedule = schedule
    self.clock = clock
    learningRate = schedule(0)
  }

  public var needs: StepSignals.Needs { clock == .epochs ? .epoch : [] }

  public var alwaysSteps: Bool { true }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let time = clock == .steps ? Double(signals.step) : signals.epoch.rounded(.down)
    let value = schedule(time)
    precondition(
      value.isFinite && value >= 0,
      "the schedule gives \(value) at \(time) \(clock.rawValue): not a learning rate")
    learningRate = value
    return .step(value)
  }
}

extension Recipe where Product == any LearningRateController {
  static let scheduled = Recipe(
    "scheduled",
    [
      Parameter("_", .schedule, "the learning rate as a function of time"),
      Parameter("in", .choice(["steps", "epochs"]), default: ".steps", "what the schedule counts"),
    ], summary: "a learning rate that is a function of the step or the epoch"
  ) { arguments throws(SpecError) in
    let clock = arguments.choice("in")
    if clock == "steps" { try arguments.checkLength("_") }
    func open<S: Schedule>(_ schedule: S) -> any LearningRateController {
      Scheduled(schedule, in: clock == "epochs" ? .epochs : .steps)
    }
    return open(arguments.schedule("_"))
  }
}
