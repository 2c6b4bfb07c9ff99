/// A picture in characters, for a terminal: points over a linear height, with marks below.
public struct TerminalChart: Sendable {
  public struct Series: Sendable {
    /// Drawn at each point; later series cover earlier ones.
    public let glyph: Character
    public let points: [(x: Double, y: Double)]
    public init(_ glyph: Character, _ points: [(x: Double, y: Double)]) {
      self.glyph = glyph
      self.points = points
    }
  }

  public struct Mark: Sendable {
    /// Stands below the axis.
    public let glyph: Character
    public let x: Double
    public init(_ glyph: Character, at x: Double) {
      self.glyph = glyph
      self.x = x
    }
  }

  public let series: [Series]
  public let marks: [Mark]
  /// Whether x is shown by its logarithm; every x is then positive.
  public let isLogarithmic: Bool

  public init(_ series: [Series], marks: [Mark] = [], isLogarithmic: Bool = false) {
    self.series = series
    self.marks = marks
    self.isLogarithmic = isLogarithmic
  }

  /// The picture's lines, at most `width` characters each; none where there is no finite point.
  ///
  /// - Parameter height: lines of the picture itself, at least 2; two or three more are below it.
  public func lines(width: Int = 80, height: Int = 16) -> [String] {
    let points = series.map { one in one.points.filter { $0.x.isFinite && $0.y.isFinite } }
    let all = points.flatMap { $0 }
    guard let low = all.map(\.y).min(), let high = all.map(\.y).max(),
      let left = all.map(\.x).min(), let right = all.map(\.x).max()
    else { return [] }
    let format = NumberFormat.significant(3)
    let labels = [format.text(high), format.text(low)]
    let margin = labels.map(\.count).max()! + 1
    let columns = max(10, width - margin - 1)
    let rows = max(2, height)
    func column(_ x: Double) -> Int {
      func place(_ x: Double) -> Double { isLogarithmic ? decimalLog(x) : x }
      guard right > left else { return 0 }
      let share = (place(x) - place(left)) / (place(right) - place(left))
      return Int((min(1, max(0, share)) * Double(columns - 1)).rounded())
    }
    func row(_ y: Double) -> Int {
      guard high > low else { return rows - 1 }
      return Int(((high - y) / (high - low) * Double(rows - 1)).rounded())
    }
    var canvas = [[Character]](
      repeating: [Character](repeating: " ", count: columns), count: rows)
    var below = [Character](repeating: " ", count: columns)
    for mark in marks where mark.x.isFinite {
      let place = column(mark.x)
      for row in 0..<rows { canvas[row][place] = "┊" }
      // Where it is taken, beside it.
      if let free = (place..<columns).first(where: { below[$0] == " " }) {
        below[free] = mark.glyph
      }
    }
    for (one, points) in zip(series, points) {
      for point in points { canvas[row(point.y)][column(point.x)] = one.glyph }
    }
    func padded(_ label: String) -> String {
      String(repeating: " ", count: margin - 1 - label.count) + label + " "
    }
    var lines = canvas.enumerated().map { index, line in
      let label = index == 0 ? labels[0] : index == rows - 1 ? labels[1] : ""
      return padded(label) + (label.isEmpty ? "│" : "┤") + String(line)
    }
    lines.append(padded("") + "└" + String(repeating: "─", count: columns))
    let (first, last) = (format.text(left), format.text(right))
    if !marks.isEmpty { lines.append(padded("") + " " + String(below)) }
    let gap = max(1, columns - first.count - last.count)
    lines.append(padded("") + " " + first + String(repeating: " ", count: gap) + last)
    return lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
