/// One schedule, then another, whose clock begins at the boundary:
///
///     s(t) = first(t)          for t < b
///     s(t) = second(t − b)     from b on
///
/// The policy past the horizon is the second's. More than two are joined by joining again; each
/// boundary counts from the start of the whole.
public struct Joined<First: Schedule, Second: Schedule>: Schedule {
  public let first: First
  public let second: Second
  /// b, in the schedule's clock (steps or epochs); at least 0.
  public let boundary: Double

  /// - Precondition: `boundary` is finite and at least 0.
  public init(_ first: First, followedBy second: Second, at boundary: Double) {
    ScheduleRequirements.rate(boundary, "at")
    self.first = first
    self.second = second
    self.boundary = boundary
  }

  public func callAsFunction(_ step: Double) -> Double {
    ScheduleRequirements.step(step)
    return step < boundary ? first(step) : second(step - boundary)
  }

  public var lastStep: Double {
    // The first answers up to the boundary, excluded.
    first.lastStep < boundary.nextDown ? first.lastStep : boundary + second.lastStep
  }
}

extension Joined: Equatable where First: Equatable, Second: Equatable {}

extension Schedule {
  /// This schedule before `boundary`, then another, whose clock begins there.
  public func followed<Next: Schedule>(by next: Next, at boundary: Double) -> Joined<Self, Next> {
    Joined(self, followedBy: next, at: boundary)
  }
}

extension Recipe where Product == ScheduleModifier {
  static let followed = Recipe(
    "followed",
    [
      Parameter("by", .schedule, "the second schedule, from its own step 0"),
      Parameter("at", .number(.atLeast(0)), unit: "steps", "its first step"),
    ], summary: "one schedule, then another"
  ) { arguments in
    let (second, boundary) = (arguments.schedule("by"), arguments.number("at"))
    return { first in
      func open<A: Schedule, B: Schedule>(_ first: A, _ second: B) -> any Schedule {
        first.followed(by: second, at: boundary)
      }
      return open(first, second)
    }
  }
}
