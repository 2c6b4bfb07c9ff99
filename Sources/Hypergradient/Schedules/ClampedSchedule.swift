/// A schedule within bounds: s(t) = min(max(base(t), low), high).
public struct ClampedSchedule<Base: Schedule>: Schedule {
  public let base: Base
  public let bounds: ClosedRange<Double>

  /// - Precondition: the bounds are finite and at least 0.
  public init(_ base: Base, to bounds: ClosedRange<Double>) {
    precondition(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not finite and at least 0")
    self.base = base
    self.bounds = bounds
  }

  public func callAsFunction(_ step: Double) -> Double {
    min(max(base(step), bounds.lowerBound), bounds.upperBound)
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

extension Recipe where Product == ScheduleModifier {
  static let clampedSchedule = Recipe(
    "clamped", [Parameter("to", .range, "the bounds, finite and at least 0")],
    summary: "a schedule whose values stay within bounds"
  ) { arguments throws(SpecError) in
    let bounds = arguments.range("to")
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite else {
      throw arguments.error("the bounds of 'clamped' are to be finite and at least 0")
    }
    return { base in
      func open<S: Schedule>(_ base: S) -> any Schedule { base.clamped(to: bounds) }
      return open(base)
    }
  }
}
