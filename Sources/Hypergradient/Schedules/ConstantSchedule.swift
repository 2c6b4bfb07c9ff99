/// A constant: s(t) = c.
///
/// It has no horizon. As a piece of a ``Joined`` schedule it is a warm-up's or a cool-down's flat
/// part; a constant learning rate by itself is the controller ``Constant``.
public struct ConstantSchedule: Schedule, Equatable {
  /// c; at least 0.
  public let value: Double

  /// - Precondition: `value` is finite and at least 0.
  public init(_ value: Double) {
    ScheduleRequirements.rate(value, "value")
    self.value = value
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return value
  }
}

extension Schedule where Self == ConstantSchedule {
  /// s(t) = c; see ``ConstantSchedule``.
  public static func constant(_ value: Double) -> ConstantSchedule { ConstantSchedule(value) }
}

extension Recipe where Product == any Schedule {
  static let constantSchedule = Recipe(
    "constant",
    [
      Parameter("_", .number(.atLeast(0)), "the value")
    ], summary: "the same value at every step"
  ) { arguments in
    ConstantSchedule(arguments.number("_"))
  }
}
