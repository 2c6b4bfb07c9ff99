/// A controller times a schedule: η_t = base_t · s(t).
///
/// By the chain rule the base sees the alignment and the previous direction's norm times the factor
/// that was last applied, so that a normalised controller is not throttled by a warm-up. A product
/// past the largest number is the largest number.
public struct Scaled<Base: LearningRateController, S: Schedule>: LearningRateController {
  public private(set) var base: Base
  public let schedule: S
  private var lastFactor: Double

  public init(_ base: Base, by schedule: S) {
    self.base = base
    self.schedule = schedule
    lastFactor = schedule(0)
  }

  public var needs: StepSignals.Needs { base.needs }
  public var learningRate: Double { saturated(base.learningRate * lastFactor) }

  public var alwaysSteps: Bool { base.alwaysSteps }
  public var traceDecay: Double { base.traceDecay }
  public var keepsBest: Bool { base.keepsBest }
  public var isBest: Bool { base.isBest }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let factor = schedule(signals.step)
    let decision = base.decide(signals.scaled(previous: lastFactor, current: factor))
    switch decision {
    case .step(let rate):
      lastFactor = factor
      return .step(saturated(rate * factor))
    case .skip:
      return .skip
    case .retake(let rate):
      return .retake(saturated(rate * lastFactor))
    case .restore(let rate):
      return .restore(saturated(rate * lastFactor))
    }
  }

  public mutating func project(learningRate: Double) {
    if lastFactor != 0 { base.project(learningRate: saturated(learningRate / lastFactor)) }
  }
}

extension LearningRateController {
  /// This controller's rate times a schedule.
  public func scaled<S: Schedule>(by schedule: S) -> Scaled<Self, S> {
    Scaled(self, by: schedule)
  }
}

extension Recipe where Product == ControllerModifier {
  static let scaledController = Recipe(
    "scaled", [Parameter("by", .schedule, "the factor as a function of the step")],
    summary: "a controller times a schedule"
  ) { arguments throws(SpecError) in
    try arguments.checkLength("by")
    let schedule = arguments.schedule("by")
    return { base in
      func open<C: LearningRateController, S: Schedule>(
        _ base: C, _ schedule: S
      ) -> any LearningRateController {
        base.scaled(by: schedule)
      }
      return open(base, schedule)
    }
  }
}
