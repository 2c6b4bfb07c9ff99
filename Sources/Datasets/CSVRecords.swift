/// The records of a comma-separated file: quoted fields, doubled quotes, line ends LF or CRLF.
///
/// > Shafranovich. Common format and MIME type for comma-separated values (RFC 4180). 2005.
struct CSVRecords {
  struct Field {
    /// Without quotes.
    var bytes: ArraySlice<UInt8>
    /// Where the field begins.
    var line: Int
    var column: Int

    /// Without the white space around it.
    var trimmed: ArraySlice<UInt8> {
      func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
      var rest = bytes.drop(while: isSpace)
      while let last = rest.last, isSpace(last) { rest.removeLast() }
      return rest
    }

    var text: String { String(decoding: trimmed, as: UTF8.self) }
  }

  private let bytes: [UInt8]
  private let file: String
  private let separator: UInt8
  private var position = 0
  private var line = 1
  private var lineStart = 0

  init(_ bytes: [UInt8], file: String, separator: UInt8) {
    self.bytes = bytes
    self.file = file
    self.separator = separator
    // A byte order mark is not part of the first field.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      position = 3
      lineStart = 3
    }
  }

  /// The next record that is not an empty line; `nil` at the end.
  mutating func next() throws(DataError) -> [Field]? {
    while position < bytes.count, let length = lineEnd(at: position) { newLine(length) }
    guard position < bytes.count else { return nil }
    var fields: [Field] = []
    while true {
      fields.append(try field())
      guard position < bytes.count else { return fields }
      if let length = lineEnd(at: position) {
        newLine(length)
        return fields
      }
      position += 1  // The separator.
    }
  }

  private mutating func field() throws(DataError) -> Field {
    let start = (line: line, column: position - lineStart + 1)
    let quote = UInt8(ascii: "\"")
    if position < bytes.count, bytes[position] == quote {
      var text: [UInt8] = []
      position += 1
      while true {
        guard position < bytes.count else {
          throw DataError(
            file, line: start.line, column: start.column,
            "expected a closing quote, found the end of the file")
        }
        let byte = bytes[position]
        position += 1
        if byte == quote {
          guard position < bytes.count, bytes[position] == quote else { break }
          position += 1
        } else if byte == UInt8(ascii: "\n") {
          line += 1
          lineStart = position
        }
        text.append(byte)
      }
      guard isAtFieldEnd else {
        throw DataError(
          file, line: line, column: position - lineStart + 1,
          "expected a separator after the closing quote")
      }
      return Field(bytes: text[...], line: start.line, column: start.column)
    }
    let begin = position
    while !isAtFieldEnd {
      guard bytes[position] != quote else {
        throw DataError(
          file, line: line, column: position - lineStart + 1,
          "expected quotes around the whole field, found one inside it")
      }
      position += 1
    }
    return Field(bytes: bytes[begin..<position], line: start.line, column: start.column)
  }

  private var isAtFieldEnd: Bool {
    position >= bytes.count || bytes[position] == separator || lineEnd(at: position) != nil
  }

  /// The length of the line end at `place`; `nil` if there is none.
  private func lineEnd(at place: Int) -> Int? {
    switch bytes[place] {
    case UInt8(ascii: "\n"): 1
    case UInt8(ascii: "\r") where place + 1 == bytes.count: 1
    case UInt8(ascii: "\r") where bytes[place + 1] == UInt8(ascii: "\n"): 2
    default: nil
    }
  }

  private mutating func newLine(_ length: Int) {
    position += length
    line += 1
    lineStart = position
  }
}
