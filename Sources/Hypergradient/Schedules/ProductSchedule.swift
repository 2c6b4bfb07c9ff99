package import HypergradientRecipes

/// The product of two schedules: s(t) = first(t) · second(t), at most the largest number.
public struct ProductSchedule<First: Schedule, Second: Schedule>: Schedule {
  public let first: First
  public let second: Second

  public init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }

  public func callAsFunction(_ step: Double) -> Double {
    saturated(first(step) * second(step))
  }

  public var lastStep: Double { min(first.lastStep, second.lastStep) }
}

extension ProductSchedule: Equatable where First: Equatable, Second: Equatable {}

extension Schedule {
  /// s(t) times another schedule of t, such as a warm-up.
  public func scaled<Other: Schedule>(by other: Other) -> ProductSchedule<Self, Other> {
    ProductSchedule(self, other)
  }

  /// The same as ``scaled(by:)`` with a schedule, and the name of it in a text.
  public func times<Other: Schedule>(_ other: Other) -> ProductSchedule<Self, Other> {
    ProductSchedule(self, other)
  }
}

extension Recipe where Product == Modifier<any Schedule> {
  /// `….times(rex(over: steps))`.
  package static let times = Recipe(
    "times",
    { (other: any Schedule) in
      Modifier { base in
        func open<A: Schedule, B: Schedule>(_ base: A, _ other: B) -> any Schedule {
          base.times(other)
        }
        return open(base, other)
      }
    },
    .schedule("_", "the other schedule, of the same steps"),
    summary: "the product of two schedules: s₁(t) s₂(t)",
    examples: ["cosine(over: 9).times(rex(over: 5))"])
}
