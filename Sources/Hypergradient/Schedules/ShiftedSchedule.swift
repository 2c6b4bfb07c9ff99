package import HypergradientRecipes
internal import PortableMath

/// A schedule that begins later:
///
///     s(t) = base(max(t − b, 0))
///
/// Before b its first value holds (Optax' `transition_begin`); with b < 0 it begins in its course.
public struct ShiftedSchedule<Base: Schedule>: Schedule {
  public let base: Base
  /// b.
  public let delay: Double

  public init(_ base: Base, by delay: Double) {
    Recipe.shifted.check(delay)
    (self.base, self.delay) = (base, delay)
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return base(saturated(max(step - Rounding.whole(delay), 0)))
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

extension Recipe where Product == Modifier<any Schedule> {
  /// `….shifted(by: 100)`.
  package static let shifted = Recipe(
    "shifted",
    { (delay: Double) in
      Modifier { base in
        func open<S: Schedule>(_ base: S) -> any Schedule { base.shifted(by: delay) }
        return open(base)
      }
    },
    .number("by", in: .any, unit: "steps", "how much later it begins"),
    summary: "a schedule that begins later; before, its first value: s(max(t − b, 0))",
    examples: ["cosine(over: 9).shifted(by: 3)", "cosine(over: 9).shifted(by: -3)"])
}

extension ShiftedSchedule {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    delay = try state.number(.delay)
    try state.check(Recipe.shifted.fault(of: delay))
  }
}
