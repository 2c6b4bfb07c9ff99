internal import Records
internal import Statistics

/// Takes the runs of one task, rule and method, by ascending seed.
struct MethodRunsBuilder {
  private struct Rate {
    var index: Int
    var exponent: Double?
    var startingRate: Double?
    var reached = 0
    var scores: [ScoredRun] = []
  }

  private var whole = MethodRuns()
  private var rates: [Rate] = []
  /// By ``RunRecord/rateIndex``.
  private var positions: [Int: Int] = [:]
  private var bySeed: [(seed: Int, all: Int, reached: Int)] = []

  mutating func add(_ run: RunRecord) {
    let position = positions[run.rateIndex] ?? rates.count
    if position == rates.count {
      positions[run.rateIndex] = position
      rates.append(
        Rate(index: run.rateIndex, exponent: run.rateExponent, startingRate: run.startingRate))
    }
    rates[position].scores.append(ScoredRun(run))
    if run.reached { rates[position].reached += 1 }
    if bySeed.last?.seed != run.seed { bySeed.append((run.seed, 0, 0)) }
    bySeed[bySeed.count - 1].all += 1
    if run.reached { bySeed[bySeed.count - 1].reached += 1 }
    whole.count += 1
    for trait in MethodRuns.Trait.allCases where run.has(trait) {
      whole.counts[trait.rawValue] += 1
    }
    whole.fingerprint.add(run)
    whole.mostCost = max(whole.mostCost, run.cost)
    if run.lossEvaluations > 0 { whole.paysForLosses = true }
    if run.hessianVectorProducts ?? 0 > 0 { whole.asksForCurvature = true }
    if run.hasHeldOutScore { whole.hasHeldOutScores = true }
    if run.bestTestAccuracy != nil { whole.hasAccuracies = true }
  }

  func result(_ seeds: ComparisonBuilder.Seeds) -> MethodRuns {
    var result = whole
    let rates = rates.sorted { $0.index < $1.index }
    result.reachedBySeed = bySeed.map { Double($0.reached) / Double($0.all) }
    result.rates = rates.map { rate in
      MethodRuns.RateRuns(
        index: rate.index, exponent: rate.exponent, startingRate: rate.startingRate,
        count: rate.scores.count, reached: rate.reached,
        // A rate is there with its first run.
        logGap: Quartiles(rate.scores.map(\.logGap))!)
    }
    result.tuned = Self.tuned(rates, seeds)
    return result
  }

  private static func tuned(
    _ rates: [Rate], _ seeds: ComparisonBuilder.Seeds
  ) -> MethodRuns.Tuned? {
    // Of equal ones the smaller rate.
    let tuning = rates.map { $0.scores.filter { seeds.tuning.contains($0.seed) } }
    guard
      let best = TuningScore.best(of: Dictionary(uniqueKeysWithValues: zip(rates.indices, tuning)))
    else { return nil }
    let rate = rates[best]
    let edge: MethodRuns.Tuned.Edge =
      rates.count == 1 ? .inside : best == 0 ? .low : best == rates.count - 1 ? .high : .inside
    return MethodRuns.Tuned(
      index: rate.index, exponent: rate.exponent, rate: rate.startingRate, edge: edge,
      runs: rate.scores.filter { seeds.report.contains($0.seed) })
  }
}

extension RunRecord {
  fileprivate func has(_ trait: MethodRuns.Trait) -> Bool {
    switch trait {
    case .reached: reached
    case .passed: firstPassage != nil
    case .diverged: status.isDiverged
    case .nonFinite: status == .nonFinite
    case .escaped: status == .escaped
    case .worse: status == .worse
    case .moved: moved ?? false
    case .negative: negativeSteps > 0
    }
  }
}
