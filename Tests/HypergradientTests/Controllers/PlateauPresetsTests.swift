internal import Hypergradient
internal import PortableMath
internal import Testing

/// The presets against sequences from the libraries, and against their written order of events on
/// random observations, NaN and infinities among them.
@Suite struct PlateauPresetsTests {
  static func rates(_ plateau: Plateau, _ observations: [Double]) -> [Double] {
    var plateau = plateau
    return observations.map {
      plateau.observe($0)
      return plateau.learningRate
    }
  }

  /// PyTorch 2.13 on a constant metric, factor 0.5 from 1.
  @Test(arguments: [
    (0, 0, [1, 0.5, 0.25, 0.125]),
    (1, 0, [1, 1, 0.5, 0.5, 0.25, 0.25]),
    (2, 0, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]),
    (0, 1, [1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]),
    (0, 2, [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]),
  ]) func pyTorchOnAConstant(_ patience: Int, _ cooldown: Int, _ expected: [Double]) {
    let plateau = Plateau.pyTorch(
      initial: 1, factor: 0.5, patience: patience, cooldown: cooldown)
    #expect(Self.rates(plateau, expected.map { _ in 1 }) == expected)
  }

  @Test func pyTorchOnNaN() {
    let plateau = Plateau.pyTorch(initial: 1, factor: 0.5, patience: 1)
    #expect(
      Self.rates(plateau, [Double](repeating: .nan, count: 5)) == [1, 0.5, 0.5, 0.25, 0.25])
  }

  @Test func pyTorchTakesAWorseningNegativeMetricForProgress() {
    let metrics = [-1, -0.99995, -0.9999, -0.99985]
    let preset = Plateau.pyTorch(initial: 1, factor: 0.5, patience: 0)
    #expect(Self.rates(preset, metrics) == [1, 1, 1, 1])
    let ours = Plateau(initial: 1, reduce: .by(0.5, after: 1))
    #expect(Self.rates(ours, metrics) == [1, 0.5, 0.25, 0.125])
  }

  @Test func pyTorchWithThresholdOneNeverImproves() {
    let preset = Plateau.pyTorch(initial: 1, factor: 0.5, patience: 0, threshold: 1)
    #expect(Self.rates(preset, [5, 4, -3]) == [0.5, 0.25, 0.125])
  }

  @Test func pyTorchKeepsTheGoodInfinity() {
    let preset = Plateau.pyTorch(initial: 1, factor: 0.5, patience: 0)
    #expect(Self.rates(preset, [1, -.infinity, -5, -10]) == [1, 1, 0.5, 0.25])
  }

  @Test func pyTorchLeavesRatesBelowTheMinimumAndSmallChangesAlone() {
    let below = Plateau.pyTorch(initial: 1e-4, factor: 0.5, patience: 0, minimum: 1e-3)
    #expect(Self.rates(below, [1, 1, 1]) == [1e-4, 1e-4, 1e-4])
    let small = Plateau.pyTorch(initial: 1e-8, factor: 0.5, patience: 0)
    #expect(Self.rates(small, [1, 1, 1]) == [1e-8, 1e-8, 1e-8])
    let halving = Plateau.pyTorch(initial: 1, factor: 0.5, patience: 0)
    #expect(Self.rates(halving, [Double](repeating: 1, count: 60)).last == 0x1p-26)
  }

  /// Keras 3.15 on a constant metric, factor 0.5 from 1.
  @Test(arguments: [
    (0, 0, [1, 0.5, 0.25, 0.125]),
    (1, 0, [1, 0.5, 0.25, 0.125]),
    (1, 1, [1, 0.5, 0.25, 0.125]),
    (1, 2, [1, 0.5, 0.5, 0.25, 0.25]),
    (1, 3, [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]),
  ]) func kerasOnAConstant(_ patience: Int, _ cooldown: Int, _ expected: [Double]) {
    let plateau = Plateau.keras(initial: 1, factor: 0.5, patience: patience, cooldown: cooldown)
    #expect(Self.rates(plateau, expected.map { _ in 1 }) == expected)
  }

  @Test func kerasKeepsAFirstNaNAsBest() {
    let preset = Plateau.keras(initial: 1, factor: 0.5, patience: 1)
    let metrics = [.nan, 1, 0.5, 0.2, 0.1]
    #expect(Self.rates(preset, metrics) == [1, 0.5, 0.25, 0.125, 0.0625])
    let ours = Plateau(initial: 1, reduce: .by(0.5, after: 1))
    #expect(Self.rates(ours, metrics) == [0.5, 0.5, 0.5, 0.5, 0.5])
  }

  /// At the minimum a run goes on, so that a rate raised from outside falls at once.
  @Test func kerasKeepsCountingAtTheMinimum() {
    var preset = Plateau.keras(initial: 1, factor: 0.5, patience: 3, cooldown: 4, minimum: 1)
    for _ in 0..<9 { #expect(preset.observe(1) == .none) }
    #expect(preset.badInARow == 8 && preset.cooldownLeft == 0)
    preset.project(learningRate: 8)
    #expect(preset.observe(1) == .reduce)
    #expect(preset.learningRate == 4 && preset.cooldownLeft == 3)
  }

  // MARK: - The order of events, written out

  /// PyTorch's, as described: compare, cooldown, act.
  struct TorchOrder {
    var rate: Double
    let factor, threshold, minimum, eps: Double
    let patience, cooldown: Int
    let isRelative, isMinimum: Bool
    var best: Double
    var bad = 0
    var resting = 0

    mutating func observe(_ x: Double) {
      let bar =
        isRelative
        ? best * (isMinimum ? 1 - threshold : 1 + threshold)
        : isMinimum ? best - threshold : best + threshold
      if isMinimum ? x < bar : x > bar {
        best = x
        bad = 0
      } else {
        bad += 1
      }
      if resting > 0 {
        resting -= 1
        bad = 0
      }
      if bad > patience {
        let next = max(rate * factor, minimum)
        if rate - next > eps { rate = next }
        resting = cooldown
        bad = 0
      }
    }
  }

  /// Keras', as described: end the cooldown, compare, act.
  struct KerasOrder {
    var rate: Float
    let factor, delta, minimum: Double
    let patience, cooldown: Int
    let isMinimum: Bool
    var best: Double?
    var wait = 0
    var resting = 0

    mutating func observe(_ x: Double) {
      if resting > 0 {
        resting -= 1
        wait = 0
      }
      if best.map({ isMinimum ? x < $0 - delta : x > $0 + delta }) ?? true {
        best = x
        wait = 0
      } else if resting == 0 {
        wait += 1
        if wait >= patience && rate > Float(minimum) {
          rate = Float(max(Double(rate) * factor, minimum))
          resting = cooldown
          wait = 0
        }
      }
    }
  }

  static func observation(_ draw: inout RandomStream) -> Double {
    switch draw.integer(below: 24) {
    case 0: .nan
    case 1: .infinity
    case 2: -.infinity
    case 3: 0
    case 4...9: Double(draw.integer(below: 7) - 3)
    default: draw.normal()
    }
  }

  @Test func pyTorchOnRandomObservations() {
    var draw = RandomStream(RandomKey("tests.plateau.torch"))
    for _ in 0..<300 {
      let (isMinimum, isRelative) = (draw.integer(below: 2) == 0, draw.integer(below: 2) == 0)
      var expected = TorchOrder(
        rate: draw.uniform(), factor: draw.uniform(),
        threshold: [0, 1e-4, 0.1, 1, 2][draw.integer(below: 5)],
        minimum: [0, 1e-3, 0.5][draw.integer(below: 3)],
        eps: [0, 1e-8, 0.01][draw.integer(below: 3)],
        patience: draw.integer(below: 4), cooldown: draw.integer(below: 4),
        isRelative: isRelative, isMinimum: isMinimum, best: isMinimum ? .infinity : -.infinity)
      var plateau = Plateau.pyTorch(
        initial: expected.rate, factor: expected.factor, patience: expected.patience,
        threshold: expected.threshold, thresholdMode: isRelative ? .relative : .absolute,
        mode: isMinimum ? .minimize : .maximize, cooldown: expected.cooldown,
        minimum: expected.minimum, eps: expected.eps)
      for _ in 0..<40 {
        let x = Self.observation(&draw)
        expected.observe(x)
        plateau.observe(x)
        #expect(plateau.learningRate == expected.rate)
        if draw.integer(below: 10) == 0 {
          expected.rate = draw.uniform()
          plateau.project(learningRate: expected.rate)
        }
      }
    }
  }

  @Test func kerasOnRandomObservations() {
    var draw = RandomStream(RandomKey("tests.plateau.keras"))
    for _ in 0..<300 {
      let isMinimum = draw.integer(below: 2) == 0
      let rate = draw.uniform()
      var expected = KerasOrder(
        rate: Float(rate), factor: 0.9 * draw.uniform(),
        delta: [0, 1e-4, 0.1, 1][draw.integer(below: 4)],
        minimum: [0, 1e-3, 0.5][draw.integer(below: 3)],
        patience: draw.integer(below: 4), cooldown: draw.integer(below: 5), isMinimum: isMinimum)
      var plateau = Plateau.keras(
        initial: rate, factor: expected.factor, patience: expected.patience,
        minDelta: expected.delta, mode: isMinimum ? .minimize : .maximize,
        cooldown: expected.cooldown, minimum: expected.minimum)
      for _ in 0..<40 {
        let x = Self.observation(&draw)
        expected.observe(x)
        plateau.observe(x)
        #expect(plateau.learningRate == Double(expected.rate))
        if draw.integer(below: 10) == 0 {
          let rate = draw.uniform()
          expected.rate = Float(rate)
          plateau.project(learningRate: rate)
        }
      }
    }
  }
}
