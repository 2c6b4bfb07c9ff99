/// A schedule that begins again after every P steps: s(t) = base(t mod P).
///
/// Any schedule can be looped; one with a horizon has `past: .restart` for its own.
public struct LoopedSchedule<Base: Schedule>: Schedule {
  public let base: Base
  /// P, in the schedule's clock (steps or epochs); greater than 0.
  public let period: Double

  /// - Precondition: `period` is finite and greater than 0.
  public init(_ base: Base, every period: Double) {
    ScheduleRequirements.positive(period, "every")
    self.base = base
    self.period = period
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return base(step.truncatingRemainder(dividingBy: period))
  }

  public var lastStep: Double { base.lastStep >= period ? .infinity : base.lastStep }
}

extension LoopedSchedule: Equatable where Base: Equatable {}

extension Schedule {
  /// This schedule, begun again after every `period` steps.
  public func looped(every period: Double) -> LoopedSchedule<Self> {
    LoopedSchedule(self, every: period)
  }
}

extension Recipe where Product == ScheduleModifier {
  static let looped = Recipe(
    "looped", [Parameter("every", .number(.above(0)), unit: "steps", "the period")],
    summary: "a schedule that begins again after every period"
  ) { arguments in
    let period = arguments.number("every")
    return { base in
      func open<S: Schedule>(_ base: S) -> any Schedule { base.looped(every: period) }
      return open(base)
    }
  }
}
