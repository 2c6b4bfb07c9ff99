/// How a decay without a horizon counts its time.
public enum DecayShape: String, Sendable, Codable, CaseIterable {
  /// t/n, which changes at every step.
  case smooth
  /// ⌊t/n⌋, which changes at t = n, 2n, … and belongs there to the new interval.
  case staircase

  /// The time in units of `interval`.
  func time(_ step: Double, every interval: Double) -> Double {
    ScheduleRequirements.step(step)
    // A quotient past the largest number would make 0 · ∞ of a rate of zero.
    let time = saturated(step / interval)
    return self == .smooth ? time : time.rounded(.down)
  }
}

extension Parameter {
  static let every = Parameter(
    "every", .number(.above(0)), default: "1", unit: "steps", "the unit n of time")
  static let decayShape = Parameter(
    "shape", .choice(DecayShape.allCases.map(\.rawValue)), default: ".smooth",
    "time as t/n or as ⌊t/n⌋")
  static let floor = Parameter(
    "floor", .number(.atLeast(0)), default: "0", unit: "learning rate", "the smallest value")
}
