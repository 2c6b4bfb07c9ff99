internal import Hypergradient
internal import PortableMath
internal import Testing

/// GreedyLR: the contract by hand, and Transformers' form against its order of events written out.
@Suite struct GreedyRateTests {
  private func rates(_ control: GreedyRate, _ observations: [Double]) -> [Double] {
    var control = control
    return observations.map {
      control.observe($0)
      return control.learningRate
    }
  }

  // MARK: The contract

  @Test func actsAtTheNthInARow() {
    let control = GreedyRate(initial: 1, factor: 0.5, patience: 2)
    // 9 improves on nothing; 8 and 7 raise; 7 and 7 lower; 6 is one only.
    #expect(rates(control, [9, 8, 7, 7, 7, 6, 6]) == [1, 1, 2, 2, 1, 1, 1])
  }

  @Test func boundsFollowTheInitialRate() {
    let control = GreedyRate(initial: 5e-5, factor: 0.5, patience: 1)
    let lowest = rates(control, [Double](repeating: 1, count: 40)).last!
    let highest = rates(control, (0..<40).map { -Double($0) }).last!
    #expect(relativeDifference(lowest, 5e-8) <= 1e-15)
    #expect(relativeDifference(highest, 5e-4) <= 1e-15)
    #expect(control.bounds == lowest...highest)
  }

  @Test func theMarginIsRightBelowZero() {
    let control = GreedyRate(initial: 1, factor: 0.5, patience: 1, comparing: .relative(0.1))
    #expect(rates(control, [-1, -0.95]) == [1, 0.5])
    let theirs = GreedyRate.transformers(
      initial: 1, factor: 0.5, patience: 0, threshold: 0.1, thresholdMode: .relative, minLr: 0,
      maxLr: 100)
    // −0.95 < −1 · 0.9: an improvement to them.
    #expect(rates(theirs, [-1, -0.95]) == [2, 4])
  }

  /// Observations after an action are ignored, and best with them.
  @Test func ignoresAfterAnAction() {
    let control = GreedyRate(initial: 1, factor: 0.5, patience: 1, cooldown: 1, warmup: 2)
    // 8 raises; 1 and 1 are ignored; 7 is better than 8 and raises; two more ignored; 7 lowers; one
    // ignored; 7 lowers.
    #expect(rates(control, [9, 8, 1, 1, 7, 0, 0, 7, 7, 7]) == [1, 2, 2, 2, 4, 4, 4, 2, 2, 1])
  }

  @Test func comparesMeans() {
    let control = GreedyRate(
      initial: 1, factor: 0.5, patience: 1, comparing: .absolute(0), smoothedOver: 3)
    // Means 6, 5, 5, 4, 4: 6 is the first, 5 raises, 5 lowers, 4 raises, 4 lowers.
    #expect(rates(control, [6, 4, 5, 3, 4]) == [1, 2, 1, 2, 1])
    // NaN is bad, and is not in the mean.
    #expect(rates(control, [6, 4, .nan, 5, 3]) == [1, 2, 1, 0.5, 1])
  }

  @Test func beginsAnewAtTheFloor() {
    var control = GreedyRate(
      initial: 1, factor: 0.5, patience: 1, within: 0.25...2, restartAfter: 2)
    // 0.5; 0.25, at the floor once; again, and anew: 9 is then a first best.
    let seen = [1, 1, 1, 1, 9, 8].map { x in
      control.observe(x)
      return control.learningRate
    }
    #expect(seen == [1, 0.5, 0.25, 1, 1, 2] && control.restarts == 1)
  }

  @Test func anIncreaseForgetsReductionsAtTheFloor() {
    var control = GreedyRate(
      initial: 1, factor: 0.5, patience: 1, within: 0.5...2, restartAfter: 2)
    for x: Double in [5, 5, 4, 4] { control.observe(x) }
    #expect(control.restarts == 0 && control.learningRate == 0.5)
    control.observe(4)
    #expect(control.restarts == 1 && control.learningRate == 1)
  }

  // MARK: Transformers'

  /// The defaults can't reduce a usual rate of Adam, and can only raise it.
  @Test func transformersDefaultsOnlyRaiseAdamsRates() {
    let flat = [Double](repeating: 1, count: 200)
    #expect(rates(.transformers(initial: 5e-5), flat).last == 5e-5)
    #expect(rates(.transformers(initial: 5e-5), (0..<200).map { -Double($0) }).last! > 1e-4)
  }

  /// The cases of its own tests: patience 3, factor 0.9, from 0.1.
  @Test func transformersCases() {
    func control(
      patience: Int = 3, factor: Double = 0.9, cooldown: Int = 0, warmup: Int = 0,
      minLr: Double = 1e-6, resetStart: Int = 500
    ) -> GreedyRate {
      .transformers(
        initial: 0.1, factor: factor, patience: patience, cooldown: cooldown, warmup: warmup,
        minLr: minLr, resetStart: resetStart)
    }
    #expect(rates(control(), [5, 10, 10, 10, 10]) == [0.1, 0.1, 0.1, 0.1, 0.1 * 0.9])
    #expect(rates(control(), [8, 6.4, 5.12, 4.096]) == [0.1, 0.1, 0.1, 0.1 / 0.9])
    let reset = control(patience: 1, factor: 0.5, minLr: 0.01, resetStart: 2)
    #expect(rates(reset, [1] + [Double](repeating: 10, count: 100)).last == 0.1)
  }

  /// As described: smooth, rest or compare, act; an increase takes precedence.
  struct Order {
    var rate: Double
    let initial, factor, threshold, low, high, eps: Double
    let patience, cooldown, warmup, resetStart: Int
    let window: Int?
    let isRelative, isMinimum: Bool
    var best: Double
    var good = 0
    var bad = 0
    var resting = 0
    var warming = 0
    var resetLeft: Int
    var values: [Double] = []
    var sum = 0.0

    private var worst: Double { isMinimum ? .infinity : -.infinity }

    mutating func observe(_ observation: Double) {
      var x = observation
      if let window {
        values.append(x)
        sum += x
        if values.count > window { sum -= values.removeFirst() }
        x = sum / Double(values.count)
      }
      if resting > 0 {
        resting -= 1
        (good, bad) = (0, 0)
        return
      }
      if warming > 0 {
        warming -= 1
        (good, bad) = (0, 0)
        return
      }
      let bar =
        isRelative
        ? best * (isMinimum ? 1 - threshold : 1 + threshold)
        : isMinimum ? best - threshold : best + threshold
      if isMinimum ? x < bar : x > bar {
        best = x
        (good, bad) = (good + 1, 0)
      } else {
        (good, bad) = (0, bad + 1)
      }
      if good > patience {
        let next = min(rate / factor, high)
        if next - rate > eps { rate = next }
        resetLeft = resetStart
        warming = warmup
        good = 0
      } else if bad > patience {
        let next = max(rate * factor, low)
        if rate - next > eps { rate = next }
        if rate <= low {
          resetLeft -= 1
          if resetLeft <= 0 {
            rate = initial
            best = worst
            (good, bad, resting, warming) = (0, 0, 0, 0)
            resetLeft = resetStart
            (values, sum) = ([], 0)
          }
        }
        resting = cooldown
        bad = 0
      }
    }
  }

  @Test func transformersOnRandomObservations() {
    var draw = RandomStream(RandomKey("tests.greedy.transformers"))
    var moved = 0
    for _ in 0..<400 {
      let isMinimum = draw.integer(below: 2) == 0
      let rate = [1e-4, 0.01, 0.3][draw.integer(below: 3)]
      let resetStart = 1 + draw.integer(below: 4)
      var expected = Order(
        rate: rate, initial: rate, factor: 0.2 + 0.7 * draw.uniform(),
        threshold: [0, 1e-6, 0.1][draw.integer(below: 3)],
        low: [0, 1e-3, 0.05][draw.integer(below: 3)], high: [0.1, 1][draw.integer(below: 2)],
        eps: [0, 1e-8, 0.01][draw.integer(below: 3)], patience: draw.integer(below: 3),
        cooldown: draw.integer(below: 3), warmup: draw.integer(below: 3), resetStart: resetStart,
        window: [nil, 1, 2, 5][draw.integer(below: 4)], isRelative: draw.integer(below: 2) == 0,
        isMinimum: isMinimum, best: isMinimum ? .infinity : -.infinity, resetLeft: resetStart)
      var control = GreedyRate.transformers(
        initial: rate, factor: expected.factor, patience: expected.patience,
        threshold: expected.threshold,
        thresholdMode: expected.isRelative ? .relative : .absolute,
        mode: isMinimum ? .minimize : .maximize, cooldown: expected.cooldown,
        warmup: expected.warmup, minLr: expected.low, maxLr: expected.high, eps: expected.eps,
        windowSize: expected.window, resetStart: resetStart)
      for _ in 0..<60 {
        // A drift, so that there are improvements in a row as well.
        let x =
          draw.integer(below: 3) == 0
          ? PlateauPresetsTests.observation(&draw)
          : (isMinimum ? -1.0 : 1) * Double(draw.integer(below: 2))
            + (expected.best.isFinite ? expected.best : 0)
        expected.observe(x)
        control.observe(x)
        #expect(control.learningRate == expected.rate)
      }
      if expected.rate != rate { moved += 1 }
    }
    #expect(moved > 150, "\(moved)")
  }

  @Test func argumentsOutOfRangeStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = GreedyRate(initial: 0) }
    await #expect(processExitsWith: .failure) { _ = GreedyRate(initial: 1, factor: 1) }
    await #expect(processExitsWith: .failure) { _ = GreedyRate(initial: 1, patience: 0) }
    await #expect(processExitsWith: .failure) { _ = GreedyRate(initial: 2, within: 0...1) }
  }
}
