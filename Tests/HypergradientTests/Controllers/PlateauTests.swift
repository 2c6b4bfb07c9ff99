internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

/// Sequences worked by hand, one for each clause of the contract, and its laws.
@Suite struct PlateauTests {
  private func rates(_ plateau: Plateau, _ observations: [Double]) -> [Double] {
    PlateauPresetsTests.rates(plateau, observations)
  }

  private func actions(_ plateau: Plateau, _ observations: [Double]) -> [Plateau.Action] {
    var plateau = plateau
    return observations.map { plateau.observe($0) }
  }

  // MARK: Patience

  @Test(arguments: 1...6) func actsAtTheNthBadObservation(_ patience: Int) {
    let plateau = Plateau(initial: 1, reduce: .by(0.5, after: patience))
    let seen = actions(plateau, [Double](repeating: 1, count: 1 + 3 * patience))
    let fired = seen.indices.filter { seen[$0] == .reduce }
    #expect(fired == [patience, 2 * patience, 3 * patience])
  }

  @Test func anImprovementEndsARunOfBadOnes() {
    let plateau = Plateau(initial: 1, reduce: .by(0.5, after: 3))
    #expect(
      rates(plateau, [4, 4, 4, 3, 3, 3, 3, 2, 2, 2]) == [1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
  }

  // MARK: Cooldown

  @Test(arguments: 0...5) func cooldownIgnoresExactlyItsLength(_ cooldown: Int) {
    let plateau = Plateau(initial: 1, reduce: .by(0.5, after: 2), cooldown: cooldown)
    let period = 2 + cooldown
    let seen = actions(plateau, [Double](repeating: 1, count: 3 + 2 * period))
    #expect(seen.indices.filter { seen[$0] == .reduce } == [2, 2 + period, 2 + 2 * period])
  }

  @Test func bestMovesDuringCooldownUnlessToldOtherwise() {
    // Reduced at the second 5; 1 falls into the cooldown, 2 comes after it.
    let metrics: [Double] = [5, 5, 1, 2]
    func plateau(_ best: Plateau.BestDuringCooldown) -> Plateau {
      Plateau(initial: 1, reduce: .by(0.5, after: 1), cooldown: 1, bestDuringCooldown: best)
    }
    #expect(rates(plateau(.moves), metrics) == [1, 0.5, 0.5, 0.25])
    #expect(rates(plateau(.holds), metrics) == [1, 0.5, 0.5, 0.5])
  }

  @Test func improvementsDuringCooldownAreNotCounted() {
    let plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 1), increase: .by(2, after: 2), cooldown: 2)
    // 9: first. 9: reduce. 8, 7: ignored. 6: one. 5: two, increase. 4, 3: ignored. 2: one.
    #expect(
      actions(plateau, [9, 9, 8, 7, 6, 5, 4, 3, 2])
        == [.none, .reduce, .none, .none, .none, .increase, .none, .none, .none])
  }

  // MARK: Comparison

  @Test func relativeMarginIsRightForEverySign() {
    let less = Plateau.Comparison.relative(0.1)
    #expect(less.isBetter(0.89, than: 1))
    #expect(!less.isBetter(0.9, than: 1))
    #expect(less.isBetter(-1.11, than: -1))
    #expect(!less.isBetter(-1.1, than: -1))
    #expect(!less.isBetter(-0.95, than: -1))
    #expect(less.isBetter(-.leastNonzeroMagnitude, than: 0))
    #expect(!less.isBetter(0, than: 0))
    let more = Plateau.Comparison.relative(0.1, direction: .maximize)
    #expect(more.isBetter(1.11, than: 1))
    #expect(!more.isBetter(1.1, than: 1))
    #expect(more.isBetter(-0.89, than: -1))
    #expect(!more.isBetter(-0.9, than: -1))
    #expect(more.isBetter(.leastNonzeroMagnitude, than: 0))
    #expect(!more.isBetter(-0.0, than: 0))
  }

  @Test func absoluteMarginIsInTheMetricsUnit() {
    let less = Plateau.Comparison.absolute(0.25)
    #expect(less.isBetter(0.5, than: 1))
    #expect(!less.isBetter(0.75, than: 1))
    #expect(less.isBetter(-1.5, than: -1))
    let more = Plateau.Comparison.absolute(0.25, direction: .maximize)
    #expect(more.isBetter(1.5, than: 1))
    #expect(!more.isBetter(1.25, than: 1))
  }

  @Test func directionsMirrorEachOther() {
    var draw = RandomStream(RandomKey("tests.plateau.mirror"))
    let comparisons: [(Plateau.Direction) -> Plateau.Comparison] = [
      { .relative(0.05, direction: $0) }, { .absolute(0.3, direction: $0) },
    ]
    for comparison in comparisons {
      let metrics = (0..<200).map { _ in PlateauPresetsTests.observation(&draw) }
      let down = Plateau(
        initial: 1, reduce: .by(0.5, after: 2), increase: .by(1.5, after: 1),
        comparing: comparison(.minimize))
      let up = Plateau(
        initial: 1, reduce: .by(0.5, after: 2), increase: .by(1.5, after: 1),
        comparing: comparison(.maximize))
      #expect(rates(down, metrics) == rates(up, metrics.map { -$0 }))
    }
  }

  @Test func nonFiniteObservationsAreBadAndNeverBest() {
    for x in [Double.nan, .infinity, -.infinity] {
      for direction in Plateau.Direction.allCases {
        var plateau = Plateau(
          initial: 1, reduce: .by(0.5, after: 2), comparing: .relative(0, direction: direction))
        #expect([x, x].map { plateau.observe($0) } == [.none, .reduce])
        #expect(plateau.best == nil)
        plateau.observe(3)
        #expect(plateau.best == 3)
        #expect([x, x].map { plateau.observe($0) } == [.none, .reduce])
        #expect(plateau.best == 3)
      }
    }
  }

  // MARK: Increase

  @Test func increasesAfterImprovementsInARow() {
    let plateau = Plateau(initial: 1, increase: .by(2, after: 2))
    // The first observation improves on nothing; the bad 5 ends a run of one.
    #expect(
      rates(plateau, [9, 8, 7, 6, 5, 5, 4, 3, 2]) == [1, 1, 2, 2, 4, 4, 4, 8, 8])
  }

  @Test func increasesInsteadOfReducingAfterReductionsInVain() {
    let plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 2), increase: .by(8, afterReductions: 2))
    #expect(
      actions(plateau, [Double](repeating: 1, count: 13))
        == [.none, .none, .reduce, .none, .reduce, .none, .increase]
        + [.none, .reduce, .none, .reduce, .none, .increase])
    // An improvement in between: the reductions were not in vain.
    #expect(
      actions(plateau, [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
        == [.none, .none, .reduce, .none, .reduce, .none]
        + [.none, .reduce, .none, .reduce, .none, .increase])
  }

  @Test func reductionsAtTheLowerBoundAreInVainToo() {
    let plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 1), increase: .by(4, afterReductions: 3),
      within: 0.5...16)
    #expect(
      rates(plateau, [Double](repeating: 1, count: 9)) == [1, 0.5, 0.5, 0.5, 2, 1, 0.5, 0.5, 2])
  }

  @Test func increasesWhenStuckWithoutAReduction() {
    let plateau = Plateau(initial: 1, increase: .by(2, whenStuckFor: 3))
    #expect(
      rates(plateau, [9, 9, 9, 9, 9, 9, 9, 5, 5, 5, 5]) == [1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 8])
  }

  @Test func aReductionTakesPrecedenceOverAnIncrease() {
    // Bad observations 2, 4 and 6 reduce; the increase due at 4 waits for 5.
    let plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 2), increase: .by(8, whenStuckFor: 4))
    #expect(
      actions(plateau, [Double](repeating: 1, count: 8))
        == [.none, .none, .reduce, .none, .reduce, .increase, .none, .reduce])
    let always = Plateau(
      initial: 1, reduce: .by(0.5, after: 1), increase: .by(8, whenStuckFor: 1))
    #expect(actions(always, [1, 1, 1, 1]) == [.none, .reduce, .reduce, .reduce])
  }

  // MARK: Bounds

  @Test func anActionThatChangesNothingIsAnAction() {
    let plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 2), within: 1...4, cooldown: 1)
    #expect(rates(plateau, [Double](repeating: 1, count: 9)).allSatisfy { $0 == 1 })
    #expect(
      actions(plateau, [Double](repeating: 1, count: 9))
        == [.none, .none, .reduce, .none, .none, .reduce, .none, .none, .reduce])
  }

  /// Every kind of plateau, for the laws.
  static let kinds: [Plateau] = [
    Plateau(initial: 0.1, reduce: .by(0.5, after: 3), within: 1e-6...1, watching: .metric),
    Plateau(initial: 0.1, reduce: .by(0, after: 2), within: 0...1, watching: .metric),
    Plateau(initial: 0.1, increase: .by(1.2, after: 2), within: 1e-6...1, watching: .metric),
    Plateau(initial: 0.1, increase: .by(1e300, whenStuckFor: 2), watching: .metric),
    Plateau(
      initial: 0.1, reduce: .by(0.5, after: 5), increase: .by(1.2, after: 3), within: 1e-6...1,
      watching: .metric),
    Plateau(
      initial: 0.1, reduce: .by(0.7, after: 2), increase: .by(3, afterReductions: 2),
      within: 1e-3...1, comparing: .absolute(0.1, direction: .maximize), cooldown: 2,
      bestDuringCooldown: .holds, watching: .metric),
    Plateau(
      initial: 0.1, reduce: .by(0.7, after: 3), increase: .by(3, whenStuckFor: 7),
      within: 1e-3...1, cooldown: 1, watching: .metric),
    .pyTorch(
      initial: 0.1, factor: 0.9, patience: 2, mode: .maximize, cooldown: 1, minimum: 1e-3,
      watching: .metric),
    .keras(initial: 0.1, factor: 0.9, patience: 2, cooldown: 2, watching: .metric),
  ]

  @Test(arguments: kinds) func theRateIsAlwaysFiniteAndWithinBounds(_ kind: Plateau) {
    #if DEBUG
      let count = 2_000
    #else
      let count = 100_000
    #endif
    var draw = RandomStream(RandomKey("tests.plateau.bounds"))
    var plateau = kind
    var seen: Set<Double> = []
    for _ in 0..<count {
      plateau.observe(PlateauPresetsTests.observation(&draw))
      let rate = plateau.learningRate
      #expect(rate.isFinite && plateau.bounds.contains(rate))
      if draw.integer(below: 50) == 0 {
        plateau.project(learningRate: [.nan, .infinity, -1, 0.3][draw.integer(below: 4)])
        #expect(plateau.bounds.contains(plateau.learningRate))
      }
      seen.insert(rate)
    }
    #expect(seen.count > 2)
  }

  @Test func kindsDiffer() {
    var draw = RandomStream(RandomKey("tests.plateau.kinds"))
    let metrics = (0..<300).map { _ in PlateauPresetsTests.observation(&draw) }
    let traces = Self.kinds.map { rates($0, metrics) }
    #expect(Set(traces).count == traces.count)
  }

  @Test(arguments: kinds) func copiesAndCheckpointsGoOnWithTheSameBits(_ kind: Plateau) throws {
    var draw = RandomStream(RandomKey("tests.plateau.copies"))
    var plateau = kind
    plateau.observe(.nan)
    for _ in 0..<60 {
      let untouched = plateau
      var copy = plateau
      var stored = try JSONDecoder().decode(Plateau.self, from: JSONEncoder().encode(plateau))
      #expect(stored == plateau)
      let x = PlateauPresetsTests.observation(&draw)
      let action = plateau.observe(x)
      #expect(copy == untouched)
      #expect(copy.observe(x) == action && copy == plateau)
      #expect(stored.observe(x) == action && stored == plateau)
    }
  }

  // MARK: As a controller

  @Test(arguments: kinds) func metricsReachItByEitherDoor(_ kind: Plateau) {
    var draw = RandomStream(RandomKey("tests.plateau.doors"))
    var (told, asked) = (kind, kind)
    #expect(kind.requirements.signals == [.metric])
    for step in 0..<300 {
      let metric = step % 3 == 0 ? PlateauPresetsTests.observation(&draw) : nil
      if let metric { told.observe(metric) }
      let decision = asked.decide(StepSignals(step: step, metric: metric))
      #expect(decision == .step(told.learningRate))
      #expect(asked == told)
    }
  }

  @Test func meansOfLossesAreObservations() {
    var plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 1), comparing: .absolute(0),
      watching: .loss(averagedOver: 4))
    #expect(plateau.requirements.signals == [.loss])
    // Means 2.5, 2.5 and 2: the second is bad.
    let losses: [Double] = [1, 2, 3, 4, 4, 3, 2, 1, 2, 2, 2, 2]
    let rates = losses.enumerated().map { step, loss in
      plateau.learningRate(for: StepSignals(step: step, loss: loss))
    }
    #expect(rates == [1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5])
    #expect(plateau.best == 2)
  }

  @Test func oneNaNSpoilsTheMeanItBelongsTo() throws {
    var plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 1), watching: .loss(averagedOver: 2))
    plateau.observe(9)
    _ = plateau.decide(StepSignals(step: 0, loss: .nan))
    plateau = try JSONDecoder().decode(Plateau.self, from: JSONEncoder().encode(plateau))
    #expect(plateau.decide(StepSignals(step: 1, loss: 1)) == .step(0.5))
    _ = plateau.decide(StepSignals(step: 2, loss: 1))
    #expect(plateau.decide(StepSignals(step: 3, loss: 1)) == .step(0.5))
    #expect(plateau.best == 1)
  }

  @Test func anOuterBoundDoesNotLetItStickOutside() {
    var control = Plateau(
      initial: 1, reduce: .by(0.1, after: 1), increase: .by(2, after: 1), watching: .metric
    ).clamped(to: 0.5...1)
    let metrics: [Double] = [9, 9, 9, 9, 8]
    let rates = metrics.enumerated().map { step, metric in
      control.learningRate(for: StepSignals(step: step, metric: metric))
    }
    #expect(rates == [1, 0.5, 0.5, 0.5, 1])
  }

  @Test func argumentsOutOfRangeStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Plateau.Reduction.by(1, after: 1) }
    await #expect(processExitsWith: .failure) { _ = Plateau.Reduction.by(0.5, after: 0) }
    await #expect(processExitsWith: .failure) { _ = Plateau.Increase.by(1, after: 1) }
    await #expect(processExitsWith: .failure) {
      _ = Plateau(initial: 2, reduce: .by(0.5, after: 1), within: 0...1)
    }
    await #expect(processExitsWith: .failure) {
      _ = Plateau(initial: 1, increase: .by(2, afterReductions: 1))
    }
  }
}
