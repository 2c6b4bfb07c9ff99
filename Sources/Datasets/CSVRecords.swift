/// The records of a comma-separated text: quoted fields, doubled quotes, line ends LF, CRLF or CR.
/// Lines without anything but blanks are no records.
///
/// > Shafranovich. Common format and MIME type for comma-separated values (RFC 4180). 2005.
struct CSVRecords {
  struct Field {
    /// Without quotes.
    var bytes: ArraySlice<UInt8>
    /// Where the field begins.
    var line: Int
    var column: Int
    var isQuoted = false

    /// Without the white space around it.
    var trimmed: ArraySlice<UInt8> {
      func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
      var rest = bytes.drop(while: isSpace)
      while let last = rest.last, isSpace(last) { rest.removeLast() }
      return rest
    }

    var isEmpty: Bool { trimmed.isEmpty }

    /// The text of a field that is to be one.
    ///
    /// - Throws: where its bytes are no UTF-8.
    func text(_ file: String) throws(DataError) -> String {
      let trimmed = trimmed
      guard let place = UTF8Pieces.firstOther(in: trimmed) else {
        return String(decoding: trimmed, as: UTF8.self)
      }
      throw DataError(
        file, line: line, column: isQuoted ? column : column + place - bytes.startIndex,
        DataError.notUTF8(trimmed))
    }
  }

  let file: String
  private let separator: UInt8
  private let limits: DataLimits
  private var window: TextWindow
  /// The line at the window's start.
  private var line = 1

  /// - Parameter separator: a space stands for any number of spaces and tabs.
  init(_ reader: DataReader, separator: UInt8, _ limits: DataLimits) throws(DataError) {
    file = reader.file
    window = try TextWindow(reader, limits)
    self.separator = separator
    self.limits = limits
  }

  /// The next record; `nil` at the end.
  mutating func next() throws(DataError) -> [Field]? {
    try skipEmptyLines()
    while let (end, ending) = try recordEnd() {
      try window.check(line: line)
      let (fields, breaks) = try fields(upTo: end)
      line += breaks + (ending > 0 ? 1 : 0)
      window.start = end + ending
      if fields.count > 1 || fields[0].isQuoted || !fields[0].isEmpty { return fields }
      try skipEmptyLines()
    }
    return nil
  }

  /// Goes past the line ends at the window's start, of which a file may be full.
  private mutating func skipEmptyLines() throws(DataError) {
    while true {
      let start = window.start
      let (place, count) = window.bytes.withUnsafeBufferPointer { bytes in
        var (place, count) = (start, 0)
        while place < bytes.count, bytes[place] == 10 || bytes[place] == 13 {
          // Behind a CR that is the last byte of a piece an LF may follow.
          let isReturn = bytes[place] == 13
          if isReturn && place + 1 == bytes.count { break }
          place += isReturn && bytes[place + 1] == 10 ? 2 : 1
          count += 1
        }
        return (place, count)
      }
      window.start = place
      line += count
      // The line at the window's start may be none.
      try window.check(line: line - 1)
      if window.start < window.bytes.count { return }
      if try !window.fill(line: line) { return }
    }
  }

  /// Where the record at the window's start ends, and the length of its line end; all of it is in
  /// the window then. `nil` at the end of the text.
  private mutating func recordEnd() throws(DataError) -> (end: Int, ending: Int)? {
    var state = State.fieldStart
    var scanned = 0
    while true {
      let start = window.start
      let (place, isBreak) = scan(from: start + scanned, &state)
      // Behind a CR that is the last byte of a piece an LF may follow.
      if isBreak, window.bytes[place] == 10 || place + 1 < window.bytes.count {
        return (place, window.bytes[place] == 13 && window.bytes[place + 1] == 10 ? 2 : 1)
      }
      scanned = place - start
      let reason = state == .quoted ? ": is the quote that opens in it closed?" : ""
      if try !window.fill(line: line, reason: reason) {
        if isBreak { return (place, 1) }
        return place == start ? nil : (place, 0)
      }
    }
  }

  private enum State {
    case fieldStart
    case unquoted
    case quoted
    /// Behind a quote in a quoted field: its end, or the first half of a doubled one.
    case behindQuote
  }

  /// The first line end outside quotes, or the window's end.
  private func scan(from start: Int, _ state: inout State) -> (place: Int, isBreak: Bool) {
    var seen = state
    let found: (Int, Bool) = window.bytes.withUnsafeBufferPointer { bytes in
      var place = start
      while place < bytes.count {
        let byte = bytes[place]
        if byte == UInt8(ascii: "\"") {
          switch seen {
          case .fieldStart, .behindQuote: seen = .quoted
          case .quoted: seen = .behindQuote
          case .unquoted: break
          }
        } else if seen != .quoted {
          if byte == 10 || byte == 13 { return (place, true) }
          if isSeparator(byte) {
            seen = .fieldStart
          } else if seen != .fieldStart || byte != 32 && byte != 9 {
            seen = .unquoted
          }
        }
        place += 1
      }
      return (place, false)
    }
    state = seen
    return found
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == separator || separator == 32 && byte == 9
  }

  private func isBlank(_ byte: UInt8) -> Bool { (byte == 32 || byte == 9) && byte != separator }

  /// The fields of a record that is in the window, and the line ends in quotes.
  private func fields(upTo end: Int) throws(DataError) -> (fields: [Field], breaks: Int) {
    let bytes = window.bytes
    let quote = UInt8(ascii: "\"")
    var fields: [Field] = []
    var position = window.start
    var line = line
    var lineStart = position
    func skipBlanks(_ isSkipped: (UInt8) -> Bool) {
      while position < end, isSkipped(bytes[position]) { position += 1 }
    }
    while true {
      // Of several spaces in a row only the first one separates.
      if separator == 32 { skipBlanks(isSeparator) }
      guard fields.count < limits.columns else {
        throw DataError(
          file, line: line, "expected at most \(limits.columns) fields, found more")
      }
      let start = (place: position, line: line, column: position - lineStart + 1)
      skipBlanks(isBlank)
      if position < end, bytes[position] == quote {
        var text: [UInt8] = []
        position += 1
        while true {
          guard position < end else {
            throw DataError(
              file, line: start.line, column: start.column,
              "expected a closing quote, found the end of the file")
          }
          let byte = bytes[position]
          position += 1
          if byte == quote {
            guard position < end, bytes[position] == quote else { break }
            position += 1
          } else if byte == 10 || byte == 13 && (position == end || bytes[position] != 10) {
            line += 1
            lineStart = position
          }
          text.append(byte)
        }
        skipBlanks(isBlank)
        guard position == end || isSeparator(bytes[position]) else {
          throw DataError(
            file, line: line, column: position - lineStart + 1,
            "expected a separator after the closing quote")
        }
        fields.append(
          Field(bytes: text[...], line: start.line, column: start.column, isQuoted: true))
      } else {
        while position < end, !isSeparator(bytes[position]) {
          guard bytes[position] != quote else {
            throw DataError(
              file, line: line, column: position - lineStart + 1,
              "expected quotes around the whole field, found one inside it")
          }
          position += 1
        }
        fields.append(
          Field(bytes: bytes[start.place..<position], line: start.line, column: start.column))
      }
      if separator == 32 { skipBlanks(isSeparator) }
      guard position < end else { return (fields, line - self.line) }
      if separator != 32 { position += 1 }
    }
  }
}
