internal import Records

/// What is looked at in the text of a suite before YAML is read from it: what would take a reader all
/// its time, memory or stack.
struct SuiteText {
  private let bytes: [UInt8]
  private let file: String

  init(_ text: String, file: String) {
    bytes = Array(text.utf8)
    self.file = file
  }

  /// - Throws: ``ExperimentError`` with the line of an alias, which may stand for any number of others,
  ///   of too deep a nesting or of too long a text.
  func check() throws(ExperimentError) {
    guard bytes.count <= Files.longestText else {
      throw ExperimentError("\(file): \(bytes.count) bytes, not at most \(Files.longestText)")
    }
    var line = 1
    var isFresh = true  // Nothing but spaces and the marks of items stands before on the line.
    var column = 0
    var depth = 0
    var quote: UInt8?
    var before = UInt8(ascii: "\n")  // The last byte that is no space.
    var anchors: Set<ArraySlice<UInt8>> = []
    var aliases: [(name: ArraySlice<UInt8>, line: Int)] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let isSpaced = index == 0 || Self.isSpace(bytes[index - 1])
      defer { index += 1 }
      if byte == UInt8(ascii: "\n") {
        (line, isFresh, column) = (line + 1, true, 0)
        if quote == nil { before = byte }
        continue
      }
      column += 1
      if let open = quote {
        if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") { index += 1 }
        if byte == open { quote = nil }
        continue
      }
      if byte == UInt8(ascii: "#"), isSpaced {
        while index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") { index += 1 }
        continue
      }
      if byte == UInt8(ascii: "\""), opens(after: before) { quote = byte }
      if byte == UInt8(ascii: "'"), opens(after: before) { quote = byte }
      if opens(after: before) || isSpaced {
        if byte == UInt8(ascii: "&") { anchors.insert(name(from: index + 1)) }
        if byte == UInt8(ascii: "*") { aliases.append((name(from: index + 1), line)) }
      }
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
      if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth = max(0, depth - 1) }
      if isFresh && !Self.isSpace(byte) {
        isFresh =
          byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: ":")
        if column > Self.deepest { throw tooDeep(line) }
      }
      if depth > Self.deepest { throw tooDeep(line) }
      if !Self.isSpace(byte) { before = byte }
    }
    if let alias = aliases.first(where: { anchors.contains($0.name) && !$0.name.isEmpty }) {
      let name = String(decoding: alias.name.prefix(40), as: UTF8.self)
      throw ExperimentError(
        "\(file):\(alias.line): '*\(name)' stands for another part: a suite has no anchors and "
          + "aliases, write it out")
    }
  }

  private func tooDeep(_ line: Int) -> ExperimentError {
    ExperimentError("\(file):\(line): nested too deeply")
  }

  /// Whether a value may begin after that byte.
  private func opens(after byte: UInt8) -> Bool { Self.openers.contains(byte) }

  private func name(from start: Int) -> ArraySlice<UInt8> {
    let end =
      bytes[start...].firstIndex { Self.isSpace($0) || Self.closers.contains($0) }
      ?? bytes.endIndex
    return bytes[start..<end]
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
      || byte == UInt8(ascii: "\r")
  }

  private static let openers = Array("\n[{,:-?".utf8)
  private static let closers = Array(",[]{}".utf8)
  /// Levels, and columns before a line begins.
  private static let deepest = 200
}
