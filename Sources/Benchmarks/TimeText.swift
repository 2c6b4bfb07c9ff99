internal import Reporting

/// Times and ratios as a reader wants them.
enum TimeText {
  private static let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]

  /// Three digits and a unit, such as `39.1 ns`.
  static func text(_ seconds: Double) -> String {
    let (unit, name) = unit(of: seconds)
    return number(seconds / unit) + " " + name
  }

  /// The median and the quartiles in one unit: `39.1 (38.9…40.2) ns`.
  static func text(_ spread: Spread) -> String {
    let (unit, name) = unit(of: spread.median)
    let numbers = [spread.median, spread.lower, spread.upper].map { number($0 / unit) }
    return "\(numbers[0]) (\(numbers[1])…\(numbers[2])) \(name)"
  }

  static func number(_ value: Double) -> String { NumberFormat.significant(3).text(value) }

  private static func unit(of seconds: Double) -> (Double, String) {
    // Rounded to three digits, 999.6 ns is a microsecond.
    units.first { seconds >= 0.9995 * $0.0 } ?? units[units.count - 1]
  }
}
