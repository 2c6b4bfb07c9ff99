/// Coloured cells over two lists of values.
struct HeatPanel: Panel {
  let title: String
  let xLabel: String
  let yLabel: String
  /// Some labels may be empty, where there is no room for all.
  let xTicks: [String]
  /// From the bottom.
  let yTicks: [String]
  /// `values[y][x]` as shares of the colour map; `nil` for a cell that has not been run.
  let values: [[Double?]]

  var leftRoom: Double { labelDistance + 14 }

  /// From the frame to the middle of the axis' name.
  private var labelDistance: Double {
    max(48, 12 + (yTicks.map { SVG.width($0, size: 10) }.max() ?? 0))
  }

  func drawing(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
    let (w, h) = (width / Double(max(1, xTicks.count)), height / Double(max(1, yTicks.count)))
    var out = ""
    for (row, line) in values.enumerated() {
      let y = top + height - Double(row + 1) * h
      for (column, value) in line.enumerated() {
        let fill = value.map(ColourMap.colour) ?? "#fff"
        // A little overlap hides the seams between cells.
        out += SVG.rectangle(left + Double(column) * w, y, w + 0.4, h + 0.4, fill: fill)
      }
      out += SVG.text(yTicks[row], left - 5, y + h / 2 + 4, anchor: .end, size: 10)
    }
    var free = -Double.infinity
    for (column, label) in xTicks.enumerated() where !label.isEmpty {
      let half = SVG.width(label, size: 11) / 2 + 2
      // What would run into the label before it is left out.
      guard left + (Double(column) + 0.5) * w - half >= free else { continue }
      free = left + (Double(column) + 0.5) * w + half
      let x = left + (Double(column) + 0.5) * w
      out += SVG.line(x, top + height, x, top + height + 4, colour: "#888")
      out += SVG.text(label, x, top + height + 15, anchor: .middle)
    }
    out += SVG.rectangle(left, top, width, height, fill: "none", stroke: "#888")
    out += SVG.text(title, left, top - 7, size: 12.5, bold: true, colour: "#111", room: width + 16)
    out += SVG.text(xLabel, left + width / 2, top + height + 31, anchor: .middle, size: 11.5)
    out += SVG.text(
      yLabel, left - labelDistance, top + height / 2, anchor: .middle, size: 11.5, rotated: true)
    return out
  }

  /// A bar that explains the colours, from `low` to `high`.
  static func bar(
    _ x: Double, _ y: Double, label: String, low: String, high: String
  ) -> String {
    var out = SVG.text(label, x, y + 11, size: 12)
    let start = x + 6.2 * Double(label.count)
    for index in 0..<60 {
      out += SVG.rectangle(
        start + 70 + Double(index) * 3, y, 3.4, 14, fill: ColourMap.colour(Double(index) / 59))
    }
    out += SVG.text(low, start + 64, y + 11, anchor: .end)
    out += SVG.text(high, start + 258, y + 11)
    return out
  }
}
