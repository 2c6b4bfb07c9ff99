/// A line of the protocol: one JSON object whose values are numbers, texts, yes or no, nothing, or
/// lists of numbers.
///
/// `NaN`, `Infinity` and `-Infinity`, as many programs print them, and C's `nan` and `inf`, are read
/// as the numbers that they stand for, so that what is wrong with them can be said.
package struct AnswerLine {
  package enum Value: Equatable {
    case number(Double)
    case numbers([Double])
    /// Its bytes in UTF-8.
    case text([UInt8])
    case flag(Bool)
    case none
  }
  package private(set) var values: [(key: String, value: Value)] = []
  /// The line itself.
  let bytes: [UInt8]

  package subscript(key: String) -> Value? { values.first { $0.key == key }?.value }

  /// - Throws: ``ChildFault`` that says why the line is no such object.
  package init(_ line: [UInt8]) throws(ChildFault) {
    bytes = line
    var reader = Reader(line)
    values = try reader.object()
  }

  /// The line, unless the program said that it can't answer.
  package func orItsError() throws(ChildFault) -> AnswerLine {
    guard case .text(let words)? = self["error"] else { return self }
    throw ChildFault("answered the error \(ChildFault.shown(words))")
  }

  /// Its keys, for a message.
  package var shown: String {
    values.isEmpty ? "nothing" : values.map { "'\($0.key)'" }.joined(separator: ", ")
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
