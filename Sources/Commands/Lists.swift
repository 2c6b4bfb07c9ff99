internal import ArgumentParser

extension ArgumentHelp {
  /// Of `--task`.
  static let task: ArgumentHelp =
    "The task, a name of 'hypergrad list tasks' with its arguments."
}

/// One of a type's cases on the command line.
struct Choice<Value: RawRepresentable<String> & CaseIterable>: ExpressibleByArgument {
  let value: Value
  init(_ value: Value) { self.value = value }
  init?(argument: String) {
    guard let value = Value(rawValue: argument) else { return nil }
    self.value = value
  }
  static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
  var defaultValueDescription: String { value.rawValue }
}

/// `a,b,c` on the command line.
struct Words {
  let words: [String]

  /// - Throws: a `ValidationError` where a word is empty, or there twice.
  init(text: String) throws {
    words = Self.parts(text).map { String($0.trimmed) }
    if words.contains("") { throw ValidationError("names are expected, such as a,b,c") }
    try checkDifferent(words.map { "'\($0)'" })
  }

  /// Between the commas that are in no brackets and no quotes, so that a text may stand in a list.
  private static func parts(_ argument: String) -> [Substring] {
    var (depth, isQuoted, isEscaped) = (0, false, false)
    return argument.split(omittingEmptySubsequences: false) { character in
      if isQuoted {
        (isQuoted, isEscaped) = (
          isEscaped || character != "\"", character == "\\" && !isEscaped
        )
        return false
      }
      switch character {
      case "\"": isQuoted = true
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      default: break
      }
      return character == "," && depth <= 0
    }
  }
}

/// `1,2,101...105` on the command line.
struct Seeds: CustomStringConvertible {
  let numbers: [Int]
  let description: String

  init(_ range: ClosedRange<Int>) {
    numbers = Array(range)
    description = "\(range)"
  }

  /// - Throws: a `ValidationError` with what is wrong: a seed that is there twice, too.
  init(text: String) throws {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed) {
      let ends = part.split(separator: "...", omittingEmptySubsequences: false)
        .map { Int($0.trimmed) }
      guard let low = ends[0], let high = ends.last ?? nil, ends.count <= 2 else {
        throw ValidationError(
          "'\(part)' is no whole number and no range; seeds are such as 1,2,101...105")
      }
      if min(low, high) < 0 { throw ValidationError("a seed is at least 0, not \(min(low, high))") }
      if low > high { throw ValidationError("'\(part)' ends before it begins") }
      // No seed is below zero, so that no difference is too large.
      guard high - low < Self.most, numbers.count + (high - low) < Self.most else {
        throw ValidationError("these are more than \(Self.most) seeds")
      }
      numbers += Array(low...high)
    }
    try checkDifferent(numbers.map { "seed \($0)" })
    self.numbers = numbers
    description = text
  }

  /// - Throws: a `ValidationError` where there are more than a test or a search takes.
  func checkForTrials() throws {
    if numbers.count > 100 {
      throw ValidationError("--seeds names \(numbers.count) seeds, more than 100")
    }
  }

  /// Seeds of a comparison.
  private static let most = 10_000
}

/// - Parameter option: the option, where the message does not name it anyway.
/// - Throws: a `ValidationError` where an entry of a list is there twice.
func checkDifferent(_ entries: [String], option: String = "it") throws {
  var seen: Set<String> = []
  if let twice = entries.first(where: { !seen.insert($0).inserted }) {
    throw ValidationError("\(option) names \(twice) twice: it shows nothing new")
  }
}

extension Substring {
  /// Without the spaces around it.
  fileprivate var trimmed: Substring {
    var rest = trimmingPrefix { $0 == " " }
    while rest.last == " " { rest.removeLast() }
    return rest
  }
}
