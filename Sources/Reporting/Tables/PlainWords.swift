internal import Foundation

/// Lower-case ASCII words and numbers of a name, in its order: what files and a program's headings
/// are called. Accents go, Greek letters are spelled, raised and lowered digits are digits.
func plainWords(_ name: String) -> [String] {
  var text = ""
  for scalar in name.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
    switch scalar {
    case "a"..."z", "0"..."9": text.unicodeScalars.append(scalar)
    case "\u{300}"..."\u{36F}": continue
    case "×": text += " x "
    default: text += greek[scalar].map { " \($0) " } ?? " "
    }
  }
  return text.split(separator: " ").map(String.init)
}

/// A part of a file's name, of at most 80 letters, digits and hyphens; "unnamed" for a name with
/// none of them.
func slug(_ name: String) -> String {
  let text = plainWords(name).joined(separator: "-").prefix(80)
  return text.isEmpty ? "unnamed" : String(text)
}

/// Slugs that differ: a name whose slug another one has, too, is numbered.
package func uniqueSlugs(_ names: [String]) -> [String] {
  unique(names.map(slug), separator: "-")
}

/// The same words, each but the first of equal ones with a number that makes it a word of its own.
func unique(_ words: [String], separator: String) -> [String] {
  let all = Set(words)
  var used: Set<String> = []
  return words.map { word in
    var candidate = word
    var number = 2
    while used.contains(candidate) || (candidate != word && all.contains(candidate)) {
      candidate = "\(word)\(separator)\(number)"
      number += 1
    }
    used.insert(candidate)
    return candidate
  }
}

private let greek: [Unicode.Scalar: String] = [
  "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
  "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi",
  "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi",
  "χ": "chi", "ψ": "psi", "ω": "omega",
]
