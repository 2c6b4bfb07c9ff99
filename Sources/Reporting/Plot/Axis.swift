internal import PortableMath

/// A linear axis, or a logarithmic one: then `low`, `high` and everything drawn are log₁₀.
///
/// Whatever the interval (empty, one number, a few ulps, all of Double, bounds that are no numbers),
/// `low < high`, and the ticks have different labels, with as many digits as that needs.
package struct Axis: Sendable {
  package let label: String
  package let low: Double
  package let high: Double
  package let ticks: [(position: Double, label: String)]

  /// Linear, with steps of 1, 2 or 5 times a power of ten.
  package static func linear(
    _ label: String, _ low: Double, _ high: Double, percent: Bool = false, count: Int = 5
  ) -> Axis {
    let (low, high) = widened(low, high)
    var numbers = roundNumbers(from: low, to: high, count: count)
    // A few ulps hold no two round numbers.
    if numbers.count < 2 { numbers = [Decimal(low), Decimal(high)] }
    let ticks = numbers.map { number in
      (number.value, percent ? number.shifted(by: 2).label + "\u{2009}%" : number.label)
    }
    return Axis(label: label, low: low, high: high, ticks: ticks)
  }

  /// Powers of ten from `low` to `high` (log₁₀), every one or every second, third, … of them; where
  /// there are fewer than two, 1, 2 and 5 times a power, or round numbers.
  package static func log10(_ label: String, _ low: Double, _ high: Double, count: Int = 6) -> Axis
  {
    let (low, high) = widenedLogarithms(low, high)
    var ticks = powers(from: low, to: high, count: count)
    if ticks.count < 2 { ticks = multiples(from: low, to: high) }
    if ticks.count < 2 { ticks = values(from: low, to: high) }
    return Axis(label: label, low: low, high: high, ticks: ticks)
  }

  /// `value` as a share of the way from low to high, kept within it: +∞ is at the high end, what is
  /// no number at the low one.
  package func share(_ value: Double) -> Double {
    // Quarters, since the whole way may be longer than the largest number.
    let share = (value / 4 - low / 4) / (high / 4 - low / 4)
    return share.isNaN ? (value == .infinity ? 1 : 0) : min(1, max(0, share))
  }

  static func powerOfTen(_ exponent: Int) -> String { "10" + superscript(exponent) }

  static func superscript(_ number: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return (number < 0 ? "⁻" : "")
      + String(String(number.magnitude).utf8.map { digits[Int($0) - 48] })
  }

  /// A number in at most `digits` digits, with a power of ten where it is small or large.
  static func label(_ value: Double, digits: Int = 2) -> String {
    guard value.isFinite else {
      return minusSigned(NumberFormat.fixed(0).text(value, infinity: "∞"))
    }
    var decimal = Decimal(value)
    decimal.round(toDigits: digits)
    return decimal.label
  }

  /// Labels of several numbers: different ones have different labels, of two digits or as many as
  /// that needs.
  package static func labels(_ values: [Double]) -> [String] {
    let distinct = Set(values).count
    for digits in 2..<17 {
      let labels = values.map { label($0, digits: digits) }
      if Set(labels).count == distinct { return labels }
    }
    return values.map { label($0, digits: 17) }
  }

  // MARK: Intervals

  /// Finite bounds far enough apart for ticks between them: at least 64 ulps of the larger.
  private static func widened(_ low: Double, _ high: Double) -> (Double, Double) {
    let bounds = [low, high].filter(\.isFinite)
    guard let a = bounds.min(), let b = bounds.max() else { return (0, 1) }
    let size = max(a.magnitude, b.magnitude)
    let least = max(64 * size.ulp, 1e-300)
    if b - a >= least { return (a, b) }
    let half = a < b ? least / 2 : a == 0 ? 0.5 : max(least, 0.1 * size)
    let most = Double.greatestFiniteMagnitude
    return (max(-most, a - half), min(most, b + half))
  }

  /// Of log₁₀: at least 10⁻⁹ apart, which a logarithm and its inverse tell apart.
  private static func widenedLogarithms(_ low: Double, _ high: Double) -> (Double, Double) {
    let bounds = [low, high].filter(\.isFinite).map { min(1e6, max(-1e6, $0)) }
    guard let a = bounds.min(), let b = bounds.max() else { return (-1, 0) }
    if b - a >= 1e-9 { return (a, b) }
    return a < b ? (a - 1e-9, b + 1e-9) : (a - 0.5, b + 0.5)
  }

  // MARK: Ticks

  /// Multiples of 1, 2 or 5 times a power of ten, about `count` of them, with all their digits.
  private static func roundNumbers(
    from low: Double, to high: Double, count: Int
  ) -> [Decimal] {
    let rough = Decimal(high / Double(count) - low / Double(count))
    let mantissa = rough.digits.reversed().reduce(0.0) { $0 / 10 + Double($1) }
    // A tenth of a per cent more steps than asked for is near enough.
    let factor = [1, 2, 5, 10].first { Double($0) >= mantissa * 0.999 }!
    let power = rough.point - 1
    let step = Decimal(factor, tens: power).value
    let first = Int((low / step - 1e-9).rounded(.up))
    return (first...(first + 2 * count + 2)).map { Decimal($0 * factor, tens: power) }
      .filter { number in
        // A number past the largest is none, though it is not above an infinite bound.
        let value = number.value
        return value.isFinite && value >= low - 1e-9 * step && value <= high + 1e-9 * step
      }
  }

  private static func powers(
    from low: Double, to high: Double, count: Int
  ) -> [(position: Double, label: String)] {
    let first = Int(low.rounded(.up))
    let last = Int(high.rounded(.down))
    guard first <= last else { return [] }
    let stride = max(1, (last - first + count - 1) / count)
    // Multiples of the stride, so that 10⁰ is one of them wherever it is in sight.
    let start = Int((Double(first) / Double(stride)).rounded(.up)) * stride
    return Swift.stride(from: start, through: last, by: stride)
      .map { (Double($0), powerOfTen($0)) }
  }

  private static func multiples(
    from low: Double, to high: Double
  ) -> [(position: Double, label: String)] {
    (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { power in
      [1, 2, 5].map { factor in
        (Double(power) + decimalLog(Double(factor)), Decimal(factor, tens: power).label)
      }
    }.filter { $0.0 >= low && $0.0 <= high }
  }

  /// Round numbers at their logarithms; round exponents where the numbers are none of Double's.
  private static func values(
    from low: Double, to high: Double
  ) -> [(position: Double, label: String)] {
    let (a, b) = (Portable.pow(10, low), Portable.pow(10, high))
    guard a.isNormal, b.isNormal else {
      return roundNumbers(from: low, to: high, count: 5).map { ($0.value, "10^" + $0.label) }
    }
    return roundNumbers(from: a, to: b, count: 5).map { (decimalLog($0.value), $0.label) }
      .filter { $0.0 >= low && $0.0 <= high }
  }
}
