public import HypergradientRecipes
internal import PortableMath

/// A search for a fixed learning rate, coarse to fine.
///
/// First the powers of ten from 10^`lowest` to 10^`highest`; then twice as many rates a decade around
/// the best one, and twice as many again, until its neighbours differ from it by less than the noise
/// over seeds, or lie closer than a factor `finest`. Rates that diverge or lag are dropped early, by
/// successive halving: at an eighth, a quarter and half of the steps a rate goes on if it is among the
/// better half, or the best three, of all rates that were measured there. Those that go on do so from
/// where they are, and those that come later are held against what is known: nothing runs twice.
///
/// The first part may be run on a subset of the data, which is cheaper; the best rate is then begun
/// again on all of them, which is another run. Where it diverges there, smaller powers of ten follow
/// until one does not.
///
/// A rate *diverges* where a seed's loss is not finite or above where it began. Rates are compared by
/// the mean loss over seeds. With d_s the difference of two rates' losses on seed s, the *noise* is
/// twice the standard error of the mean of d, 2·√(Σ(d_s − d̄)² / (S(S − 1))); with one seed it is not
/// known, and only `finest` ends the search. A neighbour that was dropped is compared at the rung where
/// it was dropped; one that diverges differs by more than any noise.
///
/// The search itself trains nothing: it gives out ``Order``s, which may be carried out in any order
/// and at the same time, and decides by what comes back.
///
/// > Source: K. Jamieson and A. Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter
/// > Optimization (2016), algorithm 1, for the halving.
public struct RateSearch: Sendable, Equatable {
  /// Exponents of the first rates.
  public let lowest, highest: Int
  public let seeds: [Int]
  /// No two rates are closer than this factor.
  public let finest: Double

  /// Which data a run learns from.
  public enum Part: String, Sendable, Codable, CaseIterable { case subset, whole }

  /// A run to begin at step 0, or to continue from where it is. One that lagged is continued later where
  /// all that were better diverge; who has not kept it runs it from step 0 again.
  public struct Order: Sendable, Hashable {
    public let part: Part
    /// The rate is 10^`exponent`, and a run is named by its exponent, its part and its seed.
    public let exponent: Double
    public let rate: Double
    public let seed: Int
    /// Steps that the run has taken, and that it is to have taken.
    public let from, to: Int
  }

  /// What an order led to.
  public struct Report: Sendable, Equatable {
    /// Of where the run began; by the objective as it is after the last step, where it changes.
    public var initialLoss: Double
    /// After the last one; NaN or infinite where the run is lost.
    public var loss: Double
    /// On data that no gradient sees, in [0, 1]; `nil` where there are none.
    public var accuracy: Double?
    /// Gradients paid for this order: fewer than its steps where the run was lost before.
    public var gradients: Int
    public init(initialLoss: Double, loss: Double, accuracy: Double? = nil, gradients: Int) {
      self.initialLoss = initialLoss
      self.loss = loss
      self.accuracy = accuracy
      self.gradients = gradients
    }
  }

  /// - Throws: ``Refusal`` where the range is empty or reversed or beyond 10^±30, there is no seed or
  ///   one twice, or `finest` is not above 1.
  public init(
    lowest: Int = -7, highest: Int = 0, seeds: [Int] = [1, 2, 3], finest: Double = 1.3
  ) throws(Refusal) {
    guard lowest <= highest else {
      throw Refusal(
        "the range from 1e\(lowest) to 1e\(highest) is reversed: the smallest comes first")
    }
    guard lowest >= -30, highest <= 30 else {
      throw Refusal("the range from 1e\(lowest) to 1e\(highest) leaves 1e-30 to 1e30")
    }
    guard !seeds.isEmpty else { throw Refusal("there is no seed: give at least one") }
    guard Set(seeds).count == seeds.count else { throw Refusal("a seed is there twice") }
    guard finest > 1, finest.isFinite else {
      throw Refusal("the finest ratio of two rates is \(finest), not above 1")
    }
    self.lowest = lowest
    self.highest = highest
    self.seeds = seeds
    self.finest = finest
  }

  /// The steps at which a run of so many is measured: an eighth, a quarter, half and all of them.
  static func rungs(_ steps: Int) -> [Int] {
    var rungs: [Int] = []
    for share in [8, 4, 2, 1] {
      let rung = (steps + share - 1) / share
      if rung != rungs.last { rungs.append(rung) }
    }
    return rungs
  }

  /// Searches.
  ///
  /// - Parameters:
  ///   - steps: of a whole run.
  ///   - subsetSteps: of a run on the subset; `nil` where there is none, and the first rates are run
  ///     on everything.
  ///   - carryOut: does what the orders say and reports in their order. No run is ordered twice in
  ///     one call.
  /// - Precondition: at least one step, and a report for each order.
  public func run(
    steps: Int, subsetSteps: Int? = nil,
    carryOut: (_ orders: [Order]) throws -> [Report]
  ) rethrows -> RateSearchResult {
    require(steps >= 1 && subsetSteps ?? 1 >= 1, "a run has at least one step")
    var race = RateRace(seeds: seeds, rungs: Self.rungs(steps), part: .whole)
    let coarse = (lowest...highest).map { Double($0) }
    var first: RateRace?
    if let subsetSteps {
      var subset = RateRace(seeds: seeds, rungs: Self.rungs(subsetSteps), part: .subset)
      try subset.run(coarse, carryOut)
      first = subset
    } else {
      try race.run(coarse, carryOut)
    }
    var spacing = 1.0
    var ending = RateSearchResult.Ending.allDiverge
    var known = (first ?? race).best
    search: while let best = known {
      // On the whole data, the best rate of the subset has yet to be run.
      if race.entry(best) == nil {
        var next = best
        try race.run([next], carryOut)
        while race.entry(next)?.fate == .diverged, next > Double(lowest) {
          next -= 1
          try race.run([next], carryOut)
        }
        if race.best == nil { break search }
        if next != best {
          known = race.best
          continue search
        }
      }
      if race.entry(best)?.isFinished == true {
        let beside = race.neighbours(of: best, spacing)
        if !beside.isEmpty, beside.allSatisfy({ race.isWithinNoise($0, of: best) }) {
          ending = .noise
          break search
        }
      }
      guard Portable.pow(10, spacing / 2) >= finest else {
        ending = .finest
        break search
      }
      spacing /= 2
      let low = Double(lowest)
      let high = Double(highest)
      let finer = [best - spacing, best + spacing].filter { $0 >= low && $0 <= high }
      try race.run(finer.filter { race.entry($0) == nil }, carryOut)
      if race.best == nil { break search }
      known = race.best
    }
    let wholeGrid = Int((Double(highest - lowest) / spacing).rounded()) + 1
    return RateSearchResult(
      entries: (first?.entries ?? []) + race.entries,
      best: race.best.map { Portable.pow(10, $0) }, bestExponent: race.best, spacing: spacing,
      ending: race.best == nil ? .allDiverge : ending,
      neighbours: race.best.map { best in
        race.neighbours(of: best, spacing).map { race.comparison($0, with: best) }
      } ?? [],
      gradients: (first?.gradients ?? 0) + race.gradients,
      gridGradients: wholeGrid * seeds.count * steps,
      isAtEnd: race.best.map { $0 == Double(lowest) || $0 == Double(highest) } ?? false)
  }
}

/// What a search found, and what it cost.
public struct RateSearchResult: Sendable, Equatable {
  public enum Ending: String, Sendable, Codable, CaseIterable {
    /// The best rate's neighbours differ from it by less than the noise over seeds.
    case noise
    /// Closer rates are not asked for.
    case finest
    /// No rate ends below where it began.
    case allDiverge
  }

  /// One rate on one part of the data.
  public struct Entry: Sendable, Equatable {
    public enum Fate: String, Sendable, Codable, CaseIterable {
      /// Ran all steps.
      case finished
      /// Dropped at the last rung that is there, for others were better.
      case lagged
      /// Dropped at the last rung that is there, for a loss that is not finite or above the start.
      case diverged
    }
    public let part: RateSearch.Part
    public let exponent: Double
    public let rate: Double
    public internal(set) var rungs: [Rung] = []
    public internal(set) var fate: Fate = .lagged
    public var isFinished: Bool { fate == .finished }
  }

  public struct Rung: Sendable, Equatable {
    public let step: Int
    /// A loss for each seed.
    public let losses: [Double]
    /// The mean over seeds; `nil` where there are no held-out data.
    public let accuracy: Double?
    /// The mean over seeds, which rates are compared by.
    public var loss: Double { losses.reduce(0, +) / Double(losses.count) }
  }

  /// A neighbour of the best rate.
  public struct Comparison: Sendable, Equatable {
    public let rate: Double
    public let fate: Entry.Fate
    /// The rung at which the two are compared, the last that the neighbour reached.
    public let step: Int
    /// Mean loss less that of the best, there; infinite where the neighbour diverges.
    public let difference: Double
    /// Twice the standard error of that; NaN with one seed, and where the neighbour diverges.
    public let noise: Double
  }

  /// In the order in which they were begun.
  public let entries: [Entry]
  /// `nil` where every rate diverges.
  public let best: Double?
  public let bestExponent: Double?
  /// Of the rates around the best, in decades.
  public let spacing: Double
  public let ending: Ending
  /// The rates next to the best.
  public let neighbours: [Comparison]
  /// Paid.
  public let gradients: Int
  /// What all rates at that spacing would have cost, all steps of all seeds on all data.
  public let gridGradients: Int
  /// Whether the best rate is the first or last of the range, so that a better one may lie outside.
  public let isAtEnd: Bool
}

/// Rates that run against each other on one part of the data.
private struct RateRace {
  let seeds: [Int]
  let rungs: [Int]
  let part: RateSearch.Part
  var entries: [RateSearchResult.Entry] = []
  var gradients = 0

  init(seeds: [Int], rungs: [Int], part: RateSearch.Part) {
    self.seeds = seeds
    self.rungs = rungs
    self.part = part
  }

  func entry(_ exponent: Double) -> RateSearchResult.Entry? {
    entries.first { $0.exponent == exponent }
  }

  /// Of those that ran all steps; the smaller one of equally good ones.
  var best: Double? {
    var best: RateSearchResult.Entry?
    for entry in entries.sorted(by: { $0.exponent < $1.exponent }) where entry.isFinished {
      if best.map({ entry.rungs.last!.loss < $0.rungs.last!.loss }) ?? true { best = entry }
    }
    return best?.exponent
  }

  mutating func run(
    _ exponents: [Double],
    _ carryOut: ([RateSearch.Order]) throws -> [RateSearch.Report]
  ) rethrows {
    var running: [Int] = []
    for exponent in exponents {
      running.append(entries.count)
      entries.append(
        RateSearchResult.Entry(part: part, exponent: exponent, rate: Portable.pow(10, exponent)))
    }
    try advance(running, through: 0, carryOut)
    // Where all that went on have diverged, the best of those that lagged go on.
    while best == nil, let rung = entries.filter({ $0.fate == .lagged }).map(\.rungs.count).max() {
      let lagged = entries.indices.filter {
        entries[$0].fate == .lagged && entries[$0].rungs.count == rung
      }
      try advance(Array(ranked(lagged, at: rung - 1).prefix(3)), through: rung, carryOut)
    }
  }

  /// Runs entries that are through so many rungs.
  private mutating func advance(
    _ begun: [Int], through first: Int,
    _ carryOut: ([RateSearch.Order]) throws -> [RateSearch.Report]
  ) rethrows {
    var running = begun
    var from = first == 0 ? 0 : rungs[first - 1]
    for (rung, to) in rungs.enumerated().dropFirst(first) where !running.isEmpty {
      let orders = running.flatMap { index in
        seeds.map { seed in
          RateSearch.Order(
            part: part, exponent: entries[index].exponent, rate: entries[index].rate, seed: seed,
            from: from, to: to)
        }
      }
      let reports = try carryOut(orders)
      require(reports.count == orders.count, "a report for each order, and no more")
      for (place, index) in running.enumerated() {
        note(index, reports[place * seeds.count..<(place + 1) * seeds.count], at: to)
      }
      running.removeAll { entries[$0].fate == .diverged }
      if to == rungs.last {
        for index in running { entries[index].fate = .finished }
      } else {
        let goOn = survivors(of: rung)
        running.removeAll { !goOn.contains($0) }
      }
      from = to
    }
  }

  private mutating func note(_ index: Int, _ reports: ArraySlice<RateSearch.Report>, at step: Int) {
    let accuracies = reports.compactMap(\.accuracy)
    entries[index].rungs.append(
      RateSearchResult.Rung(
        step: step, losses: reports.map(\.loss),
        accuracy: accuracies.count == seeds.count
          ? accuracies.reduce(0, +) / Double(seeds.count) : nil))
    gradients += reports.reduce(0) { $0 + $1.gradients }
    // A loss that is NaN is not at most the first one.
    let isFine = reports.allSatisfy { $0.loss <= $0.initialLoss && $0.loss.isFinite }
    entries[index].fate = isFine ? .lagged : .diverged
  }

  /// The better half, or the best three, of all that were measured at a rung and did not diverge.
  private func survivors(of rung: Int) -> Set<Int> {
    let there = entries.indices.filter { index in
      let entry = entries[index]
      return entry.rungs.count > rung + 1
        || entry.rungs.count == rung + 1 && entry.fate != .diverged
    }
    return Set(ranked(there, at: rung).prefix(max(3, (there.count + 1) / 2)))
  }

  /// By the loss at a rung that all have reached, the best first.
  private func ranked(_ all: [Int], at rung: Int) -> [Int] {
    all.sorted { a, b in
      let (x, y) = (entries[a].rungs[rung].loss, entries[b].rungs[rung].loss)
      return x != y ? x < y : entries[a].exponent < entries[b].exponent
    }
  }

  /// The rates at a distance.
  func neighbours(of exponent: Double, _ spacing: Double) -> [RateSearchResult.Entry] {
    [exponent - spacing, exponent + spacing].compactMap { entry($0) }
  }

  func comparison(
    _ other: RateSearchResult.Entry, with exponent: Double
  ) -> RateSearchResult.Comparison {
    let rung = other.rungs.count - 1
    let step = other.rungs[rung].step
    guard other.fate != .diverged else {
      return RateSearchResult.Comparison(
        rate: other.rate, fate: other.fate, step: step, difference: .infinity, noise: .nan)
    }
    let differences = zip(other.rungs[rung].losses, entry(exponent)!.rungs[rung].losses).map(-)
    let count = Double(differences.count)
    let mean = differences.reduce(0, +) / count
    var squares = 0.0
    for d in differences { squares += (d - mean) * (d - mean) }
    let noise = 2 * (squares / (count * (count - 1))).squareRoot()
    return RateSearchResult.Comparison(
      rate: other.rate, fate: other.fate, step: step, difference: mean, noise: noise)
  }

  /// Whether a difference is within the noise; with one seed, never.
  func isWithinNoise(_ other: RateSearchResult.Entry, of exponent: Double) -> Bool {
    let comparison = comparison(other, with: exponent)
    return comparison.difference <= comparison.noise
  }
}
