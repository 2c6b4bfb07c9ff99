public import HypergradientRecipes
internal import PortableMath

/// A list of values, each for the same time:
///
///     s(t) = v_⌊t/n⌋      for t < nN, N the number of values
///
/// Any schedule becomes one by ``Schedule/tabulated(over:)``: what was computed, or logged by another
/// program, is stored and replayed as it was.
public struct TableSchedule: FiniteSchedule, Declared, Equatable {
  /// At least one.
  public let values: [Double]
  /// n.
  public let interval: Double
  public let past: PastHorizon

  public var horizon: Double { saturated(interval * Double(values.count)) }
  /// Just before nN, where the next value would begin.
  public var lastStep: Double {
    past == .error ? Rounding.whole(horizon).nextDown : .infinity
  }

  public init(_ values: [Double], every interval: Double = 1, past: PastHorizon = .hold) {
    Self.recipe.check(values, interval, past)
    (self.values, self.interval, self.past) = (values, interval, past)
  }

  public func value(at time: Double) -> Double {
    let place = Rounding.floor(saturated(time / interval))
    return place < Double(values.count) ? values[Int(place)] : values[values.count - 1]
  }

  public static let recipe = Recipe(
    "table", TableSchedule.init(_:every:past:),
    .list("_", \.values, in: .atLeast(0), unit: "learning rate", "the values"),
    .number("every", \.interval, in: .above(0), default: 1, unit: "steps", "steps a value"),
    .past(\.past), unless: { values, _, _ in values.isEmpty ? "'table' has no value" : nil },
    summary: "a list of values, each for the same time: v_⌊t/n⌋",
    examples: ["table([0.1, 0.3])", "table([0.1, 0.3, 0.2], every: 2, past: .restart)"],
    standard: { TableSchedule([0.1, 0.3]) })
}

extension Schedule where Self == TableSchedule {
  /// A list of values, each for `interval` steps; see ``TableSchedule``.
  public static func table(
    _ values: [Double], every interval: Double = 1, past: PastHorizon = .hold
  ) -> Self {
    Self(values, every: interval, past: past)
  }
}

extension Schedule {
  /// The values at the steps 0, 1, … as a table, the last of them held.
  ///
  /// - Precondition: `count` is at least 1; the schedule is finite and at least 0 there.
  public func tabulated(over count: Int) -> TableSchedule {
    require(count >= 1, "a table over \(count) steps")
    return TableSchedule((0..<count).map { self($0) })
  }
}
