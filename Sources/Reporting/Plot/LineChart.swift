/// A picture of a few lines in one or more panels, for programs outside the benchmark.
///
/// Axes begin and end at the data. Lines with the same label share a style over all panels; one
/// without is in no legend.
public struct LineChart: Sendable {
  public struct Line: Sendable {
    public let label: String
    public let points: [(x: Double, y: Double)]

    public init(_ label: String, _ points: [(x: Double, y: Double)]) {
      self.label = label
      self.points = points
    }

    /// Over 0, 1, 2, ….
    public init(_ label: String, _ values: [Double]) {
      self.init(label, values.enumerated().map { (Double($0.offset), $0.element) })
    }
  }

  public struct Panel: Sendable {
    public let title: String
    /// What the axes show, with units in brackets.
    public let x: String
    public let y: String
    /// Whether y is shown by its power of ten; then values that are not positive break the line.
    public let isLogarithmic: Bool
    public let lines: [Line]
    /// Dotted horizontal lines, at a value of y.
    public let guides: [(label: String, y: Double)]
    /// Whether x is shown by its power of ten; every x is then positive.
    public let isLogarithmicInX: Bool
    /// Dotted vertical lines, at a value of x.
    public let marks: [(label: String, x: Double)]

    public init(
      _ title: String, x: String, y: String, isLogarithmic: Bool = false,
      isLogarithmicInX: Bool = false, lines: [Line],
      guides: [(label: String, y: Double)] = [], marks: [(label: String, x: Double)] = []
    ) {
      self.title = title
      self.x = x
      self.y = y
      self.isLogarithmic = isLogarithmic
      self.lines = lines
      self.guides = guides
      self.isLogarithmicInX = isLogarithmicInX
      self.marks = marks
    }

    fileprivate func drawn(_ styles: [String]) -> LinePanel {
      func height(_ y: Double) -> Double { isLogarithmic ? decimalLog(y) : y }
      func place(_ x: Double) -> Double { isLogarithmicInX ? decimalLog(x) : x }
      let series = lines.map { line in
        LinePanel.Series(
          style: styles.firstIndex(of: line.label)!,
          points: line.points.map { height($0.y).isFinite ? (place($0.x), height($0.y)) : nil },
          markers: markers(line.points.count))
      }
      let points = series.flatMap { $0.points.compactMap { $0 } }
      let heights = points.map(\.y) + guides.map { height($0.y) }
      let (low, high) = (heights.min() ?? 0, heights.max() ?? 1)
      let room = 0.08 * (high - low)
      let (first, last) = (points.map(\.x).min() ?? 0, points.map(\.x).max() ?? 1)
      return LinePanel(
        title: title, x: isLogarithmicInX ? .log10(x, first, last) : .linear(x, first, last),
        y: isLogarithmic ? .log10(y, low - room, high + room) : .linear(y, low - room, high + room),
        series: series, guides: guides.map { LinePanel.Guide(label: $0.label, y: height($0.y)) },
        marks: marks.map { LinePanel.Mark(label: $0.label, x: place($0.x)) })
    }
  }

  public let panels: [Panel]
  /// Panels a row.
  public let columns: Int
  /// Of the inside of the axes, in pixels.
  public let panelWidth, panelHeight: Double

  public init(
    _ panels: [Panel], columns: Int, panelWidth: Double = 300, panelHeight: Double = 200
  ) {
    self.panels = panels
    self.columns = columns
    self.panelWidth = panelWidth
    self.panelHeight = panelHeight
  }

  /// - Parameter provenance: what made it, for a reader of the file.
  public func figure(
    name: String, title: String, caption: String, provenance: String
  ) -> Figure {
    var labels: [String] = []
    for line in panels.flatMap(\.lines) where !labels.contains(line.label) {
      labels.append(line.label)
    }
    return PanelGrid(
      panels: panels.map { $0.drawn(labels) }, columns: columns, panelWidth: panelWidth,
      panelHeight: panelHeight,
      legend: labels.enumerated().compactMap { $1.isEmpty ? nil : ($1, $0) }
    ).figure(name: name, title: title, caption: caption, provenance: provenance)
  }
}
