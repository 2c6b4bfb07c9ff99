/// How a column writes its numbers. Text depends on the value alone, not on machine or locale.
public enum NumberFormat: Sendable, Equatable {
  /// With so many digits after the point; from 10²² on with an exponent.
  case fixed(Int)
  /// A share in [0, 1], shown in per cent with so many digits after the point.
  case percent(Int)
  /// With so many significant digits: plain where that is short, else with an exponent.
  case significant(Int)

  /// Plain ASCII, such as `-3.10`, `45.2` or `1.23e-4`; `infinity` stands for +∞.
  public func text(_ value: Double, infinity: String = "inf") -> String {
    guard value.isFinite else {
      if value.isNaN { return "nan" }
      return value > 0 ? infinity : "-" + infinity
    }
    switch self {
    case .fixed(let places):
      return Self.fixed(Decimal(value), places)
    case .percent(let places):
      return Self.fixed(
        (value * 100).isFinite ? Decimal(value * 100) : Decimal(value).shifted(by: 2), places)
    case .significant(let count):
      var decimal = Decimal(value)
      decimal.round(toDigits: count)
      if decimal.digits.isEmpty { return "0" }
      if decimal.point > -3 && decimal.point <= 6 {
        // Digits before the point are all shown, since zeros in their place would mislead.
        return decimal.point >= count
          ? Decimal(value).fixed(0) : decimal.fixed(count - decimal.point)
      }
      return decimal.scientific(count)
    }
  }

  private static func fixed(_ decimal: Decimal, _ places: Int) -> String {
    decimal.point > 22 ? decimal.scientific(max(3, places + 1)) : decimal.fixed(places)
  }
}

/// A number's text with a true minus sign in place of each hyphen.
func minusSigned(_ text: String) -> String {
  String(text.map { $0 == "-" ? "−" : $0 })
}
