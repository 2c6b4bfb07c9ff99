internal import HypergradientRecipes

// What a key of a line is to hold, and what is said where it does not.
extension AnswerLine {
  /// That a key is missing or holds something else.
  package func wrong(_ key: String, _ expected: String) -> ChildFault {
    ChildFault(
      "answered \(ChildFault.shown(bytes)), "
        + (self[key] == nil
          ? "without '\(key)', \(expected)" : "where '\(key)' is not \(expected)"))
  }

  /// That there is no key but the known ones.
  ///
  /// - Parameter kind: of the line, for the message.
  package func checkKeys(_ known: [String], of kind: String) throws(ChildFault) {
    for (key, _) in values where !known.contains(key) {
      throw ChildFault("answered \(unknownName(key, kind: "key of \(kind)", among: known))")
    }
  }

  package func flag(_ key: String, default standard: Bool) throws(ChildFault) -> Bool {
    switch self[key] {
    case nil, .some(.none): return standard
    case .flag(let flag)?: return flag
    default: throw wrong(key, "true or false")
    }
  }

  package func count(_ key: String, in range: ClosedRange<Int>) throws(ChildFault) -> Int? {
    switch self[key] {
    case nil, .some(.none): return nil
    case .number(let x)?:
      guard let count = Int(exactly: x), range.contains(count) else { fallthrough }
      return count
    default: throw wrong(key, "a whole number in \(range.lowerBound)...\(range.upperBound)")
    }
  }

  /// That the program speaks this version of the lines.
  package func checkVersion(_ version: Int) throws(ChildFault) {
    guard let spoken = try count("version", in: 1...1_000_000) else {
      throw wrong("version", "which is \(version)")
    }
    guard spoken == version else {
      throw ChildFault("speaks version \(spoken) of the protocol, not \(version)")
    }
  }

  /// How the program writes numbers: `numbers`, or doubles in base64.
  package func wireFormat() throws(ChildFault) -> WireFormat {
    switch self["numbers"] {
    case nil, .some(.none): return .float64
    case .text(let word)?:
      guard let known = WireFormat(rawValue: String(decoding: word, as: UTF8.self)) else {
        fallthrough
      }
      return known
    default:
      throw wrong(
        "numbers",
        "one of " + WireFormat.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
    }
  }

  /// Numbers, as many as there are parameters; finite or not.
  ///
  /// - Parameter name: what they are, for the message: "a gradient".
  package func vector(
    _ key: String, _ name: String, count: Int, _ format: WireFormat
  ) throws(ChildFault) -> [Double] {
    guard let value = self[key], let numbers = format.numbers(value) else {
      let article = "aeiou".contains(key.prefix(1)) ? "an" : "a"
      throw ChildFault("answered \(shown), without \(article) '\(key)', \(format.expected)")
    }
    guard numbers.count == count else {
      throw ChildFault("answered \(name) of \(numbers.count) numbers, not \(count)")
    }
    return numbers
  }
}
