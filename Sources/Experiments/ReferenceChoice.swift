internal import Records
internal import Statistics

/// A fixed rate's runs, a seed each, by what a target asks of them.
///
///     level(η, s) = max(gap at T/2, gap at T), ∞ for a run that diverged
///
/// is the gap that the rate has reached by half of the steps and has at the end, too.
struct RateLevels: Sendable {
  let rate: Double
  /// By seed.
  let levels: [Double]
}

/// The reference of a task and rule: rate and target are chosen together.
///
///     L(η) = max(least target, median over seeds and over η and its two neighbours of level)
///     target = min L        rate = the middle of the longest run of rates with L(η) = target
///
/// A target is then what one fixed rate, the reference, has reached at T/2 and holds to the end; it
/// can't be the gap of a rate that is best at T and still far away at T/2. The neighbours are there
/// since the least of many noisy levels would be a lucky one; in a grid too coarse for them, the rate is
/// alone. The same choice for each seed alone says how far both move.
struct ReferenceChoice: Sendable {
  /// Where in the grid the rates with the least level are.
  let best: ClosedRange<Int>
  let rate: Double
  let target: Double

  /// Neighbours are within this factor.
  private static let neighbourhood = 1.6

  /// - Parameter rates: in ascending order.
  /// - Returns: `nil` where every rate diverged on most seeds.
  init?(_ rates: [RateLevels], seed: Int? = nil) {
    let levels = rates.indices.map { index in
      let near = rates[max(0, index - 1)...min(rates.count - 1, index + 1)].filter {
        max($0.rate, rates[index].rate) <= Self.neighbourhood * min($0.rate, rates[index].rate)
      }
      return max(
        Calibration.leastTarget,
        median(near.flatMap { rate in seed.map { [rate.levels[$0]] } ?? rate.levels }) ?? .infinity)
    }
    guard let least = levels.min(), least < .infinity else { return nil }
    var best = 0...0
    var length = 0
    var start: Int?
    for index in 0...levels.count {
      if index < levels.count, levels[index] == least {
        start = start ?? index
      } else if let first = start {
        if index - first > length { (best, length) = (first...(index - 1), index - first) }
        start = nil
      }
    }
    self.best = best
    rate = rates[(best.lowerBound + best.upperBound) / 2].rate
    target = least
  }

  /// The reference, with the range of both over the seeds, each alone.
  func reference(_ rates: [RateLevels]) -> Suite.Reference {
    let alone = (rates.first?.levels.indices ?? 0..<0).compactMap { Self(rates, seed: $0) }
    var reference = Suite.Reference(rate: rate, target: target)
    if let low = alone.map(\.rate).min(), let high = alone.map(\.rate).max(),
      let least = alone.map(\.target).min(), let most = alone.map(\.target).max()
    {
      reference.rates = [low, high]
      reference.targets = [least, most]
    }
    return reference
  }
}

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
