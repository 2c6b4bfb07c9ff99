package import HypergradientRecipes

/// A controller times a schedule of the step or of the epoch: η_t = base_t · s(t).
///
/// By the chain rule the base sees the alignment and the previous direction's norm times the factor
/// that was last applied, so that a normalised controller is not throttled by a warm-up. A product
/// past the largest number is the largest number.
public struct Scaled<Base: LearningRateController, S: Schedule>: LearningRateController {
  public private(set) var base: Base
  public let schedule: S
  public let clock: ScheduleClock
  private var lastFactor: Double
  /// The base's rate before the last decision, for as long as that is the last; no part of a checkpoint.
  private var rateBefore: Double?

  private enum CodingKeys: CodingKey { case base, schedule, clock, lastFactor }

  /// - Precondition: the schedule is finite and at least 0 at every step it is asked for.
  public init(_ base: Base, by schedule: S, in clock: ScheduleClock = .steps) {
    self.base = base
    self.schedule = schedule
    self.clock = clock
    lastFactor = schedule(0)
  }

  public var requirements: ControllerRequirements {
    base.requirements.limited(by: clock.requirements(of: schedule))
  }
  public var learningRate: Double { saturated(base.learningRate * lastFactor) }
  public var takesRate: Bool { lastFactor != 0 && base.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let factor = clock.time(signals).map { schedule($0) } ?? lastFactor
    rateBefore = base.learningRate
    let decision = base.decide(signals.scaled(previous: lastFactor, current: factor))
    if case .step = decision { lastFactor = factor }
    return decision.mapRate { saturated($0 * lastFactor) }
  }

  public mutating func project(learningRate: Double) {
    if lastFactor != 0 { base.project(learningRate: saturated(learningRate / lastFactor)) }
  }

  public mutating func begin(learningRate: Double) { base.begin(learningRate: learningRate) }

  public mutating func hold(learningRate: Double) {
    guard lastFactor != 0, let rateBefore else { return }
    base.hold(saturated(learningRate / lastFactor), movedFrom: rateBefore)
  }
}

extension LearningRateController {
  /// This controller's rate times a schedule.
  public func scaled<S: Schedule>(
    by schedule: S, in clock: ScheduleClock = .steps
  ) -> Scaled<Self, S> {
    Scaled(self, by: schedule, in: clock)
  }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  /// `….scaled(by: warmup(over: 100))`.
  package static let scaledController = Recipe(
    "scaled",
    { (schedule: any Schedule, clock: ScheduleClock) in
      Modifier { base in
        func open<C: LearningRateController, S: Schedule>(
          _ base: C, _ schedule: S
        ) -> any LearningRateController { base.scaled(by: schedule, in: clock) }
        return open(base, schedule)
      }
    },
    .schedule("by", "the factor as a function of time"), .clock,
    refusing: { reader, schedule, clock in
      reader.fault(ofLength: schedule, in: clock)
    },
    summary: "a controller times a schedule",
    examples: [
      "hypergradient(initial: 0.1, hyperLearningRate: 0.01).scaled(by: linearWarmup(over: 20))",
      "plateau(initial: 0.1, reduce: .by(0.5, after: 3), within: 1e-4...1)"
        + ".scaled(by: stepDecay(from: 1, every: 2, factor: 0.5), in: .epochs)",
    ])
}

extension Scaled {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    schedule = try state.value(.schedule)
    clock = try state.value(.clock)
    lastFactor = try state.number(.lastFactor, in: .atLeast(0))
  }
}
