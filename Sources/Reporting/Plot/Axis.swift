/// A linear axis, or a logarithmic one: then `low`, `high` and everything drawn are log₁₀.
struct Axis {
  let label: String
  let low: Double
  let high: Double
  let ticks: [(position: Double, label: String)]

  /// Linear, with steps of 1, 2 or 5 times a power of ten.
  static func linear(
    _ label: String, _ low: Double, _ high: Double, percent: Bool = false, count: Int = 5
  ) -> Axis {
    let (low, high) = low < high ? (low, high) : (low - 0.5, low + 0.5)
    let rough = (high - low) / Double(count)
    var power = 1.0
    while power > rough { power /= 10 }
    while power * 10 <= rough { power *= 10 }
    let step = [1.0, 2, 5, 10].first { $0 * power >= rough * 0.999 }! * power
    var ticks: [(Double, String)] = []
    var index = (low / step).rounded(.up)
    while index * step <= high + 1e-9 * step {
      let value = index * step
      ticks.append(
        (value, percent ? NumberFormat.percent(0).text(value) + "\u{2009}%" : plain(value)))
      index += 1
    }
    return Axis(label: label, low: low, high: high, ticks: ticks)
  }

  /// Powers of ten from `low` to `high` (log₁₀), every one or every second, third, … of them.
  static func log10(_ label: String, _ low: Double, _ high: Double, count: Int = 6) -> Axis {
    let (low, high) = low < high ? (low, high) : (low - 0.5, low + 0.5)
    let first = Int(low.rounded(.up))
    let last = Int(high.rounded(.down))
    let stride = max(1, (last - first + count - 1) / count)
    // Multiples of the stride, so that 10⁰ is one of them wherever it is in sight.
    let ticks = (first...max(first, last)).filter { $0 % stride == 0 && $0 <= last }
      .map { (Double($0), powerOfTen($0)) }
    return Axis(label: label, low: low, high: high, ticks: ticks)
  }

  /// `value` as a share of the way from low to high, kept within it; +∞ is at the high end.
  func share(_ value: Double) -> Double {
    min(1, max(0, (value - low) / (high - low)))
  }

  static func powerOfTen(_ exponent: Int) -> String { "10" + superscript(exponent) }

  static func superscript(_ number: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return (number < 0 ? "⁻" : "")
      + String(String(number.magnitude).utf8.map { digits[Int($0) - 48] })
  }

  /// A number in at most two digits, with a power of ten where it is small or large.
  static func label(_ value: Double) -> String {
    let parts = NumberFormat.significant(2).text(value).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return plain(value) }
    let factor = parts[0].hasSuffix(".0") ? String(parts[0].dropLast(2)) : String(parts[0])
    return factor == "1"
      ? powerOfTen(exponent) : "\(minusSigned(factor))·\(powerOfTen(exponent))"
  }

  private static func plain(_ value: Double) -> String {
    var text = minusSigned(NumberFormat.significant(3).text(value))
    guard text.contains("."), !text.contains("e") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
