internal import Records

/// The rates of a dense grid by their exponents, and of what it becomes where the best is at an edge.
struct ReferenceGrid {
  /// Decades by which a grid is widened at most, at each end.
  static let most = 6.0

  private let low, high, distance: Double
  /// Steps of the grid below and above the first.
  private var below = 0
  private var above = 0

  init(_ grid: Suite.StartingRates) {
    low = grid.low
    high = grid.high
    distance = grid.count > 1 ? (grid.high - grid.low) / Double(grid.count - 1) : 1
  }

  /// The exponents of the next decade, at least one, past an edge where the best rate is; none where
  /// it is inside, and `nil` where the grid is as wide as it gets.
  mutating func widened(best: ClosedRange<Int>, of count: Int) -> [Double]? {
    let decade = max(1, Int((1 / distance).rounded()))
    func isWide(_ steps: Int) -> Bool { Double(steps) * distance >= Self.most }
    var exponents: [Double] = []
    if best.lowerBound == 0 {
      if isWide(below) { return nil }
      exponents += (1...decade).map { low - Double(below + $0) * distance }
      below += decade
    }
    if best.upperBound == count - 1 {
      if isWide(above) { return nil }
      exponents += (1...decade).map { high + Double(above + $0) * distance }
      above += decade
    }
    return exponents
  }
}
