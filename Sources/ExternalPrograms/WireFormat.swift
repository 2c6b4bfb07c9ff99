package import Hypergradient

/// How the parameters and gradients of a program are written.
package enum WireFormat: String, CaseIterable {
  /// Base64 of little-endian doubles.
  case float64
  /// Base64 of little-endian floats, for programs that compute in single precision.
  case float32
  /// Lists of JSON numbers.
  case json

  /// Writes numbers as a JSON value.
  package func append<Scalar: ParameterScalar>(
    _ numbers: UnsafeBufferPointer<Scalar>, to line: inout [UInt8]
  ) {
    switch self {
    case .json:
      line.append(UInt8(ascii: "["))
      for (index, number) in numbers.enumerated() {
        if index > 0 { line.append(UInt8(ascii: ",")) }
        line += Array("\(Double(number))".utf8)
      }
      line.append(UInt8(ascii: "]"))
    case .float64, .float32:
      var bytes: [UInt8] = []
      bytes.reserveCapacity(8 * numbers.count)
      for number in numbers {
        if self == .float64 {
          withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { bytes += $0 }
        } else {
          withUnsafeBytes(of: Float(number).bitPattern.littleEndian) { bytes += $0 }
        }
      }
      line.append(UInt8(ascii: "\""))
      Base64.append(bytes, to: &line)
      line.append(UInt8(ascii: "\""))
    }
  }

  /// The numbers of a value: of this format, or a list, which every program may answer with.
  ///
  /// - Returns: `nil` for what is neither.
  package func numbers(_ value: AnswerLine.Value) -> [Double]? {
    switch value {
    case .numbers(let numbers): return numbers
    case .text(let text):
      guard self != .json, let bytes = Base64.bytes(text) else { return nil }
      let size = self == .float64 ? 8 : 4
      guard bytes.count % size == 0 else { return nil }
      return bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / size).map { index in
          if size == 8 {
            let bits = bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
            return Double(bitPattern: UInt64(littleEndian: bits))
          }
          let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          return Double(Float(bitPattern: UInt32(littleEndian: bits)))
        }
      }
    default: return nil
    }
  }

  /// What an answer may have, in words.
  package var expected: String {
    switch self {
    case .float64: "base64 of little-endian doubles, or a list of numbers"
    case .float32: "base64 of little-endian floats, or a list of numbers"
    case .json: "a list of numbers"
    }
  }
}

/// RFC 4648, section 4: the standard alphabet, with padding and nothing else.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
    text.reserveCapacity(text.count + bytes.count / 3 * 4 + 8)
    for first in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - first)
      var word: UInt32 = 0
      for i in 0..<3 { word = word << 8 | (i < count ? UInt32(bytes[first + i]) : 0) }
      for i in 0..<4 {
        text.append(
          i <= count ? alphabet[Int(word >> UInt32(18 - 6 * i) & 63)] : UInt8(ascii: "="))
      }
    }
  }

  /// The bytes that a text stands for; `nil` where it is not base64.
  static func bytes(_ text: [UInt8]) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    for first in stride(from: 0, to: text.count, by: 4) {
      let count = first + 4 == text.count ? 4 - padding : 4
      var word: UInt32 = 0
      for i in 0..<4 {
        let value = i < count ? values[Int(text[first + i])] : 0
        guard value < 64 else { return nil }
        word = word << 6 | UInt32(value)
      }
      // Bits that no byte holds are none.
      if count < 4, word & (count == 2 ? 0xFFFF : 0xFF) != 0 { return nil }
      for i in 0..<(count - 1) { bytes.append(UInt8(word >> UInt32(16 - 8 * i) & 255)) }
    }
    return bytes
  }
}
