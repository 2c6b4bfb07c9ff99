internal import Foundation

/// Text as pdflatex sets it without further packages: special characters escaped, those beyond ASCII
/// written as commands, and what has none as its code point.
enum LaTeXText {
  static func escaped(_ text: String) -> String {
    var out = ""
    var run = ""
    var runMark = ""
    func close() -> String { run.isEmpty ? "" : "$\(runMark){\(run)}$" }
    var last: Character = " "
    for character in text {
      // Neighbouring superscripts or subscripts are one.
      if let (mark, sign) = scripts[character] {
        if mark != runMark {
          out += close()
          run = ""
        }
        (runMark, last) = (mark, character)
        run += sign
        continue
      }
      out += close()
      (run, runMark) = ("", "")
      // Two hyphens would be a dash, ?` and !` signs of another language.
      if (character == "-" && last == "-") || (character == "`" && "?!`".contains(last)) {
        out += "{}"
      }
      out += one(character)
      last = character
    }
    return out + close()
  }

  /// A cell's text: after a row's end a bracket or a star would be an argument of it.
  static func cell(_ text: String) -> String {
    let escaped = escaped(String(text.drop { $0 == " " }))
    return escaped.hasPrefix("[") || escaped.hasPrefix("*") ? "{}" + escaped : escaped
  }

  /// Text in a comment: one line of ASCII.
  static func comment(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar.value {
      case 0x20..<0x7F: String(scalar)
      case 0xA0, ..<0x20, 0x2028, 0x2029, 0x85: " "
      default: codePoint(scalar)
      }
    }.joined()
  }

  private static func one(_ character: Character) -> String {
    if let command = commands[character] { return command }
    if character.isNewline || character == "\t" { return " " }
    if let byte = character.asciiValue, byte >= 0x20, byte < 0x7F { return String(character) }
    let scalars = Array(String(character).decomposedStringWithCanonicalMapping.unicodeScalars)
    var text = commands[Character(scalars[0])] ?? String(scalars[0])
    let isPlain = scalars[0].value >= 0x20 && text.utf8.allSatisfy { $0 < 0x7F }
    let marks = scalars.dropFirst().map { accents[$0.value] }
    guard isPlain, !marks.contains(nil) else { return scalars.map(codePoint).joined() }
    for case let mark? in marks {
      // i and j lose their dot under an accent.
      if (text == "i" || text == "j") && !["c", "d", "b"].contains(mark) { text = "\\\(text)" }
      text = "\\\(mark){\(text)}"
    }
    return text
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "[U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
  }

  // MARK: Widths

  /// Ems of Computer Modern Roman, a little more where a character is not ASCII.
  static func width(_ text: String) -> Double {
    text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Double {
    if let byte = character.asciiValue {
      return byte >= 0x20 && byte < 0x7F ? Double(thousandths[Int(byte) - 0x20]) / 1000 : 0.34
    }
    if scripts[character] != nil { return 0.52 }
    if commands[character] != nil { return 1.05 }
    let scalars = Array(String(character).decomposedStringWithCanonicalMapping.unicodeScalars)
    if scalars.count > 1, one(character).hasPrefix("\\") { return width(Character(scalars[0])) }
    return 5.2 * Double(scalars.count)
  }

  /// Of the characters from space to tilde, as they are set: `<` as mathematics, `"` as two quotes.
  private static let thousandths = [
    334, 278, 500, 834, 500, 834, 778, 278, 389, 389, 500, 778, 278, 334, 278, 500,  // to /
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 778, 778, 778, 473,  // to ?
    778, 750, 709, 723, 764, 681, 653, 785, 750, 362, 514, 778, 625, 917, 750, 778,  // to O
    681, 778, 737, 556, 723, 750, 750, 1028, 750, 750, 612, 278, 500, 278, 500, 400,  // to _
    500, 500, 556, 445, 556, 445, 306, 500, 556, 278, 306, 528, 278, 834, 556, 500,  // to o
    556, 528, 392, 395, 389, 556, 528, 723, 528, 528, 445, 500, 278, 500, 500,  // to ~
  ]

  // MARK: Commands

  private static let scripts: [Character: (mark: String, sign: String)] = {
    var scripts: [Character: (mark: String, sign: String)] = [:]
    for (plain, raised) in zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ") {
      scripts[raised] = ("^", String(plain))
    }
    for (plain, lowered) in zip("0123456789+-=()aeox", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓ") {
      scripts[lowered] = ("_", String(plain))
    }
    return scripts
  }()

  /// Commands of accents by their combining characters.
  private static let accents: [UInt32: String] = [
    0x300: "`", 0x301: "'", 0x302: "^", 0x303: "~", 0x304: "=", 0x306: "u", 0x307: ".",
    0x308: "\"", 0x30A: "r", 0x30B: "H", 0x30C: "v", 0x323: "d", 0x327: "c", 0x331: "b",
  ]

  /// A character and its command in each piece; a table in a text, which is compiled in no time.
  private static let commands: [Character: String] = {
    var commands = table(
      ##"""
      \\textbackslash{} {\{ }\} $\$ &\& #\# %\% _\_ ^\textasciicircum{} ~\textasciitilde{} <$<$ >$>$ |$|$
      "'' —--- –-- ‑- ‐- …\dots{} “`` ”'' ‘` ’' †$\dagger$ ‡$\ddagger$ §$\S$ ¶$\P$ ©(c) £$\pounds$
      •$\bullet$ ß\ss{} æ\ae{} Æ\AE{} œ\oe{} Œ\OE{} ø\o{} Ø\O{} ł\l{} Ł\L{} ı\i{} ¿?` ¡!`
      \##u{2009}\, \##u{202F}\, \##u{a0}~ ½$\frac12$ ¼$\frac14$ ¾$\frac34$ °$^\circ$ µ$\mu$ ϵ$\epsilon$
      ϕ$\phi$ ϑ$\vartheta$ οo ς$\varsigma$ ℓ$\ell$ ′$'$ ∂$\partial$ −$-$
      """##)
    let mathematics = table(
      """
      ∞infty ×times ·cdot ⋅cdot ÷div ±pm ∓mp ≤le ≥ge ≠ne ≈approx ∼sim ≡equiv ∝propto ≪ll ≫gg
      →rightarrow ←leftarrow ↑uparrow ↓downarrow ↔leftrightarrow ⇒Rightarrow ∈in ∉notin ∀forall
      ∃exists ∇nabla ∑sum ∏prod √surd ∫int ∘circ ⊙odot ⊕oplus ⊗otimes ∪cup ∩cap ⊂subset ⊆subseteq
      ∅emptyset ‖Vert ¬neg ∧wedge ∨vee ★star ⋆star
      εvarepsilon αalpha βbeta γgamma δdelta ζzeta ηeta θtheta ιiota κkappa λlambda μmu νnu ξxi πpi
      ρrho σsigma τtau υupsilon φvarphi χchi ψpsi ωomega
      ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi ΣSigma ΥUpsilon ΦPhi ΨPsi ΩOmega
      """)
    for (character, name) in mathematics { commands[character] = "$\\\(name)$" }
    for (latin, greek) in zip("ABEZHIKMNOPTX", "ΑΒΕΖΗΙΚΜΝΟΡΤΧ") { commands[greek] = String(latin) }
    return commands
  }()

  private static func table(_ text: String) -> [Character: String] {
    var table: [Character: String] = [:]
    for piece in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      table[piece[piece.startIndex]] = String(piece.dropFirst())
    }
    return table
  }
}
