/// One JSON object on one line, its keys in the order in which they are put.
struct JSONObjectWriter {
  private var bytes: [UInt8] = []
  private var isFirst = true

  init() {
    bytes.reserveCapacity(1024)
    bytes.append(UInt8(ascii: "{"))
  }

  /// The bytes, with the object closed and a line break after it.
  consuming func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// The shortest decimal that reads back as the same number, a whole one without a point.
  mutating func put(_ key: StaticString, _ value: Double?) {
    guard let value else { return }
    put(key)
    Self.append(value, to: &bytes)
  }

  mutating func put(_ key: StaticString, _ value: Int?) {
    guard let value else { return }
    put(key)
    bytes.append(contentsOf: value.description.utf8)
  }

  mutating func put(_ key: StaticString, _ value: Bool) {
    put(key)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  mutating func put(_ key: StaticString, _ value: String) {
    put(key)
    Self.append(value, to: &bytes)
  }

  private mutating func put(_ key: StaticString) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    bytes.append(UInt8(ascii: "\""))
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private static func append(_ value: Double, to bytes: inout [UInt8]) {
    guard value.isFinite else {
      let name = value.isNaN ? "\"nan\"" : value > 0 ? "\"inf\"" : "\"-inf\""
      bytes.append(contentsOf: name.utf8)
      return
    }
    bytes.append(contentsOf: value.description.utf8)
    let count = bytes.count
    if bytes[count - 1] == UInt8(ascii: "0") && bytes[count - 2] == UInt8(ascii: ".") {
      bytes.removeLast(2)
    }
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x08: bytes.append(contentsOf: "\\b".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0C: bytes.append(contentsOf: "\\f".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
