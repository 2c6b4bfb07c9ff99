internal import Hypergradient

/// A line of the protocol: one JSON object whose values are numbers, texts, yes or no, nothing, or
/// lists of numbers.
///
/// `NaN`, `Infinity` and `-Infinity`, as many programs print them, and C's `nan` and `inf`, are read
/// as the numbers that they stand for, so that what is wrong with them can be said.
struct AnswerLine {
  enum Value: Equatable {
    case number(Double)
    case numbers([Double])
    /// Its bytes in UTF-8.
    case text([UInt8])
    case flag(Bool)
    case none
  }
  private(set) var values: [(key: String, value: Value)] = []

  subscript(key: String) -> Value? { values.first { $0.key == key }?.value }

  /// - Throws: ``ChildFault`` that says why the line is no such object.
  init(_ line: [UInt8]) throws(ChildFault) {
    var reader = Reader(line)
    values = try reader.object()
  }

  private struct Reader {
    let line: [UInt8]
    var place = 0

    init(_ line: [UInt8]) { self.line = line }

    func fault(_ expected: String) -> ChildFault {
      ChildFault("said \(ChildFault.shown(line)), which is no JSON object: \(expected)")
    }

    mutating func object() throws(ChildFault) -> [(key: String, value: Value)] {
      var values: [(key: String, value: Value)] = []
      guard take("{") else { throw fault("expected '{'; standard output is for answers alone") }
      if !take("}") {
        repeat {
          guard take("\"") else { throw fault("expected a key in quotes") }
          let key = String(decoding: try text(), as: UTF8.self)
          guard take(":") else { throw fault("expected ':' after '\(key)'") }
          if values.contains(where: { $0.key == key }) { throw fault("'\(key)' stands twice") }
          values.append((key, try value(of: key)))
        } while take(",")
        guard take("}") else { throw fault("expected ',' or '}'") }
      }
      skipSpace()
      guard place == line.count else { throw fault("something follows its '}'") }
      return values
    }

    private mutating func value(of key: String) throws(ChildFault) -> Value {
      if take("\"") { return .text(try text()) }
      if take("[") {
        var numbers: [Double] = []
        if take("]") { return .numbers([]) }
        repeat {
          guard let number = number() else { throw fault("a list holds numbers alone") }
          numbers.append(number)
        } while take(",")
        guard take("]") else { throw fault("expected ',' or ']'") }
        return .numbers(numbers)
      }
      if take(word: "true") { return .flag(true) }
      if take(word: "false") { return .flag(false) }
      if take(word: "null") { return .none }
      if let number = number() { return .number(number) }
      throw fault("'\(key)' is no number, text, list of numbers, true, false or null")
    }

    private mutating func number() -> Double? {
      skipSpace()
      let start = place
      while place < line.count, Self.isOfNumber(line[place]) { place += 1 }
      let digits = String(decoding: line[start..<place], as: UTF8.self)
      switch digits {
      case "NaN", "nan", "-nan": return .nan
      case "Infinity", "inf": return .infinity
      case "-Infinity", "-inf": return -.infinity
      default:
        // JSON's own, not Swift's "0x1p3".
        guard digits.utf8.allSatisfy({ !Self.isLetter($0) || $0 | 0x20 == UInt8(ascii: "e") }),
          let value = Double(digits)
        else {
          place = start
          return nil
        }
        return value
      }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || isLetter(byte)
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    }

    /// To the closing quote.
    private mutating func text() throws(ChildFault) -> [UInt8] {
      var bytes: [UInt8] = []
      let start = place
      // Numbers in base64 have no escapes: one copy.
      while place < line.count, line[place] != UInt8(ascii: "\""), line[place] != 0x5C {
        place += 1
      }
      bytes += line[start..<place]
      while place < line.count {
        let byte = line[place]
        place += 1
        if byte == UInt8(ascii: "\"") { return bytes }
        guard byte == 0x5C else {
          bytes.append(byte)
          continue
        }
        guard place < line.count else { break }
        let escaped = line[place]
        place += 1
        switch escaped {
        case UInt8(ascii: "\""), 0x5C, UInt8(ascii: "/"): bytes.append(escaped)
        case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"),
          UInt8(ascii: "f"):
          bytes.append(UInt8(ascii: " "))
        case UInt8(ascii: "u"):
          guard place + 4 <= line.count,
            let code = UInt32(String(decoding: line[place..<(place + 4)], as: UTF8.self), radix: 16)
          else { throw fault("'\\u' is followed by four digits") }
          place += 4
          // Half of a pair shows as the sign of what can't be shown.
          bytes += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        default: throw fault("'\\' is followed by what JSON has not")
        }
      }
      throw fault("a text has no end")
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipSpace()
      guard place < line.count, line[place] == UInt8(ascii: character) else { return false }
      place += 1
      return true
    }

    private mutating func take(word: String) -> Bool {
      skipSpace()
      guard line[place...].starts(with: word.utf8) else { return false }
      place += word.utf8.count
      return true
    }

    private mutating func skipSpace() {
      while place < line.count, [0x20, 0x09, 0x0D, 0x0A].contains(line[place]) { place += 1 }
    }
  }
}

/// How the parameters and gradients of a program are written.
enum WireFormat: String, CaseIterable {
  /// Base64 of little-endian doubles.
  case float64
  /// Base64 of little-endian floats, for programs that compute in single precision.
  case float32
  /// Lists of JSON numbers.
  case json

  /// Writes numbers as a JSON value.
  func append<Scalar: ParameterScalar>(
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
  func numbers(_ value: AnswerLine.Value) -> [Double]? {
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
  var expected: String {
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
