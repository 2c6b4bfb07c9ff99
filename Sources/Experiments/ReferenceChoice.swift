internal import Records
internal import Statistics

/// A fixed rate's runs, a seed each, by what a target asks of them: the level of ``FixedRates``, the gap
/// that the rate has reached by half of the steps and has at the end, too.
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
    func ends(_ values: [Double]) -> [Double]? {
      values.min().map { [$0, values.max() ?? $0] }
    }
    return Suite.Reference(
      rate: rate, target: target, rates: ends(alone.map(\.rate)),
      targets: ends(alone.map(\.target)))
  }
}
