/// Given values at given times, and a rule for what lies between them: the line, half a cosine, or
/// the earlier value.
///
/// Before the first time the first value holds. At a time its own value holds: a constant piece
/// changes there, as in PyTorch and Optax; Keras' `PiecewiseConstantDecay`, which changes a step
/// later, is `.kerasPiecewiseConstantDecay`.
///
/// > Source: Optax' `piecewise_interpolate_schedule` and `piecewise_constant_schedule`.
public struct Piecewise: FiniteSchedule, Equatable {
  /// What lies between two times.
  public enum Interpolation: String, Sendable, Codable, CaseIterable {
    case linear, cosine, constant
  }

  /// In the schedule's clock (steps or epochs), increasing.
  public let times: [Double]
  /// As many as times; at least 0.
  public let values: [Double]
  public let interpolation: Interpolation
  public let past: PastHorizon

  public var horizon: Double { times[times.count - 1] }

  /// - Precondition: as many values as times, at least one; the times are finite, at least 0 and
  ///   strictly increasing, the last greater than 0; the values are finite and at least 0.
  public init(
    at times: [Double], values: [Double], between interpolation: Interpolation = .linear,
    past: PastHorizon = .hold
  ) {
    if let fault = Self.fault(times, values) { preconditionFailure(fault) }
    self.times = times
    self.values = values
    self.interpolation = interpolation
    self.past = past
  }

  static func fault(_ times: [Double], _ values: [Double]) -> String? {
    guard times.count == values.count else {
      return "'piecewise' has \(times.count) times and \(values.count) values"
    }
    guard let first = times.first, let last = times.last, first >= 0, last > 0, last.isFinite,
      zip(times, times.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      return "the times of 'piecewise' are to be ascending, from 0 on, the last greater than 0"
    }
    guard values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      return "the values of 'piecewise' are to be finite and at least 0"
    }
    return nil
  }

  /// - Complexity: O(log n) in the number of pieces.
  public func value(at time: Double) -> Double {
    // The number of times ≤ `time`, by halving.
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle + 1 } else { high = middle }
    }
    if low == 0 { return values[0] }
    if low == times.count || interpolation == .constant { return values[low - 1] }
    let share = (time - times[low - 1]) / (times[low] - times[low - 1])
    let (a, b) = (values[low - 1], values[low])
    return interpolation == .linear ? line(a, b, share) : b + (a - b) * cosineShare(share)
  }
}

extension Schedule where Self == Piecewise {
  /// Given values at given times; see ``Piecewise``.
  public static func piecewise(
    at times: [Double], values: [Double], between interpolation: Piecewise.Interpolation = .linear,
    past: PastHorizon = .hold
  ) -> Piecewise {
    Piecewise(at: times, values: values, between: interpolation, past: past)
  }
}

extension Recipe where Product == any Schedule {
  static let piecewise = Recipe(
    "piecewise",
    [
      Parameter("at", .list(.atLeast(0)), unit: "steps", "the times, ascending"),
      Parameter("values", .list(.atLeast(0)), unit: "learning rate", "the values at those times"),
      Parameter(
        "between", .choice(Piecewise.Interpolation.allCases.map(\.rawValue)), default: ".linear",
        "a line, half a cosine, or the earlier value"),
      .past,
    ], summary: "given values at given times, and lines, cosines or steps between them"
  ) { arguments throws(SpecError) in
    let (times, values) = (arguments.list("at"), arguments.list("values"))
    if let fault = Piecewise.fault(times, values) { throw arguments.error(fault) }
    return Piecewise(
      at: times, values: values, between: arguments.word("between"), past: arguments.past)
  }
}
