/// One pair of axes with something in it, drawn into a box of the grid.
protocol Panel: Sendable {
  /// SVG of the panel with its frame at (x, y), of the given size inside its axes.
  func drawing(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String

  /// Pixels left of the frame that its labels take.
  var leftRoom: Double { get }
}

extension Panel {
  var leftRoom: Double { 0 }
}

/// Lines, bands and markers over two axes.
struct LinePanel: Panel {
  enum Markers { case none, everyPoint, spaced }
  struct Series {
    let style: Int
    /// In the axes' coordinates; `nil` breaks the line.
    var points: [(x: Double, y: Double)?]
    /// From `low` to `high` at each x, filled lightly.
    var band: [(x: Double, low: Double, high: Double)] = []
    var markers = Markers.none
    var isStepped = false
  }
  struct Guide {
    let label: String
    let y: Double
  }

  struct Mark {
    let label: String
    let x: Double
  }

  let title: String
  let x: Axis
  let y: Axis
  var series: [Series]
  var guides: [Guide] = []
  var marks: [Mark] = []

  var leftRoom: Double { Frame(title: title, x: x, y: y).leftRoom }

  func drawing(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
    func px(_ value: Double) -> Double { left + x.share(value) * width }
    func py(_ value: Double) -> Double { top + (1 - y.share(value)) * height }
    var out = Frame(title: title, x: x, y: y).drawing(left, top, width, height)
    for guide in guides {
      out += SVG.line(
        left, py(guide.y), left + width, py(guide.y), colour: "#777", width: 1, dashes: "1 2")
      out += SVG.text(
        guide.label, left + 3, py(guide.y) - 3, size: 10, colour: "#666")
    }
    for (index, mark) in marks.sorted(by: { $0.x < $1.x }).enumerated() {
      let (at, isLate) = (px(mark.x), x.share(mark.x) > 0.7)
      out += SVG.line(at, top, at, top + height, colour: "#777", width: 1, dashes: "1 2")
      // One below the other, so that marks that are close can be read.
      out += SVG.text(
        mark.label, at + (isLate ? -3 : 3), top + 12 + 12 * Double(index),
        anchor: isLate ? .end : .start, size: 10, colour: "#333")
    }
    for one in series where !one.band.isEmpty {
      let edge =
        one.band.map { (px($0.x), py($0.high)) }
        + one.band.reversed().map { (px($0.x), py($0.low)) }
      out += "<path d=\"\(SVG.path(edge.map { (x: $0.0, y: $0.1) }))Z\""
      out += " fill=\"\(SeriesStyle(one.style).colour)\" fill-opacity=\"0.12\"/>"
    }
    for one in series {
      let style = SeriesStyle(one.style)
      var pixels = one.points.map { $0.map { (x: px($0.x), y: py($0.y)) } }
      if one.isStepped { pixels = stepped(pixels) }
      let path = SVG.path(pixels)
      guard !path.isEmpty else { continue }
      out += "<g class=\"s\(one.style)\"><path d=\"\(path)\" stroke=\"\(style.colour)\""
      out += " stroke-width=\"1.6\" fill=\"none\" stroke-linejoin=\"round\""
      out += (style.dashes.isEmpty ? "" : " stroke-dasharray=\"\(style.dashes)\"") + "/>"
      if one.markers != .none {
        // Series begin at different places, so that markers on shared lines stand side by side.
        let spacing = one.markers == .everyPoint ? 0 : width / 7
        var next = left + spacing * Double(one.style % 10) / 10
        for case let point? in one.points where px(point.x) >= next {
          out += style.drawing(at: px(point.x), py(point.y), size: 3)
          next = px(point.x) + spacing
        }
      }
      out += "</g>"
    }
    return out
  }

  private func stepped(_ points: [(x: Double, y: Double)?]) -> [(x: Double, y: Double)?] {
    var result: [(x: Double, y: Double)?] = []
    for point in points {
      if let point, let last = result.last, let last { result.append((point.x, last.y)) }
      result.append(point)
    }
    return result
  }
}

/// Grid lines, ticks, labels and a border.
struct Frame {
  let title: String
  let x: Axis
  let y: Axis

  /// Of the widest label of a tick, with the axis' name at its left.
  var leftRoom: Double { nameDistance + (y.label.isEmpty ? 0 : 14) }

  /// From the frame to the middle of the axis' name.
  private var nameDistance: Double {
    max(44, 14 + (y.ticks.map { SVG.width($0.label, size: 11) }.max() ?? 0))
  }

  func drawing(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
    var out = ""
    let shown = labelled(width)
    for (index, tick) in x.ticks.enumerated() {
      let at = left + x.share(tick.position) * width
      out += SVG.line(at, top, at, top + height, colour: "#e4e4e4")
      guard shown.contains(index) else { continue }
      // A long label at the edge stays over its own panel.
      let half = SVG.width(tick.label, size: 11) / 2
      let middle = max(left - 16 + half, min(left + width + 16 - half, at))
      out += SVG.text(tick.label, half > 16 ? middle : at, top + height + 14, anchor: .middle)
    }
    for tick in y.ticks {
      let at = top + (1 - y.share(tick.position)) * height
      out += SVG.line(left, at, left + width, at, colour: "#e4e4e4")
      out += SVG.text(tick.label, left - 5, at + 4, anchor: .end)
    }
    out += SVG.rectangle(left, top, width, height, fill: "none", stroke: "#888")
    out += SVG.text(title, left, top - 7, size: 12.5, bold: true, colour: "#111", room: width + 16)
    out += SVG.text(
      x.label, left + width / 2, top + height + 31, anchor: .middle, size: 11.5, room: width + 16)
    if !y.label.isEmpty {
      out += SVG.text(
        y.label, left - nameDistance, top + height / 2, anchor: .middle, size: 11.5, rotated: true,
        room: height + 60)
    }
    return out
  }

  /// The ticks of x whose labels are shown: every one, or every second, third, … so that none runs
  /// into the next.
  private func labelled(_ width: Double) -> Set<Int> {
    let spans = x.ticks.map { tick in
      (at: x.share(tick.position) * width, half: SVG.width(tick.label, size: 11) / 2 + 3)
    }
    for step in 1...max(1, spans.count) {
      let shown = Array(stride(from: 0, to: spans.count, by: step))
      let isClear = zip(shown, shown.dropFirst()).allSatisfy { a, b in
        spans[a].at + spans[a].half <= spans[b].at - spans[b].half
      }
      if isClear { return Set(shown) }
    }
    return []
  }
}
