/// Numbers in text files, read from their bytes.
enum NumberText {
  /// The nearest Double to a decimal number such as `-1.5e3`; `nil` for anything else: no infinity,
  /// no NaN, no hexadecimal, nothing too large.
  ///
  /// The decimal mark is a point unless `decimalMark` is another byte. Up to 2⁵³ with a power of ten up to 10²² both parts are exact, so that one product or quotient
  /// is rightly rounded; other numbers go the long way.
  static func number(
    _ text: ArraySlice<UInt8>, decimalMark: UInt8 = UInt8(ascii: ".")
  ) -> Double? {
    var position = text.startIndex
    var isNegative = false
    if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      position += 1
    }
    var digits: UInt64 = 0
    var digitCount = 0
    var scale = 0
    var isFraction = false
    while position < text.endIndex {
      if let digit = digit(text[position]) {
        if digitCount < 18 { digits = digits * 10 + UInt64(digit) }
        digitCount += 1
        if isFraction { scale -= 1 }
      } else if text[position] == decimalMark, !isFraction {
        isFraction = true
      } else {
        break
      }
      position += 1
    }
    guard digitCount > 0 else { return nil }
    if position < text.endIndex {
      guard let exponent = exponent(text[position...]) else { return nil }
      scale += exponent
    }
    if digitCount <= 18, digits <= 1 << 53, scale.magnitude <= 22 {
      let power = powersOfTen[Int(scale.magnitude)]
      let value = scale < 0 ? Double(digits) / power : Double(digits) * power
      return isNegative ? -value : value
    }
    let point = UInt8(ascii: ".")
    let plain =
      decimalMark == point ? text : ArraySlice(text.map { $0 == decimalMark ? point : $0 })
    guard let value = Double(String(decoding: plain, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// A decimal integer ≥ 0 without sign, `nil` for anything else.
  static func index(_ text: ArraySlice<UInt8>) -> Int? {
    guard !text.isEmpty, text.count <= 18 else { return nil }
    var value = 0
    for byte in text {
      guard let digit = digit(byte) else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  /// `e`, a sign or none, and at least one digit; larger ones than any Double's come out at 9999.
  private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
    guard let mark = text.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else {
      return nil
    }
    var rest = text.dropFirst()
    let sign = rest.first
    if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
    guard !rest.isEmpty else { return nil }
    var value = 0
    for byte in rest {
      guard let digit = digit(byte) else { return nil }
      value = min(9999, value * 10 + digit)
    }
    return sign == UInt8(ascii: "-") ? -value : value
  }

  private static func digit(_ byte: UInt8) -> Int? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
  }

  /// 10⁰ … 10²², all exact.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
