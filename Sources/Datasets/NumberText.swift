/// Numbers and lines in text files.
enum NumberText {
  /// A finite decimal number, `nil` for anything else: no infinity, no NaN, no hexadecimal.
  static func number(_ text: some StringProtocol) -> Double? {
    guard
      text.utf8.allSatisfy({ byte in
        (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "+")
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e")
          || byte == UInt8(ascii: "E")
      }), let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// A decimal integer ≥ 0 without sign, `nil` for anything else.
  static func index(_ text: some StringProtocol) -> Int? {
    guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
      return nil
    }
    return Int(text)
  }
}
