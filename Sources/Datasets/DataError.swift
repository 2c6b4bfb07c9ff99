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

  public var description: String {
    var place = file
    if let line { place += ":\(line)" }
    if let column { place += ":\(column)" }
    return "\(place): \(message)"
  }

  /// Text of a file for a message: on one line, control characters escaped, not too long.
  static func quoted(_ text: some StringProtocol) -> String {
    var shown = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      if count == 40 {
        shown += "…"
        break
      }
      shown += scalar == "\"" ? "\\\"" : scalar.escaped(asASCII: false)
    }
    return "\"\(shown)\""
  }
}
