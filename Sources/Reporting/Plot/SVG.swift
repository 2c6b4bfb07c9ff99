/// Pieces of SVG text.
enum SVG {
  /// A coordinate with at most one digit after the point.
  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let whole = tenths / 10
    let rest = abs(tenths % 10)
    if rest == 0 { return String(whole) }
    return (tenths < 0 && whole == 0 ? "-0." : "\(whole).") + String(rest)
  }

  enum Anchor: String { case start, middle, end }

  static func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, size: Double = 11,
    bold: Bool = false, colour: String = "#333", rotated: Bool = false
  ) -> String {
    let turn = rotated ? " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" : ""
    return "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\""
      + " font-size=\"\(number(size))\"\(bold ? " font-weight=\"bold\"" : "") fill=\"\(colour)\"\(turn)>"
      + HTML.escaped(text) + "</text>"
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
}
