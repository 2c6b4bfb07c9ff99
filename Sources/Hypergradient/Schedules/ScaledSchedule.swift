package import HypergradientRecipes

/// A schedule times a constant: s(t) = c · base(t), at most the largest number.
public struct ScaledSchedule<Base: Schedule>: Schedule {
  public let base: Base
  /// c.
  public let factor: Double

  public init(_ base: Base, by factor: Double) {
    Recipe.scaledSchedule.check(factor)
    (self.base, self.factor) = (base, factor)
  }

  public func callAsFunction(_ step: Double) -> Double { saturated(factor * base(step)) }

  public var lastStep: Double { base.lastStep }
}

extension ScaledSchedule: Equatable where Base: Equatable {}

extension Schedule {
  /// c · s(t).
  public func scaled(by factor: Double) -> ScaledSchedule<Self> {
    ScaledSchedule(self, by: factor)
  }
}

extension Recipe where Product == Modifier<any Schedule> {
  /// `….scaled(by: 2)`.
  package static let scaledSchedule = Recipe(
    "scaled",
    { (factor: Double) in
      Modifier { base in
        func open<S: Schedule>(_ base: S) -> any Schedule { base.scaled(by: factor) }
        return open(base)
      }
    },
    .number("by", in: .atLeast(0), "the factor"), summary: "a schedule times a factor: c s(t)",
    examples: ["linearWarmup(over: 9).scaled(by: 2)"])
}

extension ScaledSchedule {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    factor = try state.number(.factor)
    try state.check(Recipe.scaledSchedule.fault(of: factor))
  }
}
