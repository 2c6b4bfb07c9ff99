package import HypergradientRecipes

/// A schedule within bounds: s(t) = min(max(base(t), low), high).
public struct ClampedSchedule<Base: Schedule>: Schedule {
  public let base: Base
  public let bounds: ClosedRange<Double>

  public init(_ base: Base, to bounds: ClosedRange<Double>) {
    Recipe.clampedSchedule.check(bounds)
    (self.base, self.bounds) = (base, bounds)
  }

  public func callAsFunction(_ step: Double) -> Double {
    bounds.nearest(to: base(step))
  }

  public var lastStep: Double { base.lastStep }
}

extension ClampedSchedule: Equatable where Base: Equatable {}

extension Schedule {
  /// This schedule within bounds.
  public func clamped(to bounds: ClosedRange<Double>) -> ClampedSchedule<Self> {
    ClampedSchedule(self, to: bounds)
  }
}

extension Recipe where Product == Modifier<any Schedule> {
  /// `….clamped(to: 0.01...1)`.
  package static let clampedSchedule = Recipe(
    "clamped",
    { (bounds: ClosedRange<Double>) in
      Modifier { base in
        func open<S: Schedule>(_ base: S) -> any Schedule { base.clamped(to: bounds) }
        return open(base)
      }
    },
    .range("to", nil, "the bounds, finite and at least 0"),
    unless: { bounds in
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite
        ? nil : "the bounds of 'clamped' are to be finite and at least 0"
    }, summary: "a schedule whose values stay within bounds: min(max(s(t), low), high)",
    examples: ["cosine(over: 9).clamped(to: 0.1...0.5)"])
}

extension ClampedSchedule {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    bounds = try state.value(.bounds)
    try state.check(Recipe.clampedSchedule.fault(of: bounds))
  }
}
