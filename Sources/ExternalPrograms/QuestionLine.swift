package import Hypergradient

/// A line that asks, one JSON object, as it is put together.
package struct QuestionLine {
  private var bytes: [UInt8]

  /// - Parameter ask: what is asked for.
  package init(_ ask: String) { bytes = Array("{\"ask\":\"\(ask)\"".utf8) }

  /// A whole number, or nothing where there is none.
  package mutating func append(_ key: String, _ number: Int?) {
    if let number { bytes += Array(",\"\(key)\":\(number)".utf8) }
  }

  /// A number, `null` where it is not finite, which JSON has no numbers for.
  package mutating func append(_ key: String, _ number: Double) {
    bytes += Array(",\"\(key)\":\(number.isFinite ? "\(number)" : "null")".utf8)
  }

  package mutating func append(_ key: String, _ flag: Bool) {
    bytes += Array(",\"\(key)\":\(flag)".utf8)
  }

  /// - Parameter text: without characters that can't be seen.
  package mutating func append(_ key: String, _ text: String) {
    bytes += Array(",\"\(key)\":\"".utf8)
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(0x5C) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  package mutating func append(_ key: String, _ numbers: [Int]) {
    bytes += Array(",\"\(key)\":[\(numbers.map { "\($0)" }.joined(separator: ","))]".utf8)
  }

  /// Parameters or a gradient; `null` where not all of it is finite.
  package mutating func append<Scalar: ParameterScalar>(
    _ key: String, _ numbers: UnsafeBufferPointer<Scalar>, _ format: WireFormat
  ) {
    bytes += Array(",\"\(key)\":".utf8)
    if numbers.allSatisfy(\.isFinite) {
      format.append(numbers, to: &bytes)
    } else {
      bytes += Array("null".utf8)
    }
  }

  /// With its end.
  package var line: [UInt8] { bytes + Array("}\n".utf8) }
}
