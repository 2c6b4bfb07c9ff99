public import HypergradientRecipes

/// A constant: s(t) = c.
///
/// It has no horizon. As a piece of a ``JoinedSchedule`` it is a warm-up's or a cool-down's flat
/// part; a constant learning rate by itself is the controller ``ConstantRate``.
public struct ConstantSchedule: Schedule, Declared, Equatable {
  /// c.
  public let value: Double

  public init(_ value: Double) {
    self.value = value
    checkDeclared()
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return value
  }

  public static let recipe = Recipe(
    "constant", ConstantSchedule.init(_:), .number("_", \.value, in: .atLeast(0), "the value"),
    summary: "the same value at every step: α₀", examples: ["constant(0.1)"],
    standard: { ConstantSchedule(0.1) })
}

extension Schedule where Self == ConstantSchedule {
  /// s(t) = c; see ``ConstantSchedule``.
  public static func constant(_ value: Double) -> Self { Self(value) }
}
