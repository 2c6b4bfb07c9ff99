internal import ArgumentParser
internal import Datasets
internal import PortableMath

/// What an option's text names.
package enum OptionText {
  /// A file's name, whatever its bytes are.
  package static func name(_ argument: String) throws -> String {
    guard let name = FileName.argument(argument) else {
      throw ValidationError(
        "the names of two files differ only in bytes that are no UTF-8")
    }
    return name
  }

  /// The name of a file or folder that is written.
  package static func output(_ argument: String) throws -> String {
    // Other bytes have become U+FFFD, which may also be in a name itself.
    guard argument.unicodeScalars.contains("\u{fffd}") else { return argument }
    guard let name = FileName.argument(argument),
      FileName.withBytes(name, { String(validatingCString: $0) }) == argument
    else { throw ValidationError("the name of what is written is to be UTF-8") }
    return argument
  }

  /// A whole number.
  package static func whole(_ argument: String) throws -> Int {
    if let number = Int(argument) { return number }
    let isWhole = !argument.isEmpty && argument.drop { $0 == "-" }.allSatisfy(\.isWholeNumber)
    throw ValidationError(
      isWhole ? "it is not in \(Int.min)...\(Int.max)" : "a whole number is expected, such as 3")
  }

  /// A number.
  package static func number(_ argument: String) throws -> Double {
    guard let number = Double(argument) else {
      throw ValidationError("a number is expected, such as 0.001 or 1e-3")
    }
    if number == 0, NumberSpelling.isTooSmall(argument.utf8) {
      throw ValidationError("it is smaller than a Double holds")
    }
    return number
  }

  /// Arguments in which a number below zero stands with its option, whose value it is.
  static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    for argument in arguments {
      if let option = joined.last, option.hasPrefix("--"), option.count > 2, !option.contains("="),
        argument.hasPrefix("-"), let digit = argument.dropFirst().first,
        digit.isWholeNumber || digit == "." || Double(argument) != nil
      {
        joined[joined.count - 1] += "=" + argument
      } else {
        joined.append(argument)
      }
    }
    return joined
  }
}

/// - Throws: a `ValidationError` where an option's number is outside its range.
package func check(_ option: String, _ value: Int, in range: ClosedRange<Int>) throws {
  guard !range.contains(value) else { return }
  throw ValidationError("\(option) is \(value), not in \(range)")
}
