/// A value with its interval for each of several names, one below the other.
struct DotPanel: Panel {
  struct Row {
    let name: String
    let style: Int
    /// In the axis' coordinates; `nil` where there is none, with what to say instead.
    let value: Double?
    var low: Double?
    var high: Double?
    var note = ""
  }

  let title: String
  let x: Axis
  let rows: [Row]
  /// Whether names stand at the left; else the rows are those of the panel before.
  let showsNames: Bool

  /// Pixels that a name takes at the most.
  private static let nameRoom = 300.0

  /// Room for the longest name at the left of a row of dots.
  static func margin(_ names: [String]) -> Double {
    min(nameRoom + 20, names.map { SVG.width($0, size: 6.4 / 0.55) }.max() ?? 0)
  }

  func drawing(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
    let none = Axis(label: "", low: 0, high: 1, ticks: [])
    var out = Frame(title: title, x: x, y: none).drawing(left, top, width, height)
    let step = height / Double(max(1, rows.count))
    let names = SVG.fitted(names: rows.map(\.name), room: Self.nameRoom, size: 11)
    for (index, row) in rows.enumerated() {
      let y = top + (Double(index) + 0.5) * step
      let style = SeriesStyle(row.style)
      out += SVG.line(left, y, left + width, y, colour: "#eee")
      if showsNames { out += SVG.text(names[index], left - 7, y + 4, anchor: .end) }
      out += "<g class=\"s\(row.style)\">"
      if let value = row.value {
        if let low = row.low, let high = row.high {
          let (a, b) = (left + x.share(low) * width, left + x.share(high) * width)
          out += SVG.line(a, y, b, y, colour: style.colour, width: 2)
          out += SVG.line(a, y - 3, a, y + 3, colour: style.colour, width: 1.5)
          out += SVG.line(b, y - 3, b, y + 3, colour: style.colour, width: 1.5)
        }
        out += style.drawing(at: left + x.share(value) * width, y, size: 4)
      } else {
        out += SVG.text(
          row.note, left + width - 4, y + 4, anchor: .end, size: 10, colour: style.colour)
      }
      out += "</g>"
    }
    return out
  }
}
