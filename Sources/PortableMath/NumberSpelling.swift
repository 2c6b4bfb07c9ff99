/// Numbers in files and on terminals, those that are none among them: one spelling out, all spellings
/// in. What is a number, `Double(_:)` reads, which this module does not call: it has to link where
/// there is no `strtod`.
public enum NumberSpelling {
  /// NaN or an infinity, as C, C++, Python, NumPy, Java, JavaScript, Julia, R, Go and C# write them:
  /// `nan`, `NaN`, `-nan`, `nan(0x1)`, `inf`, `+Inf`, `-Infinity`, `∞`, `1.#QNAN`, with or without a sign and in
  /// either case; `nil` for anything else, a number among it. NaN has no sign.
  public static func nonFinite(_ text: some Sequence<UInt8>) -> Double? {
    var rest = text.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    func begins(with word: StaticString) -> Bool {
      rest.starts(with: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
    func isAll(_ bytes: ArraySlice<UInt8>, _ isRight: (UInt8) -> Bool) -> Bool {
      bytes.allSatisfy(isRight)
    }
    func isZero(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "0") }
    // Microsoft's: 1.#INF, 1.#QNAN, -1.#IND, with zeros behind for a width.
    if begins(with: "1.#") {
      rest = rest.dropFirst(3)
      if begins(with: "inf"), isAll(rest.dropFirst(3), isZero) {
        return isNegative ? -.infinity : .infinity
      }
      for word: StaticString in ["ind", "nan", "qnan", "snan"] where begins(with: word) {
        if isAll(rest.dropFirst(word.utf8CodeUnitCount), isZero) { return .nan }
      }
      return nil
    }
    for word: StaticString in ["inf", "infinity", "∞"]
    where begins(with: word) && rest.count == word.utf8CodeUnitCount {
      return isNegative ? -.infinity : .infinity
    }
    for word: StaticString in ["nan", "qnan", "snan"] where begins(with: word) {
      let payload = rest.dropFirst(word.utf8CodeUnitCount)
      if payload.isEmpty { return .nan }
      guard payload.first == UInt8(ascii: "("), payload.last == UInt8(ascii: ")"),
        payload.count >= 2
      else { return nil }
      let isWord = isAll(payload.dropFirst().dropLast()) { byte in
        byte >= 0x61 && byte <= 0x7A || byte >= 0x30 && byte <= 0x39 || byte == UInt8(ascii: "_")
      }
      return isWord ? .nan : nil
    }
    return nil
  }

  /// Whether a number that was read as 0 is none: a digit before its exponent is another.
  public static func isTooSmall(_ text: some Sequence<UInt8>) -> Bool {
    var isHexadecimal = false
    for byte in text {
      switch byte | 0x20 {
      case UInt8(ascii: "x"): isHexadecimal = true
      case UInt8(ascii: "p"): return false
      case UInt8(ascii: "e") where !isHexadecimal: return false
      case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"):
        return true
      default: continue
      }
    }
    return false
  }
}

extension Double {
  /// The shortest decimal that reads back as the same number; `nan` for every NaN, whose sign differs
  /// from processor to processor, `inf` and `-inf`.
  public var spelled: String { isNaN ? "nan" : description }
}

extension Float {
  /// As of a Double.
  public var spelled: String { isNaN ? "nan" : description }
}
