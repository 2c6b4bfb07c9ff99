/// What is wrong with a user's data, on one line: `a1a:17: expected index:value, found "foo"`.
public struct DataError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The file, as the caller named it.
  public let file: String
  /// From 1; `nil` where the fault has no line.
  public let line: Int?
  /// Byte in the line, from 1; `nil` where the fault has no column.
  public let column: Int?
  /// What was wrong and what would be right.
  public let message: String

  public init(_ file: String, line: Int? = nil, column: Int? = nil, _ message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.message = message
  }

  /// What is wrong with a text that is to be UTF-8; `nil` where it is.
  package init?(notUTF8 bytes: [UInt8], of file: String) {
    guard let place = UTF8Pieces.firstOther(in: bytes[...]) else { return nil }
    let before = bytes[..<place]
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
    // The word that it stands in.
    let first = before.lastIndex(where: isSpace).map { $0 + 1 } ?? 0
    let end = bytes[place...].firstIndex(where: isSpace) ?? bytes.endIndex
    self.init(
      file, line: 1 + before.count { $0 == 10 }, column: place - start + 1,
      Self.notUTF8(bytes[max(first, place - Self.longest / 2)..<end]))
  }

  static func notUTF8(_ found: ArraySlice<UInt8>) -> String {
    "expected text in UTF-8, found \(quoted(bytes: found)): is it Latin-1? "
      + "'iconv -f latin1 -t utf-8' converts it"
  }

  /// On one line, whatever the file's name: bytes of it that are no UTF-8 are shown as `\xE9`.
  public var description: String {
    var place = Self.shown(file: file)
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return "\(place): \(message)"
  }

  /// A file's name as it stands in messages.
  package static func shown(file: String) -> String {
    file.isEmpty
      ? "\"\"" : file.unicodeScalars.reduce(into: "") { $0 += shown($1, quote: false) }
  }

  /// Text of a file for a message: on one line, what can't be seen as code points, not too long.
  static func quoted(_ text: some StringProtocol) -> String {
    var shown = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      if count == longest {
        shown += "…"
        break
      }
      shown += self.shown(scalar, quote: true)
    }
    return "\"\(shown)\""
  }

  /// The same of bytes; those that are no UTF-8 as `\xE9`.
  static func quoted(bytes: ArraySlice<UInt8>) -> String {
    var shown = ""
    for (count, piece) in UTF8Pieces(bytes.prefix(4 * longest + 4)).enumerated() {
      if count == longest {
        shown += "…"
        break
      }
      switch piece {
      case .scalar(let scalar): shown += self.shown(scalar, quote: true)
      case .other(let byte): shown += self.shown(byte: byte)
      }
    }
    return "\"\(shown)\""
  }

  /// Code points of a text that a message shows.
  private static let longest = 40

  private static func shown(_ scalar: Unicode.Scalar, quote: Bool) -> String {
    if scalar == "\"" && quote { return "\\\"" }
    if let byte = FileName.byte(scalar) { return shown(byte: byte) }
    if scalar.isASCII { return scalar.escaped(asASCII: false) }
    let isSeen =
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse,
        .surrogate, .unassigned:
        false
      default: !scalar.properties.isDefaultIgnorableCodePoint
      }
    return isSeen ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }

  private static func shown(byte: UInt8) -> String {
    "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}
