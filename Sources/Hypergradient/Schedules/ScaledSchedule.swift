/// A schedule times a constant: s(t) = c · base(t), at most the largest number.
public struct ScaledSchedule<Base: Schedule>: Schedule {
  public let base: Base
  /// c; at least 0.
  public let factor: Double

  /// - Precondition: `factor` is finite and at least 0.
  public init(_ base: Base, by factor: Double) {
    ScheduleRequirements.rate(factor, "by")
    self.base = base
    self.factor = factor
  }

  public func callAsFunction(_ step: Double) -> Double { saturated(factor * base(step)) }

  public var lastStep: Double { base.lastStep }
}

extension ScaledSchedule: Equatable where Base: Equatable {}

/// The product of two schedules: s(t) = first(t) · second(t), at most the largest number.
public struct ScheduleProduct<First: Schedule, Second: Schedule>: Schedule {
  public let first: First
  public let second: Second

  public init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }

  public func callAsFunction(_ step: Double) -> Double {
    saturated(first(step) * second(step))
  }

  public var lastStep: Double { min(first.lastStep, second.lastStep) }
}

extension ScheduleProduct: Equatable where First: Equatable, Second: Equatable {}

extension Schedule {
  /// c · s(t).
  public func scaled(by factor: Double) -> ScaledSchedule<Self> {
    ScaledSchedule(self, by: factor)
  }

  /// s(t) times another schedule of t, such as a warm-up.
  public func scaled<Other: Schedule>(by other: Other) -> ScheduleProduct<Self, Other> {
    ScheduleProduct(self, other)
  }

  /// The same as ``scaled(by:)`` with a schedule, and the name of it in a text.
  public func times<Other: Schedule>(_ other: Other) -> ScheduleProduct<Self, Other> {
    ScheduleProduct(self, other)
  }
}

extension Recipe where Product == ScheduleModifier {
  static let scaledSchedule = Recipe(
    "scaled", [Parameter("by", .number(.atLeast(0)), "the factor")],
    summary: "a schedule times a factor"
  ) { arguments in
    let factor = arguments.number("by")
    return { base in
      func open<S: Schedule>(_ base: S) -> any Schedule { base.scaled(by: factor) }
      return open(base)
    }
  }
}

extension Recipe where Product == ScheduleModifier {
  static let times = Recipe(
    "times", [Parameter("_", .schedule, "the other schedule, of the same steps")],
    summary: "the product of two schedules"
  ) { arguments in
    let other = arguments.schedule("_")
    return { base in
      func open<A: Schedule, B: Schedule>(_ base: A, _ other: B) -> any Schedule {
        base.times(other)
      }
      return open(base, other)
    }
  }
}
