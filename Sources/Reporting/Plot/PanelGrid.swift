/// Panels in rows under one legend.
struct PanelGrid {
  let panels: [any Panel]
  let columns: Int
  /// Of the axes' inside.
  var panelWidth = 300.0
  var panelHeight = 200.0
  /// One for each panel, where they differ; a row is as high as its highest.
  var panelHeights: [Double] = []
  /// Left of each panel, for tick labels and the axis' name.
  var leftMargin = 66.0
  /// Further room left of the first column.
  var firstMargin = 0.0
  var legend: [(label: String, style: Int)] = []
  /// Drawn in place of a legend of lines.
  var header: (height: Double, body: String)?

  func figure(name: String, title: String, caption: String, provenance: String) -> Figure {
    let (right, top, bottom) = (18.0, 30.0, 44.0)
    let columns = max(1, min(columns, panels.count))
    let rows = (panels.count + columns - 1) / columns
    let leftMargin = max(leftMargin, panels.map(\.leftRoom).max() ?? 0)
    let cell = leftMargin + panelWidth + right
    let width = max(560, firstMargin + Double(columns) * cell)
    var body = SVG.text(title, 10, 24, size: 16, bold: true, colour: "#111", room: width - 20)
    var y = 38.0
    let (legendBody, legendHeight) = legendDrawing(width, y)
    body += legendBody
    y += legendHeight
    if let header {
      body += "<g transform=\"translate(10 \(SVG.number(y)))\">\(header.body)</g>"
      y += header.height
    }
    for row in 0..<rows {
      let places = row * columns..<min(panels.count, (row + 1) * columns)
      let rowHeight = places.map { panelHeights.isEmpty ? panelHeight : panelHeights[$0] }.max()!
      for index in places {
        body += panels[index].drawing(
          firstMargin + Double(index % columns) * cell + leftMargin, y + top, panelWidth,
          panelHeights.isEmpty ? panelHeight : panelHeights[index])
      }
      y += top + rowHeight + bottom
    }
    let height = y + 4
    return Figure(
      name: name, title: title, caption: caption, width: width, height: height, body: body,
      provenance: provenance, panels: panels)
  }

  private func legendDrawing(_ width: Double, _ top: Double) -> (String, Double) {
    guard !legend.isEmpty else { return ("", 0) }
    var out = ""
    var (x, y) = (12.0, top + 10)
    let labels = SVG.fitted(names: legend.map(\.label), room: min(420, width - 80), size: 12)
    for (label, index) in zip(labels, legend.map(\.style)) {
      let style = SeriesStyle(index)
      let space = 42 + SVG.width(label, size: 12) + 16
      if x + space > width && x > 12 {
        x = 12
        y += 20
      }
      out += "<g class=\"s\(index)\">"
      out += SVG.line(x, y, x + 34, y, colour: style.colour, width: 1.8, dashes: style.dashes)
      out += style.drawing(at: x + 17, y)
      out += SVG.text(label, x + 40, y + 4, size: 12) + "</g>"
      x += space
    }
    return (out, y - top + 16)
  }
}
