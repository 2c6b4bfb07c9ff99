/// A list of values, each for the same time:
///
///     s(t) = v_⌊t/n⌋      for t < nN, N the number of values
///
/// Any schedule becomes one by ``Schedule/tabulated(over:)``: what was computed, or logged by another
/// program, is stored and replayed as it was.
public struct Table: FiniteSchedule, Equatable {
  /// At least one; finite and at least 0.
  public let values: [Double]
  /// n, in the schedule's clock (steps or epochs); greater than 0.
  public let interval: Double
  public let past: PastHorizon

  public var horizon: Double { saturated(interval * Double(values.count)) }
  /// The step before nN, where the next value would begin.
  public var lastStep: Double { past == .error ? horizon.nextDown : .infinity }

  /// - Precondition: there is a value, all are finite and at least 0, `interval` is finite and
  ///   greater than 0.
  public init(_ values: [Double], every interval: Double = 1, past: PastHorizon = .hold) {
    precondition(!values.isEmpty, "a table without values")
    for value in values { ScheduleRequirements.rate(value, "a value") }
    ScheduleRequirements.positive(interval, "every")
    self.values = values
    self.interval = interval
    self.past = past
  }

  public func value(at time: Double) -> Double {
    let place = (time / interval).rounded(.down)
    return place < Double(values.count) ? values[Int(place)] : values[values.count - 1]
  }
}

extension Schedule where Self == Table {
  /// A list of values, each for `interval` steps; see ``Table``.
  public static func table(
    _ values: [Double], every interval: Double = 1, past: PastHorizon = .hold
  ) -> Table {
    Table(values, every: interval, past: past)
  }
}

extension Schedule {
  /// The values at the steps 0, 1, … as a table, the last of them held.
  ///
  /// - Precondition: `count` is at least 1; the schedule is finite and at least 0 there.
  public func tabulated(over count: Int) -> Table {
    precondition(count >= 1, "a table over \(count) steps")
    return Table((0..<count).map { self($0) })
  }
}

extension Recipe where Product == any Schedule {
  static let table = Recipe(
    "table",
    [
      Parameter("_", .list(.atLeast(0)), unit: "learning rate", "the values"),
      Parameter("every", .number(.above(0)), default: "1", unit: "steps", "steps a value"),
      .past,
    ], summary: "a list of values, each for the same time"
  ) { arguments throws(SpecError) in
    guard !arguments.list("_").isEmpty else { throw arguments.error("'table' has no value") }
    return Table(arguments.list("_"), every: arguments.number("every"), past: arguments.past)
  }
}
