/// A text that is read forward, of which a part is held: what is being looked at.
struct TextWindow {
  let file: String
  /// From the last ``start`` on that was dropped to.
  private(set) var bytes: [UInt8] = []
  /// What is before it is dropped when more is read.
  var start = 0
  private let reader: DataReader
  private let limits: DataLimits

  /// A byte-order mark is no part of the text.
  init(_ reader: DataReader, _ limits: DataLimits) throws(DataError) {
    file = reader.file
    self.reader = reader
    self.limits = limits
    bytes = try reader.next() ?? []
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
  }

  /// Appends the next piece, and drops what is before ``start``, which becomes 0; `false` at the end.
  ///
  /// - Parameters:
  ///   - line: the one at ``start``.
  ///   - reason: why the line may be as long as it is, for the error.
  mutating func fill(line: Int, reason: String = "") throws(DataError) -> Bool {
    guard bytes.count - start <= limits.lineBytes else {
      throw DataError(
        file, line: line,
        "expected lines of at most \(limits.lineBytes) bytes, found a longer one\(reason)")
    }
    guard let piece = try reader.next() else { return false }
    bytes.removeSubrange(..<start)
    start = 0
    bytes += piece
    return true
  }

  /// - Throws: where a line has too large a number.
  func check(line: Int) throws(DataError) {
    guard line <= limits.lines else {
      throw DataError(
        file, line: limits.lines + 1, "expected at most \(limits.lines) lines, found more")
    }
  }
}

/// The lines of a text, which end in LF, CRLF or CR.
struct TextLines {
  /// The number of the last one, from 1.
  private(set) var number = 0
  private var window: TextWindow

  init(_ reader: DataReader, _ limits: DataLimits) throws(DataError) {
    window = try TextWindow(reader, limits)
  }

  /// The next line without its end; `nil` at the end of the text.
  mutating func next() throws(DataError) -> ArraySlice<UInt8>? {
    var scanned = 0
    while true {
      let from = window.start + scanned
      let end = window.bytes[from...].firstIndex { $0 == 10 || $0 == 13 }
      // Behind a CR that is the last byte of a piece an LF may follow.
      if let end, window.bytes[end] == 10 || end + 1 < window.bytes.count {
        return try take(end, ending: window.bytes[end] == 13 && window.bytes[end + 1] == 10 ? 2 : 1)
      }
      scanned = (end ?? window.bytes.count) - window.start
      if try !window.fill(line: number + 1) {
        guard window.start < window.bytes.count else { return nil }
        return try take(end ?? window.bytes.count, ending: end == nil ? 0 : 1)
      }
    }
  }

  private mutating func take(
    _ end: Int, ending: Int
  ) throws(DataError) -> ArraySlice<UInt8> {
    number += 1
    try window.check(line: number)
    let line = window.bytes[window.start..<end]
    window.start = end + ending
    return line
  }
}
