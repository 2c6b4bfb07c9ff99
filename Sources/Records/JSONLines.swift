internal import Foundation

/// The text form of stored values: JSON with sorted keys, shortest round-trip numbers, and the
/// strings "inf", "-inf" and "nan" for numbers that are not finite.
package enum JSONLines {
  package static func encode(_ value: some Encodable) throws -> String {
    String(decoding: try encoder(pretty: false).encode(value), as: UTF8.self)
  }

  package static func pretty(_ value: some Encodable) throws -> String {
    String(decoding: try encoder(pretty: true).encode(value), as: UTF8.self) + "\n"
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from line: Substring) throws
    -> Value
  {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: Data(line.utf8))
  }

  private static func encoder(pretty: Bool) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}
