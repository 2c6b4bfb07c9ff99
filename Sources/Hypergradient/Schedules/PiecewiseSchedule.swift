public import HypergradientRecipes
internal import PortableMath

/// Given values at given times, and a rule for what lies between them: the line, half a cosine, or
/// the earlier value.
///
/// Before the first time the first value holds. At a time, or within some units in the last place of
/// it, its own value holds: a constant piece changes there, as in PyTorch and Optax; Keras' `PiecewiseConstantDecay`, which changes a step
/// later, is `.kerasPiecewiseConstantDecay`.
///
/// > Source: Optax' `piecewise_interpolate_schedule` and `piecewise_constant_schedule`.
public struct PiecewiseSchedule: FiniteSchedule, Declared, Equatable {
  /// What lies between two times.
  public enum Interpolation: String, Sendable, Codable, CaseIterable {
    case linear, cosine, constant
  }

  /// In the schedule's clock (steps or epochs), increasing.
  public let times: [Double]
  /// As many as times, at least one.
  public let values: [Double]
  public let interpolation: Interpolation
  public let past: PastHorizon

  public var horizon: Double { times[times.count - 1] }

  public init(
    at times: [Double], values: [Double], between interpolation: Interpolation = .linear,
    past: PastHorizon = .hold
  ) {
    Self.recipe.check(times, values, interpolation, past)
    (self.times, self.values) = (times, values)
    (self.interpolation, self.past) = (interpolation, past)
  }

  static func fault(_ times: [Double], _ values: [Double]) -> String? {
    guard times.count == values.count else {
      return "'piecewise' has \(times.count) times and \(values.count) values"
    }
    guard let last = times.last, last > 0, last.isFinite, isAscending(times) else {
      return "the times of 'piecewise' are to be ascending, from 0 on, the last greater than 0"
    }
    return nil
  }

  /// - Complexity: O(log n) in the number of pieces.
  public func value(at time: Double) -> Double {
    // The number of times ≤ `time`, but for rounding, by halving.
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if Rounding.reaches(time, times[middle]) { low = middle + 1 } else { high = middle }
    }
    if low == 0 { return values[0] }
    if low == times.count || interpolation == .constant { return values[low - 1] }
    let share = max(time - times[low - 1], 0) / (times[low] - times[low - 1])
    let (a, b) = (values[low - 1], values[low])
    return interpolation == .linear ? line(a, b, share) : b + (a - b) * cosineShare(share)
  }

  public static let recipe = Recipe(
    "piecewise", PiecewiseSchedule.init(at:values:between:past:),
    .list("at", \.times, in: .atLeast(0), unit: "steps", "the times, ascending"),
    .list(
      "values", \.values, in: .atLeast(0), unit: "learning rate", "the values at those times"),
    .choice(
      "between", \.interpolation, default: .linear, "a line, half a cosine, or the earlier value"),
    .past(\.past), unless: { times, values, _, _ in fault(times, values) },
    summary: "given values at given times, and lines, cosines or steps between them: vᵢ at tᵢ, "
      + "vᵢ + (vᵢ₊₁ − vᵢ) φ(x) after it, x = (t − tᵢ)/(tᵢ₊₁ − tᵢ), φ = x, (1 − cos(πx))/2 or 0",
    examples: [
      "piecewise(at: [0, 5, 9], values: [0, 1, 0.5])",
      "piecewise(at: [2, 5, 9], values: [0.1, 0.4, 0.05], between: .cosine, past: .mirror)",
      "piecewise(at: [2, 5, 9], values: [0.1, 0.4, 0.05], between: .constant, past: .restart)",
    ], standard: { PiecewiseSchedule(at: [0, 5, 9], values: [0, 1, 0.5]) })
}

extension Schedule where Self == PiecewiseSchedule {
  /// Given values at given times; see ``PiecewiseSchedule``.
  public static func piecewise(
    at times: [Double], values: [Double],
    between interpolation: PiecewiseSchedule.Interpolation = .linear, past: PastHorizon = .hold
  ) -> Self {
    Self(at: times, values: values, between: interpolation, past: past)
  }
}
