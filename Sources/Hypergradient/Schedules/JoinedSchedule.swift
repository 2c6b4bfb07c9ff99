package import HypergradientRecipes
internal import PortableMath

/// One schedule, then another, whose clock begins at the boundary:
///
///     s(t) = first(t)          for t < b
///     s(t) = second(t − b)     from b on
///
/// A step within some units in the last place of b stands on it.
/// The policy past the horizon is the second's. More than two are joined by joining again; each
/// boundary counts from the start of the whole.
public struct JoinedSchedule<First: Schedule, Second: Schedule>: Schedule {
  public let first: First
  public let second: Second
  /// b.
  public let boundary: Double

  public init(_ first: First, followedBy second: Second, at boundary: Double) {
    Recipe.followed.check(second, boundary)
    (self.first, self.second, self.boundary) = (first, second, boundary)
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return Rounding.reaches(step, boundary)
      ? second(max(step - Rounding.whole(boundary), 0)) : first(step)
  }

  public var lastStep: Double {
    // The first answers up to the boundary, excluded.
    endsBefore(boundary, first) ? first.lastStep : boundary + second.lastStep
  }
}

extension JoinedSchedule: Equatable where First: Equatable, Second: Equatable {}

extension Schedule {
  /// This schedule before `boundary`, then another, whose clock begins there.
  public func followed<Next: Schedule>(
    by next: Next, at boundary: Double
  ) -> JoinedSchedule<Self, Next> {
    JoinedSchedule(self, followedBy: next, at: boundary)
  }
}

extension Recipe where Product == Modifier<any Schedule> {
  /// `warmup(over: 100).followed(by: cosine(over: steps), at: 100)`.
  package static let followed = Recipe(
    "followed",
    { (second: any Schedule, boundary: Double) in
      Modifier { first in
        func open<A: Schedule, B: Schedule>(_ first: A, _ second: B) -> any Schedule {
          first.followed(by: second, at: boundary)
        }
        return open(first, second)
      }
    },
    .schedule("by", "the second schedule, from its own step 0"),
    .number("at", in: .atLeast(0), unit: "steps", "its first step"),
    summary: "one schedule, then another: first(t) for t < b, second(t − b) from b on",
    examples: ["linearWarmup(over: 9).followed(by: cosine(over: 3), at: 9)"])
}

extension JoinedSchedule {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    first = try state.value(.first)
    second = try state.value(.second)
    boundary = try state.number(.boundary)
    try state.check(Recipe.followed.fault(of: second as any Schedule, boundary))
  }
}
