/// The quantile of `values` at `probability` in [0, 1]: linear between order statistics (type 7),
/// which is position (n − 1)·p of the sorted values, counted from 0.
///
/// Infinities are values like others and sort at the ends; between a finite value and an infinite
/// one lies the infinite one, and between −∞ and +∞ lies +∞. `nil` for no values.
///
/// - Precondition: no value is NaN.
/// - Complexity: O(n log n)
///
/// > Rob J. Hyndman, Yanan Fan. *Sample quantiles in statistical packages*. The American
/// > Statistician 50(4), 1996; definition 7.
public func quantile(_ values: [Double], at probability: Double) -> Double? {
  quantile(sorted: values.sorted(), at: probability)
}

/// ``quantile(_:at:)`` of values that are in ascending order already.
public func quantile(sorted values: [Double], at probability: Double) -> Double? {
  precondition((0...1).contains(probability), "a probability lies in 0...1, got \(probability)")
  guard let last = values.last else { return nil }
  precondition(!last.isNaN && !values[0].isNaN, "a quantile of NaN")
  let position = Double(values.count - 1) * probability
  let index = Int(position)
  guard index + 1 < values.count else { return last }
  let low = values[index]
  let high = values[index + 1]
  let fraction = position - Double(index)
  if fraction == 0 || low == high { return low }
  if high == .infinity { return high }
  if low == -.infinity { return low }
  return low + fraction * (high - low)
}

/// The middle value, or the mean of the two in the middle; see ``quantile(_:at:)``.
public func median(_ values: [Double]) -> Double? {
  quantile(values, at: 0.5)
}

/// The quantiles at 1/4, 1/2 and 3/4.
public struct Quartiles: Sendable, Equatable {
  public let lower: Double
  public let median: Double
  public let upper: Double

  /// `nil` for no values; see ``quantile(_:at:)``.
  public init?(_ values: [Double]) {
    let sorted = values.sorted()
    guard let lower = quantile(sorted: sorted, at: 0.25),
      let median = quantile(sorted: sorted, at: 0.5),
      let upper = quantile(sorted: sorted, at: 0.75)
    else { return nil }
    self.lower = lower
    self.median = median
    self.upper = upper
  }
}
