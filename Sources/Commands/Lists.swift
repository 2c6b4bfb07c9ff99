internal import ArgumentParser

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
struct Words: ExpressibleByArgument {
  var words: [String]
  init?(argument: String) {
    words = Self.parts(argument).map { String($0.trimmingPrefix(while: { $0 == " " })) }
    if words.isEmpty { return nil }
  }

  /// Between the commas that are in no brackets and no quotes, so that a text may stand in a list.
  private static func parts(_ argument: String) -> [Substring] {
    var (depth, isQuoted, isEscaped) = (0, false, false)
    return argument.split { character in
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
struct Seeds: ExpressibleByArgument {
  var numbers: [Int] = []
  init?(argument: String) {
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "...", omittingEmptySubsequences: false).map { Int($0) }
      // No seed is below zero, so that no difference is too large.
      guard let low = ends[0], low >= 0, let high = ends.last ?? nil, ends.count <= 2, low <= high,
        high - low < Self.most, numbers.count + (high - low) < Self.most
      else { return nil }
      numbers += Array(low...high)
    }
  }

  /// One that is there twice; `nil` where none is.
  var repeated: Int? {
    var seen: Set<Int> = []
    return numbers.first { !seen.insert($0).inserted }
  }

  /// Seeds of a comparison.
  private static let most = 10_000
}
