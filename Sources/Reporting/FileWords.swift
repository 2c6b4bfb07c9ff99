extension Comparison {
  /// A rule in the name of a file: lower-case letters and digits, joined by hyphens, and a number
  /// where another rule before it has the same.
  func fileWord(_ rule: Int) -> String { FileWords.words(rules)[rule] }
}

/// Names as parts of files' names, no two of them alike.
enum FileWords {
  static func words(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      let plain = word(name)
      var word = plain
      var number = 2
      while !taken.insert(word).inserted {
        word = "\(plain)-\(number)"
        number += 1
      }
      return word
    }
  }

  private static func word(_ name: String) -> String {
    let kept = name.lowercased().unicodeScalars.map { scalar -> Character in
      let isPlain =
        ("a"..."z").contains(Character(scalar)) || ("0"..."9").contains(Character(scalar))
      return isPlain ? Character(scalar) : "-"
    }
    let words = String(kept).split(separator: "-").joined(separator: "-").prefix(longest)
    return words.isEmpty ? "rule" : String(words)
  }

  private static let longest = 100
}
