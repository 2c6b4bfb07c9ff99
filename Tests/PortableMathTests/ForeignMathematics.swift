/// Finds mathematics of the C library or of Foundation in source text.
enum ForeignMathematics {
  static let functions = [
    "exp", "exp2", "exp10", "expm1", "log", "log2", "log10", "log1p", "logb", "pow", "sqrt", "cbrt",
    "hypot", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh",
    "acosh", "atanh", "erf", "erfc", "gamma", "lgamma", "tgamma", "fma", "fmod", "remainder",
    "ldexp",
    "frexp", "scalbn", "floor", "ceil", "round", "trunc", "rint", "fabs", "drand48", "arc4random",
  ]
  private static let libraries: Set<String> = [
    "Glibc", "Musl", "Darwin", "Android", "Bionic", "CRT", "ucrt", "WinSDK", "Accelerate", "simd",
  ]
  private static let headers: Set<String> = ["math.h", "tgmath.h", "complex.h", "fenv.h"]

  /// What in a Swift file is foreign, one line each.
  static func inSwift(_ text: String) -> [String] {
    let words = self.words(of: code(of: text, swift: true))
    // A file's own functions may have these names.
    var own: Set<String> = []
    for (before, word) in zip(words, words.dropFirst()) where before == "func" { own.insert(word) }
    var found: [String] = []
    for (i, word) in words.enumerated() {
      let before = i > 0 ? words[i - 1] : ""
      let after = i + 1 < words.count ? words[i + 1] : ""
      if libraries.contains(word) && (before == "import" || importKinds.contains(before)) {
        found.append("import \(word)")
      }
      guard functions.contains(word) else { continue }
      let qualifier = before == "." && i > 1 ? words[i - 2] : ""
      if qualifier == "Foundation" || libraries.contains(qualifier) {
        found.append("\(qualifier).\(word)")
      } else if before != "." && before != "func" && !own.contains(word) {
        if after == "(" { found.append("\(word)(…)") }
        if before == "(" && after == ")" && i > 1 && words[i - 2] == "map" {
          found.append("map(\(word))")
        }
      }
    }
    return found
  }

  /// What in a C file is foreign, one line each.
  static func inC(_ text: String) -> [String] {
    let words = self.words(of: code(of: text, swift: false))
    var found: [String] = []
    for (i, word) in words.enumerated() {
      if word == "include", i + 4 < words.count, words[i + 1] == "<" {
        let header = words[i + 2...i + 4].joined()
        if headers.contains(header) { found.append("#include <\(header)>") }
      }
      for prefix in ["", "__builtin_", "__builtin_elementwise_"] where word.hasPrefix(prefix) {
        let name = String(word.dropFirst(prefix.count))
        let single = name.hasSuffix("f") ? String(name.dropLast()) : name
        // The vectors' own fused multiply-add is what a matrix product is made of, and their square
        // root is an instruction, exact by IEEE 754.
        if prefix == "__builtin_elementwise_" && ["fma", "sqrt"].contains(name) { continue }
        if functions.contains(name) || functions.contains(single),
          i + 1 < words.count, words[i + 1] == "("
        {
          // NAME(exp) and the like make names of our own.
          if prefix.isEmpty && i > 0 && words[i - 1] == "(" && words[i + 1] == ")" { continue }
          found.append("\(word)(…)")
        }
      }
    }
    return found
  }

  private static let importKinds: Set<String> = ["func", "struct", "class", "enum", "let", "var"]

  /// Identifiers, and every other character that is not space as a word of its own.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      if !word.isEmpty { words.append(word) }
      word = ""
      if !character.isWhitespace { words.append(String(character)) }
    }
    return word.isEmpty ? words : words + [word]
  }

  /// The text without comments and string literals; interpolations stay.
  private static func code(of text: String, swift: Bool) -> String {
    var code = ""
    var rest = Substring(text)
    /// For each open interpolation, its string's delimiter and the parentheses open within.
    var interpolations: [(delimiter: String, depth: Int)] = []
    var string: String?
    while let character = rest.first {
      if let delimiter = string {
        if swift && rest.hasPrefix("\\(") {
          interpolations.append((delimiter, 0))
          string = nil
          rest.removeFirst(2)
          code += " "
        } else if character == "\\" {
          rest.removeFirst(min(2, rest.count))
        } else if rest.hasPrefix(delimiter) {
          string = nil
          rest.removeFirst(delimiter.count)
          code += " "
        } else {
          rest.removeFirst()
        }
        continue
      }
      if rest.hasPrefix("//") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        while !rest.isEmpty && !rest.hasPrefix("*/") { rest.removeFirst() }
        rest = rest.dropFirst(2)
      } else if swift && rest.hasPrefix("\"\"\"") {
        string = "\"\"\""
        rest.removeFirst(3)
      } else if character == "\"" {
        string = "\""
        rest.removeFirst()
      } else {
        if character == "(", !interpolations.isEmpty {
          interpolations[interpolations.count - 1].depth += 1
        }
        if character == ")", let last = interpolations.last {
          if last.depth == 0 {
            string = last.delimiter
            interpolations.removeLast()
            rest.removeFirst()
            continue
          }
          interpolations[interpolations.count - 1].depth -= 1
        }
        code.append(character)
        rest.removeFirst()
      }
    }
    return code
  }
}
