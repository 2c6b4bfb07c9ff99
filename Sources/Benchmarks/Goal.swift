/// What a ratio is held against.
public enum Goal: Sendable, Equatable {
  /// The peer's time is at least so many times ours.
  case timesAsFast(Double)
  /// Our speed is at least this share of the peer's.
  case shareOfSpeed(Double)
  /// Our time is at most so many times the floor's.
  case timesTheFloor(Double)

  /// Whether our time meets it, given the other's; both in seconds.
  public func isMet(ours: Double, peer: Double) -> Bool {
    switch self {
    case .timesAsFast(let times): peer >= times * ours
    case .shareOfSpeed(let share): peer >= share * ours
    case .timesTheFloor(let times): ours <= times * peer
    }
  }

  /// As in `≥ 15 ×`.
  public var text: String {
    switch self {
    case .timesAsFast(let times): "≥ \(Self.short(times)) ×"
    case .shareOfSpeed(let share): "≥ \(Self.short(share * 100)) %"
    case .timesTheFloor(let times): "≤ \(Self.short(times)) × floor"
    }
  }

  /// A ratio of two times, as this goal counts it: the peer's over ours, or ours over the floor's.
  public func ratio(ours: Double, peer: Double) -> Double {
    switch self {
    case .timesAsFast, .shareOfSpeed: peer / ours
    case .timesTheFloor: ours / peer
    }
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }
}
