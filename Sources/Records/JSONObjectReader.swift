internal import PortableMath

/// The fields of one JSON object as ``JSONObjectWriter`` writes it, asked for in their order.
///
/// A question that the next field does not answer gives `nil` and moves nothing, which is how a field
/// that may be absent is read.
struct JSONObjectReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether the object ends here, and the line with it.
  var isAtEnd: Bool { position == bytes.count - 1 && bytes[position] == UInt8(ascii: "}") }

  mutating func double(_ key: StaticString) -> Double? {
    guard let value = value(after: key) else { return nil }
    let text = String(decoding: bytes[value.content], as: UTF8.self)
    let number: Double?
    if value.isText {
      number = NumberSpelling.nonFinite(text.utf8)
    } else {
      // Not all that Swift reads is JSON, "0x1p3" and "inf" for two.
      number = bytes[value.content.lowerBound] <= UInt8(ascii: "9") ? Double(text) : nil
    }
    if number != nil { position = value.end }
    return number
  }

  mutating func int(_ key: StaticString) -> Int? {
    guard let value = value(after: key), !value.isText,
      let number = Int(String(decoding: bytes[value.content], as: UTF8.self))
    else { return nil }
    position = value.end
    return number
  }

  mutating func flag(_ key: StaticString) -> Bool? {
    guard let value = value(after: key), !value.isText else { return nil }
    let flag: Bool? =
      switch bytes[value.content.lowerBound] {
      case UInt8(ascii: "t"): true
      case UInt8(ascii: "f"): false
      default: nil
      }
    if flag != nil { position = value.end }
    return flag
  }

  /// A text without escapes.
  mutating func text(_ key: StaticString) -> String? {
    guard let value = value(after: key), value.isText else { return nil }
    position = value.end
    return String(decoding: bytes[value.content], as: UTF8.self)
  }

  private struct Value {
    /// Without quotes.
    var content: Range<Int>
    var isText: Bool
    /// Where the next field begins.
    var end: Int
  }

  private func value(after key: StaticString) -> Value? {
    // `{` or `,`, the key in quotes, a colon.
    let opening = position == 0 ? UInt8(ascii: "{") : UInt8(ascii: ",")
    let count = key.utf8CodeUnitCount
    var at = position + count + 4
    guard at < bytes.count, bytes[position] == opening,
      bytes[position + 1] == UInt8(ascii: "\""), bytes[at - 2] == UInt8(ascii: "\""),
      bytes[at - 1] == UInt8(ascii: ":")
    else { return nil }
    for i in 0..<count where bytes[position + 2 + i] != key.utf8Start[i] { return nil }
    let isText = bytes[at] == UInt8(ascii: "\"")
    if isText { at += 1 }
    let start = at
    while at < bytes.count {
      let byte = bytes[at]
      if isText {
        if byte == UInt8(ascii: "\\") { return nil }
        if byte == UInt8(ascii: "\"") { break }
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
        break
      }
      at += 1
    }
    guard at < bytes.count, isText || at > start else { return nil }
    return Value(content: start..<at, isText: isText, end: isText ? at + 1 : at)
  }
}
