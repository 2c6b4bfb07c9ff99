/// A schedule that begins later:
///
///     s(t) = base(max(t − b, 0))
///
/// Before b its first value holds (Optax' `transition_begin`); with b < 0 it begins in its course.
public struct ShiftedSchedule<Base: Schedule>: Schedule {
  public let base: Base
  /// b, in the schedule's clock (steps or epochs).
  public let delay: Double

  /// - Precondition: `delay` is finite.
  public init(_ base: Base, by delay: Double) {
    precondition(delay.isFinite, "by is \(delay), not a finite number")
    self.base = base
    self.delay = delay
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return base(saturated(max(step - delay, 0)))
  }

  public var lastStep: Double { base.lastStep + delay }
}

extension ShiftedSchedule: Equatable where Base: Equatable {}

extension Schedule {
  /// This schedule, begun `delay` steps later.
  public func shifted(by delay: Double) -> ShiftedSchedule<Self> {
    ShiftedSchedule(self, by: delay)
  }
}

extension Recipe where Product == ScheduleModifier {
  static let shifted = Recipe(
    "shifted", [Parameter("by", .number(.any), unit: "steps", "how much later it begins")],
    summary: "a schedule that begins later; before, its first value"
  ) { arguments in
    let delay = arguments.number("by")
    return { base in
      func open<S: Schedule>(_ base: S) -> any Schedule { base.shifted(by: delay) }
      return open(base)
    }
  }
}
