/// Pieces of SVG text.
enum SVG {
  /// A coordinate with at most one digit after the point, within what a picture can hold.
  static func number(_ value: Double) -> String {
    guard value == value else { return "0" }
    let tenths = Int((min(1e7, max(-1e7, value)) * 10).rounded())
    let whole = tenths / 10
    let rest = abs(tenths % 10)
    if rest == 0 { return String(whole) }
    return (tenths < 0 && whole == 0 ? "-0." : "\(whole).") + String(rest)
  }

  enum Anchor: String { case start, middle, end }

  /// - Parameter room: the pixels that the text may take; what is longer is cut in its middle, and
  ///   stands whole in its title.
  static func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, size: Double = 11,
    bold: Bool = false, colour: String = "#333", rotated: Bool = false, room: Double = .infinity
  ) -> String {
    let turn = rotated ? " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" : ""
    let shown = fitted(text, room: room, size: size)
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\""
      + " font-size=\"\(number(size))\"\(bold ? " font-weight=\"bold\"" : "") fill=\"\(colour)\"\(turn)>"
      + (shown == text ? "" : "<title>\(HTML.escaped(text))</title>") + HTML.escaped(shown)
      + "</text>"
  }

  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String, width: Double = 1,
    dashes: String = ""
  ) -> String {
    "<path d=\"M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))\" stroke=\"\(colour)\""
      + " stroke-width=\"\(number(width))\""
      + (dashes.isEmpty ? "" : " stroke-dasharray=\"\(dashes)\"") + " fill=\"none\"/>"
  }

  static func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String,
    stroke: String? = nil
  ) -> String {
    "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\""
      + " height=\"\(number(height))\" fill=\"\(fill)\""
      + (stroke.map { " stroke=\"\($0)\"" } ?? "") + "/>"
  }

  /// A path through points, broken where there is none.
  static func path(_ points: [(x: Double, y: Double)?]) -> String {
    var d = ""
    var isOpen = false
    for point in points {
      guard let point else {
        isOpen = false
        continue
      }
      d += (isOpen ? "L" : "M") + number(point.x) + " " + number(point.y)
      isOpen = true
    }
    return d
  }

  // MARK: Room for text

  /// Pixels, enough for any usual sans-serif font.
  static func width(_ text: String, size: Double) -> Double {
    text.reduce(0) { $0 + size * width($1) }
  }

  private static func width(_ character: Character) -> Double {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x41...0x5A: return 0.7
    case 0x20..<0x7F: return 0.55
    case 0x2070...0x209F, 0xB2, 0xB3, 0xB9, 0x2009: return 0.4
    case ..<0x1100: return 0.6
    case 0x2000..<0x2E80: return 0.85
    default: return 1.1
    }
  }

  /// The text, or its beginning and its end around an ellipsis where there is no room for it.
  static func fitted(_ text: String, room: Double, size: Double) -> String {
    guard width(text, size: size) > room else { return text }
    var (head, tail) = (text.count, 0)
    func cut() -> String { text.prefix(head) + "…" + text.suffix(tail) }
    // A third of what is kept is the end, which often tells names apart.
    for kept in stride(from: min(text.count - 1, 400), through: 2, by: -1) {
      (head, tail) = (kept - kept / 3, kept / 3)
      if width(cut(), size: size) <= room { break }
    }
    return cut()
  }

  /// Names that fit and still differ: those that would look the same are numbered.
  static func fitted(names: [String], room: Double, size: Double) -> [String] {
    var count: [String: Int] = [:]
    return names.map { name in
      let shown = fitted(name, room: room, size: size)
      guard shown != name else { return name }
      count[shown, default: 0] += 1
      return count[shown]! == 1 ? shown : "\(shown) (\(count[shown]!))"
    }
  }
}
