internal import PortableMath

/// A Double whose coded form keeps the values that JSON has no number for: NaN and the infinities
/// become the texts "nan", "inf" and "-inf".
///
/// All NaNs are one, and equal to itself: two states with the same history are equal.
package struct CodedDouble: Sendable, Hashable, Codable {
  package let value: Double

  package init(_ value: Double) { self.value = value.isNaN ? .nan : value }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self.init(number)
      return
    }
    let text = try container.decode(String.self)
    guard let number = NumberSpelling.nonFinite(text.utf8) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not a number, 'nan', 'inf' or '-inf'")
    }
    self.init(number)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite {
      try container.encode(value)
    } else {
      try container.encode(value.spelled)
    }
  }

  package static func == (a: CodedDouble, b: CodedDouble) -> Bool {
    a.value.bitPattern == b.value.bitPattern
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(value.bitPattern) }
}
