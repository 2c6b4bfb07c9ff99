package import HypergradientRecipes
internal import PortableMath

/// What a schedule counts.
public enum ScheduleClock: String, Sendable, Codable, CaseIterable {
  case steps
  /// Whole epochs begun: the value changes when an epoch begins. An epoch within some units in the last
  /// place of a whole number is that number; one that is negative, NaN or infinite is none, and the
  /// value of the step before stays.
  case epochs

  /// The time of a step; `nil` where its epoch is none.
  func time(_ signals: StepSignals) -> Double? {
    if self == .steps { return Double(signals.step) }
    let epoch = signals.epoch
    return epoch >= 0 && epoch.isFinite ? Rounding.floor(epoch) : nil
  }

  /// What a controller asks for whose schedule counts by this clock.
  func requirements<S: Schedule>(of schedule: S) -> ControllerRequirements {
    self == .steps
      ? ControllerRequirements(lastStep: schedule.lastStep)
      : ControllerRequirements(signals: [.epoch], lastEpoch: schedule.lastStep)
  }
}

/// A learning rate that is a function of the step or of the epoch: η_t = schedule(t).
public struct Scheduled<S: Schedule>: LearningRateController {
  public let schedule: S
  public let clock: ScheduleClock
  public private(set) var learningRate: Double

  /// - Precondition: the schedule is finite and at least 0 at every step it is asked for.
  public init(_ schedule: S, in clock: ScheduleClock = .steps) {
    self.schedule = schedule
    self.clock = clock
    learningRate = schedule(0)
  }

  public var requirements: ControllerRequirements {
    clock.requirements(of: schedule)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    guard let time = clock.time(signals) else { return .step(learningRate) }
    let value = schedule(time)
    require(
      value.isFinite && value >= 0,
      "the schedule gives \(value) at \(time) \(clock.rawValue): not a learning rate")
    learningRate = value
    return .step(value)
  }
}

extension Parameter where Value == ScheduleClock {
  /// What a schedule counts, the same argument wherever there is a schedule.
  static var clock: Parameter {
    .choice("in", default: .steps, "what the schedule counts")
  }
}

extension Recipe where Product == any LearningRateController {
  /// `scheduled(cosine(from: 0.1, over: steps))`.
  package static let scheduled = Recipe(
    "scheduled",
    { (schedule: any Schedule, clock: ScheduleClock) in
      func open<S: Schedule>(_ schedule: S) -> any LearningRateController {
        Scheduled(schedule, in: clock)
      }
      return open(schedule)
    },
    .schedule("_", "the learning rate as a function of time"), .clock,
    refusing: { reader, schedule, clock in
      reader.fault(ofLength: schedule, in: clock)
    },
    summary: "a learning rate that is a function of the step or the epoch",
    examples: [
      "scheduled(cosine(from: 0.1, to: 0.01, over: 50))",
      "scheduled(stepDecay(from: 0.1, every: 1, factor: 0.5), in: .epochs)",
    ],
    compared: [
      .init("scheduled(cosine(from: rate, over: steps))", as: "cosine"),
      .init("scheduled(step(from: rate, every: steps/3, factor: 0.1))", as: "step"),
    ], standard: { Scheduled(.cosine(from: 0.1, to: 0.01, over: 50)) })
}

extension Scheduled {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    schedule = try state.value(.schedule)
    clock = try state.value(.clock)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
  }
}
