internal import Hypergradient
internal import PortableMath
internal import Testing

/// Optax' and fastai's plateaus against sequences from the libraries, and against their order of events
/// written out, on random observations.
@Suite struct FeedbackPresetTests {
  private func rates(_ plateau: Plateau, _ observations: [Double]) -> [Double] {
    PlateauPresetsTests.rates(plateau, observations)
  }

  /// Optax 0.2.8 on a constant, factor 0.5 from 1.
  @Test(arguments: [
    (1, 0, [1, 0.5, 0.25]),
    (2, 0, [1, 1, 0.5, 0.5, 0.25]),
    (1, 1, [1, 0.5, 0.5, 0.25, 0.25]),
    (1, 2, [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]),
  ]) func optaxOnAConstant(_ patience: Int, _ cooldown: Int, _ expected: [Double]) {
    let plateau = Plateau.optax(
      initial: 1, factor: 0.5, patience: patience, cooldown: cooldown)
    #expect(rates(plateau, expected.map { _ in 1 }) == expected)
  }

  /// Below zero Optax never reduces while things get slowly worse; with rtol 1 nothing is better.
  @Test func optaxHasItsSigns() {
    let worse = (0..<8).map { -1 + 5e-5 * Double($0) }
    #expect(rates(.optax(initial: 1, factor: 0.5, patience: 1), worse).last == 1)
    #expect(
      rates(.optax(initial: 1, factor: 0.5, patience: 1, rtol: 1), [3, 2, 1])
        == [0.5, 0.25, 0.125])
  }

  @Test func optaxAveragesLosses() {
    var plateau = Plateau.optax(initial: 1, factor: 0.5, patience: 1, accumulationSize: 3)
    // Means 2, 2, NaN: the second and the third are bad.
    let losses: [Double] = [1, 2, 3, 3, 2, 1, 0, .nan, 0]
    let rates = losses.enumerated().map { step, loss in
      plateau.learningRate(for: StepSignals(step: step, loss: loss))
    }
    #expect(rates == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25])
  }

  /// Optax': compare, then either rest or act.
  struct OptaxOrder {
    var scale = 1.0
    let factor, rtol, atol, minScale: Double
    let patience, cooldown: Int
    var best = Double.infinity
    var plateauCount = 0
    var cooldownCount = 0

    mutating func observe(_ x: Double) {
      let improved = x < (1 - rtol) * best - atol
      if improved { best = x }
      plateauCount = improved ? 0 : plateauCount + 1
      if cooldownCount > 0 {
        plateauCount = 0
        cooldownCount -= 1
      } else if plateauCount == patience {
        scale = max(scale * factor, minScale)
        plateauCount = 0
        cooldownCount = cooldown
      }
    }
  }

  @Test func optaxOnRandomObservations() {
    var draw = RandomStream(RandomKey("tests.plateau.optax"))
    for _ in 0..<300 {
      var expected = OptaxOrder(
        factor: 0.1 + 0.8 * draw.uniform(), rtol: [0, 1e-4, 0.1, 1][draw.integer(below: 4)],
        atol: [0, 0.3][draw.integer(below: 2)], minScale: [0, 0.1, 1][draw.integer(below: 3)],
        patience: 1 + draw.integer(below: 4), cooldown: draw.integer(below: 4))
      var plateau = Plateau.optax(
        initial: 1, factor: expected.factor, patience: expected.patience, rtol: expected.rtol,
        atol: expected.atol, cooldown: expected.cooldown, minScale: expected.minScale)
      for _ in 0..<60 {
        let x = PlateauPresetsTests.observation(&draw)
        expected.observe(x)
        plateau.observe(x)
        #expect(plateau.learningRate == expected.scale)
      }
    }
  }

  /// fastai's: compare, count, and divide at `wait >= patience`.
  struct FastaiOrder {
    var rate: Double
    let factor, minDelta, minLr: Double
    let patience: Int
    let isMinimum: Bool
    var best: Double
    var wait = 0

    mutating func observe(_ x: Double) {
      if isMinimum ? x + minDelta < best : x - minDelta > best {
        best = x
        wait = 0
      } else {
        wait += 1
      }
      if wait >= patience {
        rate = max(rate / factor, minLr)
        wait = 0
      }
    }
  }

  @Test func fastaiOnRandomObservations() {
    var draw = RandomStream(RandomKey("tests.plateau.fastai"))
    var reduced = 0
    for _ in 0..<300 {
      let isMinimum = draw.integer(below: 2) == 0
      var expected = FastaiOrder(
        rate: 1, factor: 1.5 + draw.uniform(), minDelta: [0, 0.1, 0.2][draw.integer(below: 3)],
        minLr: [0, 1e-3, 0.5][draw.integer(below: 3)], patience: 1 + draw.integer(below: 4),
        isMinimum: isMinimum, best: isMinimum ? .infinity : -.infinity)
      var plateau = Plateau.fastai(
        initial: 1, factor: expected.factor, patience: expected.patience,
        minDelta: expected.minDelta, mode: isMinimum ? .minimize : .maximize,
        minLr: expected.minLr)
      for _ in 0..<40 {
        // Tenths tie with the margin but for rounding.
        let x =
          draw.integer(below: 2) == 0
          ? Double(draw.integer(below: 30)) / 10 : PlateauPresetsTests.observation(&draw)
        expected.observe(x)
        plateau.observe(x)
        #expect(relativeDifference(plateau.learningRate, expected.rate) <= 1e-14)
      }
      if expected.rate < 1 { reduced += 1 }
    }
    #expect(reduced > 250)
  }

  /// Its patience of 1 means the first bad observation, and its factor of 10 a tenth.
  @Test func fastaiDividesByTen() {
    #expect(rates(.fastai(initial: 1), [3, 3, 2, 2]) == [1, 0.1, 0.1, 0.1 * 0.1])
  }

  @Test func whatIsNotFollowedStopsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Plateau.optax(initial: 1, patience: 0) }
    await #expect(processExitsWith: .failure) { _ = Plateau.optax(initial: 1, minScale: 2) }
  }
}
