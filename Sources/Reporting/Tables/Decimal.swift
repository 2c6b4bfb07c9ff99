/// The shortest decimal digits that read back as a number: ±0.d₁d₂d₃… × 10^point.
///
/// Rounding works on these digits, so text is the same wherever the number is.
struct Decimal {
  var isNegative: Bool
  /// 0…9, the first not zero; empty for zero.
  var digits: [UInt8]
  var point: Int

  /// - Precondition: `value` is finite.
  init(_ value: Double) {
    precondition(value.isFinite, "no digits in \(value)")
    isNegative = value < 0
    digits = []
    point = 0
    var exponent = 0
    var text = Substring(value.magnitude.description)
    if let e = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: e)...]) ?? 0
      text = text[..<e]
    }
    var seenPoint = false
    for character in text.utf8 {
      if character == UInt8(ascii: ".") {
        seenPoint = true
        continue
      }
      let digit = character - UInt8(ascii: "0")
      if !seenPoint && !(digits.isEmpty && digit == 0) { point += 1 }
      if digits.isEmpty && digit == 0 {
        if seenPoint { point -= 1 }
        continue
      }
      digits.append(digit)
    }
    while digits.last == 0 { digits.removeLast() }
    point = digits.isEmpty ? 0 : point + exponent
  }

  /// `integer` · 10^`exponent`, exactly.
  init(_ integer: Int, tens exponent: Int) {
    let text = String(integer.magnitude)
    isNegative = integer < 0
    digits = integer == 0 ? [] : text.utf8.map { $0 - UInt8(ascii: "0") }
    point = integer == 0 ? 0 : text.count + exponent
    while digits.last == 0 { digits.removeLast() }
  }

  /// The nearest Double.
  var value: Double {
    let text = digits.isEmpty ? "0" : digits.map { "\($0)" }.joined()
    // Digits and an exponent are a number.
    return Double("\(isNegative ? "-" : "")\(text)e\(point - digits.count)")!
  }

  /// Times 10^`places`.
  func shifted(by places: Int) -> Decimal {
    var decimal = self
    if !digits.isEmpty { decimal.point += places }
    return decimal
  }

  /// All digits and no more, with a true minus sign; with a power of ten where the number is small
  /// or large: −0.25, 1.5·10⁹, 10⁻⁴.
  var label: String {
    if digits.isEmpty { return "0" }
    if point > -3 && point <= 6 { return minusSigned(fixed(max(0, digits.count - point))) }
    let power = Axis.powerOfTen(point - 1)
    if digits == [1] { return (isNegative ? "−" : "") + power }
    var mantissa = self
    mantissa.point = 1
    return minusSigned(mantissa.fixed(digits.count - 1)) + "·" + power
  }

  /// Keeps `count` digits, rounding halves away from zero.
  mutating func round(toDigits count: Int) {
    guard count < digits.count else { return }
    guard count >= 0 else {
      digits = []
      point = 0
      return
    }
    let up = digits[count] >= 5
    digits.removeLast(digits.count - count)
    if up {
      while digits.last == 9 { digits.removeLast() }
      if digits.isEmpty {
        digits = [1]
        point += 1
      } else {
        digits[digits.count - 1] += 1
      }
    }
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { point = 0 }
  }

  /// With exactly `places` digits after the point.
  func fixed(_ places: Int) -> String {
    var rounded = self
    rounded.round(toDigits: point + places)
    func digit(_ index: Int) -> UInt8 {
      rounded.digits.indices.contains(index) ? rounded.digits[index] : 0
    }
    var text = rounded.isNegative && !rounded.digits.isEmpty ? "-" : ""
    if rounded.point <= 0 { text += "0" }
    for index in 0..<max(0, rounded.point) { text += "\(digit(index))" }
    if places > 0 {
      text += "."
      for index in rounded.point..<(rounded.point + places) { text += "\(digit(index))" }
    }
    return text
  }

  /// One digit before the point, `count` in all, and an exponent: 1.23e-4.
  func scientific(_ count: Int) -> String {
    var rounded = self
    rounded.round(toDigits: count)
    let exponent = rounded.digits.isEmpty ? 0 : rounded.point - 1
    rounded.point = 1
    return rounded.fixed(count - 1) + "e\(exponent)"
  }
}
