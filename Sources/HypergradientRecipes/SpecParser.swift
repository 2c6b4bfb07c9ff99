internal import PortableMath

/// Reads texts of the grammar at ``SpecNode``.
public struct SpecParser {
  private let text: String
  private let characters: [Character]
  private let variables: Set<String>
  private var position = 0
  private var depth = 0

  /// - Parameter variables: names that stand for numbers.
  public init(_ text: String, variables: Set<String> = []) {
    self.text = text
    characters = Array(text)
    self.variables = variables
  }

  /// The calls of a text, separated by "+", to its end.
  public mutating func sum() throws(SpecError) -> [SpecNode] {
    var nodes = [try call()]
    while take("+") { nodes.append(try call()) }
    skipSpace()
    if position < characters.count {
      throw error("expected the end, found \(found)")
    }
    return nodes
  }

  private mutating func call() throws(SpecError) -> SpecNode {
    try descend()
    defer { depth -= 1 }
    skipSpace()
    let column = position + 1
    guard let name = identifier() else { throw error("expected a name, found \(found)") }
    var node = SpecNode(name: name, arguments: [], modifiers: [], column: column)
    if take("(") {
      if !take(")") {
        repeat { node.arguments.append(try argument()) } while take(",")
        guard take(")") else { throw error("expected ',' or ')', found \(found)") }
      }
    }
    while peek(".") && !peekRange() {
      _ = take(".")
      var modifier = try call()
      // A call takes the modifiers behind it: keep them in one list.
      let rest = modifier.modifiers
      modifier.modifiers = []
      node.modifiers.append(modifier)
      node.modifiers.append(contentsOf: rest)
    }
    return node
  }

  private mutating func argument() throws(SpecError) -> SpecArgument {
    skipSpace()
    let start = position
    if let label = identifier(), take(":") {
      return try argument(label, column: start + 1)
    }
    position = start
    return try argument(nil, column: start + 1)
  }

  private mutating func argument(
    _ label: String?, column: Int
  ) throws(SpecError) -> SpecArgument {
    SpecArgument(label: label, value: try value(), column: column)
  }

  private mutating func value() throws(SpecError) -> SpecValue {
    try descend()
    defer { depth -= 1 }
    skipSpace()
    if take("[") {
      var values: [SpecValue] = []
      if take("]") { return .list([]) }
      repeat { values.append(try value()) } while take(",")
      guard take("]") else { throw error("expected ',' or ']', found \(found)") }
      return .list(values)
    }
    if peek("\"") { return .text(try quotedText()) }
    if peek(".") && !startsNumber() {
      _ = take(".")
      return .call(try call())
    }
    if startsNumber() || startsVariable() {
      let first = try number()
      skipSpace()
      if peekRange() {
        position += 3
        return .range(first, try number())
      }
      return .number(first)
    }
    return .call(try call())
  }

  /// What stands between two quotes.
  private mutating func quotedText() throws(SpecError) -> String {
    let start = position
    position += 1
    var text = ""
    while position < characters.count {
      let character = characters[position]
      if character == "\"" {
        position += 1
        return text
      }
      guard character.isPlain else {
        throw error("a text in quotes has no line break, and nothing else that can't be seen")
      }
      if character == "\\" {
        position += 1
        guard position < characters.count, "\"\\".contains(characters[position]) else {
          throw error("expected '\"' or '\\' after '\\' in a text in quotes, found \(found)")
        }
      }
      text.append(characters[position])
      position += 1
    }
    position = start
    throw error("the quote that begins here has no end")
  }

  private mutating func number() throws(SpecError) -> SpecNumber {
    var result = try factor()
    var factors = 1
    while true {
      if take("*") {
        result = result.times(try factor())
      } else if take("/") {
        result = result.dividedBy(try factor())
      } else {
        return result
      }
      factors += 1
      guard factors <= 100 else { throw error("a number has at most 100 factors") }
    }
  }

  private mutating func factor() throws(SpecError) -> SpecNumber {
    try descend()
    defer { depth -= 1 }
    skipSpace()
    if take("-") {
      let number = try factor()
      if case .literal(let x) = number { return .literal(-x) }
      return .negative(number)
    }
    if take("+") { return try factor() }
    let start = position
    if let name = identifier() {
      if variables.contains(name) { return .variable(name) }
      if let x = NumberSpelling.nonFinite(name.utf8) { return .literal(x) }
      position = start
      let known = variables.sorted().joined(separator: ", ")
      throw error(
        "expected a number\(known.isEmpty ? "" : " or one of \(known)"), found '\(name)'")
    }
    while position < characters.count, isNumeral(at: position) { position += 1 }
    let literal = String(characters[start..<position])
    guard let value = Double(literal) else {
      let isCutOff = position < characters.count && meantMark(characters[position]) != nil
      let shown = literal.isEmpty ? found : "'\(literal)'" + (isCutOff ? " before \(found)" : "")
      position = start
      throw error("expected a number, found \(shown)")
    }
    guard value != 0 || !NumberSpelling.isTooSmall(literal.utf8) else {
      position = start
      throw error("'\(literal)' is smaller than a Double holds")
    }
    return .literal(value)
  }

  /// One level deeper; the stack has an end, and no method needs so many.
  private mutating func descend() throws(SpecError) {
    guard depth < 100 else { throw error("nested too deeply") }
    depth += 1
  }

  // MARK: Characters

  private func isNumeral(at index: Int) -> Bool {
    let character = characters[index]
    if character.isASCII && character.isNumber { return true }
    if character == "." { return !(index + 1 < characters.count && characters[index + 1] == ".") }
    if character == "e" || character == "E" { return true }
    if character == "-" || character == "+" {
      return index > 0 && (characters[index - 1] == "e" || characters[index - 1] == "E")
    }
    return false
  }

  private func startsNumber() -> Bool {
    guard position < characters.count else { return false }
    let first = characters[position]
    if first.isASCII && first.isNumber { return true }
    let next = position + 1 < characters.count ? characters[position + 1] : " "
    if first == "-" || first == "+" { return true }
    return first == "." && next.isASCII && next.isNumber
  }

  private func startsVariable() -> Bool {
    var copy = self
    guard let name = copy.identifier() else { return false }
    return (variables.contains(name) || NumberSpelling.nonFinite(name.utf8) != nil)
      && !copy.peek("(")
  }

  private mutating func identifier() -> String? {
    skipSpace()
    let start = position
    while position < characters.count {
      let character = characters[position]
      let isLetter = character.isASCII && (character.isLetter || character == "_")
      let isDigit = position > start && character.isASCII && (character.isNumber)
      guard isLetter || isDigit else { break }
      position += 1
    }
    return position > start ? String(characters[start..<position]) : nil
  }

  private func peekRange() -> Bool {
    position + 2 < characters.count && characters[position...(position + 2)] == [".", ".", "."]
  }

  private mutating func peek(_ character: Character) -> Bool {
    skipSpace()
    return position < characters.count && characters[position] == character
  }

  private mutating func take(_ character: Character) -> Bool {
    guard peek(character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  private var found: String {
    guard position < characters.count else { return "the end" }
    let character = characters[position]
    return "'\(character)'" + (meantMark(character).map { "; did you mean '\($0)'?" } ?? "")
  }

  private func error(_ message: String) -> SpecError {
    SpecError(text: text, column: position + 1, message: message)
  }
}

extension Character {
  /// Whether it is no line break and no other control character.
  package var isPlain: Bool {
    unicodeScalars.allSatisfy {
      switch $0.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }
}
