internal import Foundation
internal import Hypergradient
internal import Testing

/// Closed forms, and the laws of every schedule.
@Suite struct ScheduleTests {
  /// A schedule with values of its closed form at some steps.
  struct Sample: Sendable, CustomTestStringConvertible {
    let schedule: any Schedule
    let values: [(step: Double, value: Double)]

    init(_ schedule: any Schedule, _ values: [(Double, Double)]) {
      self.schedule = schedule
      self.values = values.map { (step: $0.0, value: $0.1) }
    }

    var testDescription: String { "\(schedule)" }
  }

  /// The formula is in the comment; it was evaluated with 50 digits (mpmath 1.3.0) on the same
  /// Doubles and rounded.
  static let samples =
    firstSamples + horizonsAndDecays + cyclesAndStages + tablesAndCombinators

  private static let firstSamples: [Sample] = [
    // 0.3 · 0.6^⌊t/7⌋
    Sample(
      StepDecaySchedule(from: 0.3, every: 7, factor: 0.6),
      [
        (0, 0.3), (6.5, 0.3), (7, 0.18), (20, 0.10799999999999998), (21, 0.0648),
        (700, 1.9599558705002053e-23),
      ]),
    // 0.3 · 0.6^(milestones passed)
    Sample(
      MultiStepSchedule(from: 0.3, at: [2, 5.5, 9], factor: 0.6),
      [
        (0, 0.3), (1.75, 0.3), (2, 0.18), (5.5, 0.10799999999999998), (8, 0.10799999999999998),
        (9, 0.0648), (1e6, 0.0648),
      ]),
    // 0.3 · exp(−0.011 t)
    Sample(
      ExponentialSchedule(from: 0.3, rate: 0.011),
      [
        (0, 0.3), (1, 0.2967180836326106), (2.5, 0.2918624047660362), (100, 0.09986132510942387),
        (5000, 3.8987442750225215e-25),
      ]),
    // 0.3 · 0.97^t
    Sample(
      GeometricSchedule(from: 0.3, factor: 0.97),
      [
        (0, 0.3), (1, 0.291), (2.5, 0.27800370917129863), (100, 0.014265752377621689),
        (5000, 2.1666690814153606e-67),
      ]),
    // 0.3 / (1 + 0.05 t)
    Sample(
      InverseTimeSchedule(from: 0.3, rate: 0.05),
      [
        (0, 0.3), (1, 0.2857142857142857), (2.5, 0.26666666666666666), (100, 0.049999999999999996),
        (1e9, 5.999999880000002e-09),
      ]),
    // 0.3 / √(1 + t/40)
    Sample(
      InverseSquareRootSchedule(from: 0.3, timescale: 40),
      [
        (0, 0.3), (1, 0.29631887899487686), (2.5, 0.2910427500435996), (120, 0.15),
        (1e9, 5.9999998800000036e-05),
      ]),
    // 0.3 + (0.02 − 0.3) t/10
    Sample(
      LinearSchedule(from: 0.3, to: 0.02, over: 10),
      [
        (0, 0.3), (1, 0.27199999999999996), (2.5, 0.22999999999999998), (9, 0.048), (10, 0.02),
        (11, 0.02), (1e9, 0.02),
      ]),
    // 0.3 t/10
    Sample(
      LinearSchedule(from: 0, to: 0.3, over: 10),
      [(0, 0.0), (1, 0.03), (2.5, 0.075), (9, 0.27), (10, 0.3), (11, 0.3)]),
    // 0.02 + (0.3 − 0.02)(1 − t/10)^1.7
    Sample(
      PolynomialSchedule(from: 0.3, to: 0.02, over: 10, power: 1.7),
      [
        (0, 0.3), (1, 0.2540832278167135), (2.5, 0.1916967913171728), (9, 0.025586734481912864),
        (10, 0.02), (11, 0.02), (1e9, 0.02),
      ]),
    // 0.02 + (0.3 − 0.02)(1 + cos(πt/10))/2
    Sample(
      CosineSchedule(from: 0.3, to: 0.02, over: 10),
      [
        (0, 0.3), (1, 0.2931479122813215), (2.5, 0.25899494936611667), (5, 0.16),
        (9, 0.0268520877186785), (10, 0.02), (15, 0.02), (20, 0.02),
      ]),
    // 0.3 + (0.02 − 0.3)(1 + cos(πt/10))/2
    Sample(
      CosineSchedule(from: 0.02, to: 0.3, over: 10),
      [
        (0, 0.02), (1, 0.0268520877186785), (5, 0.16), (9, 0.2931479122813215), (10, 0.3),
        (20, 0.3),
      ]),
    // min((t + 1)/8, 1)
    Sample(
      LinearWarmupSchedule(over: 8),
      [(0, 0.125), (1, 0.25), (2.5, 0.4375), (6, 0.875), (7, 1.0), (8, 1.0), (1e9, 1.0)]),
    // 0.3
    Sample(ConstantSchedule(0.3), [(0, 0.3), (1.5, 0.3), (1e9, 0.3)]),
    // 0.3 t/6, then 0.3 · exp(−0.1 (t − 6))
    Sample(
      LinearSchedule(from: 0, to: 0.3, over: 6).followed(
        by: .exponential(from: 0.3, rate: 0.1), at: 6),
      [
        (0, 0.0), (3, 0.15), (5.5, 0.27499999999999997), (6, 0.3), (7, 0.27145122541078787),
        (26, 0.0406005849709838),
      ]),
    // 0.7 · 0.3 / (1 + 0.05 t)
    Sample(
      InverseTimeSchedule(from: 0.3, rate: 0.05).scaled(by: 0.7),
      [(0, 0.21), (1, 0.19999999999999998), (100, 0.034999999999999996)]),
    // 0.3 / (1 + 0.05 t) · min((t + 1)/8, 1)
    Sample(
      InverseTimeSchedule(from: 0.3, rate: 0.05).scaled(by: .linearWarmup(over: 8)),
      [(0, 0.0375), (1, 0.07142857142857142), (7, 0.2222222222222222), (100, 0.049999999999999996)]),
  ]

  @Test(arguments: samples) func equalsItsClosedForm(_ sample: Sample) {
    for (step, expected) in sample.values {
      let value = sample.schedule(step)
      // Few units in the last place: kt is rounded before the exponential, and cancels in cosines.
      #expect(relativeDifference(value, expected) <= 4e-15, "step \(step): \(value), \(expected)")
    }
  }

  @Test(arguments: samples) func isFiniteAndNotNegativeAtEveryStep(_ sample: Sample) {
    for step in [0, 0.5, 1, 2, 3, 10, 1e3, 1e6, 1e12, 1e300] {
      let value = sample.schedule(step)
      #expect(value.isFinite && value >= 0, "step \(step): \(value)")
    }
  }

  @Test(arguments: samples) func takesIntegralStepsToo(_ sample: Sample) {
    for step in 0..<20 { #expect(sample.schedule(step) == sample.schedule(Double(step))) }
  }

  @Test(arguments: samples) func survivesCoding(_ sample: Sample) throws {
    func coded<S: Schedule>(_ schedule: S) throws -> any Schedule {
      try JSONDecoder().decode(S.self, from: JSONEncoder().encode(schedule))
    }
    let copy = try coded(sample.schedule)
    for step in stride(from: 0, through: 40, by: 0.5) {
      #expect(copy(step) == sample.schedule(step))
    }
  }

  @Test func allDiffer() {
    let traces = Self.samples.map { sample in (0..<30).map { sample.schedule($0) } }
    #expect(Set(traces).count == traces.count)
  }

  @Test func shortFormsMakeTheSameSchedules() {
    func same<S: Schedule & Equatable>(_ short: S, _ long: S) { #expect(short == long) }
    same(.constant(0.3), ConstantSchedule(0.3))
    same(
      .stepDecay(from: 1, every: 7, factor: 0.6), StepDecaySchedule(from: 1, every: 7, factor: 0.6))
    same(
      .multiStep(from: 1, at: [2, 5], factor: 0.6),
      MultiStepSchedule(from: 1, at: [2, 5], factor: 0.6))
    same(.exponential(from: 1, rate: 0.1), ExponentialSchedule(from: 1, rate: 0.1))
    same(.geometric(from: 1, factor: 0.9), GeometricSchedule(from: 1, factor: 0.9))
    same(.inverseTime(from: 1, rate: 0.1), InverseTimeSchedule(from: 1, rate: 0.1))
    same(
      .inverseSquareRoot(from: 1, timescale: 9), InverseSquareRootSchedule(from: 1, timescale: 9))
    same(.linear(from: 1, to: 0.1, over: 9), LinearSchedule(from: 1, to: 0.1, over: 9))
    same(
      .polynomial(from: 1, to: 0.1, over: 9, power: 2),
      PolynomialSchedule(from: 1, to: 0.1, over: 9, power: 2))
    same(.cosine(from: 1, to: 0.1, over: 9), CosineSchedule(from: 1, to: 0.1, over: 9))
    same(.linearWarmup(over: 9), LinearWarmupSchedule(over: 9))
    same(.noam(width: 64, warmup: 9), NoamSchedule(width: 64, warmup: 9, scale: 1))
    same(.rex(from: 1, to: 0.1, over: 9), RexSchedule(from: 1, to: 0.1, over: 9, past: .hold))
    same(
      .flatCosine(from: 1, to: 0, over: 9), FlatCosineSchedule(from: 1, to: 0, over: 9, flat: 0.75))
    same(
      .warmRestarts(from: 1, to: 0, every: 9),
      WarmRestartsSchedule(from: 1, to: 0, every: 9, growth: 1, decay: 1))
    same(
      .triangular(from: 0, to: 1, rise: 9),
      TriangularSchedule(from: 0, to: 1, rise: 9, fall: 9, amplitude: .constant))
    same(
      .oneCycle(peak: 1, over: 9),
      OneCycleSchedule(peak: 1, over: 9, from: 0.04, to: 0.000004, rise: 0.3))
    same(
      .oneCycleMomentum(over: 9),
      OneCycleSchedule(peak: 0.85, over: 9, from: 0.95, to: 0.95, rise: 0.3))
    same(
      .warmupStableDecay(peak: 1, over: 9),
      WarmupStableDecaySchedule(peak: 1, to: 0, over: 9, warmup: 0, decay: 0.9, shape: .linear))
    same(
      .triStage(peak: 1, warmup: 2, hold: 3, decay: 4),
      TriStageSchedule(peak: 1, from: 0.01, to: 0.01, warmup: 2, hold: 3, decay: 4))
    same(.piecewise(at: [0, 9], values: [1, 0]), PiecewiseSchedule(at: [0, 9], values: [1, 0]))
    same(.table([1, 2]), TableSchedule([1, 2], every: 1, past: .hold))
    same(.warmup(over: 9), WarmupSchedule(over: 9, shape: .linear, from: 0))
    same(.untunedWarmup(), UntunedWarmupSchedule(beta2: 0.999, shape: .linear))
    same(.powerLaw(maximum: 1), PowerLawSchedule(maximum: 1, factor: 1, exponent: -0.51))
  }

  @Test func exponentialFormsAgree() {
    // e^(−k) = 0.97 for k = 0.030459207484708546 (mpmath).
    let byRate = ExponentialSchedule(from: 0.3, rate: 0.030459207484708546)
    let byFactor = GeometricSchedule(from: 0.3, factor: 0.97)
    for step in 0...200 {
      #expect(relativeDifference(byRate(step), byFactor(step)) <= 1e-14)
    }
  }

  @Test func secondClockRestartsAtTheBoundary() {
    let joined = ConstantSchedule(1).followed(by: .linear(from: 2, to: 3, over: 4), at: 10)
    #expect(joined(9.999) == 1)
    #expect(joined(10) == 2)
    #expect(joined(12) == 2.5)
    #expect(joined(100) == 3)
    #expect(ConstantSchedule(1).followed(by: .constant(2), at: 0)(0) == 2)
  }

  @Test func warmupOfAControllerReachesTheFullRateAtItsLastStep() {
    var control = ConstantRate(0.5).scaled(by: .linearWarmup(over: 4))
    let rates = (0..<6).map { control.learningRate(for: StepSignals(step: $0)) }
    #expect(rates == [0.125, 0.25, 0.375, 0.5, 0.5, 0.5])
  }

  @Test func schedulesInEpochsChangeWhenAnEpochBegins() {
    var control = Scheduled(.stepDecay(from: 1, every: 1, factor: 0.5), in: .epochs)
    let rates = [0, 0.4, 0.9, 1, 1.5, 2].map { epoch in
      control.learningRate(for: StepSignals(step: 0, epoch: epoch))
    }
    #expect(rates == [1, 1, 1, 0.5, 0.5, 0.25])
  }

  @Test func argumentsOutOfRangeStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = ConstantSchedule(.nan) }
    await #expect(processExitsWith: .failure) { _ = ConstantSchedule(1)(-1) }
    await #expect(processExitsWith: .failure) { _ = CosineSchedule(from: 1, to: 0, over: 0) }
    await #expect(processExitsWith: .failure) { _ = GeometricSchedule(from: 1, factor: 0) }
    await #expect(processExitsWith: .failure) {
      _ = MultiStepSchedule(from: 1, at: [5, 5], factor: 0.5)
    }
    await #expect(processExitsWith: .failure) { _ = LinearSchedule(from: -1, to: 0, over: 5) }
    await #expect(processExitsWith: .failure) {
      _ = PiecewiseSchedule(at: [3, 2], values: [1, 0])
    }
    await #expect(processExitsWith: .failure) { _ = WarmupSchedule(over: 5, shape: .exponential) }
    await #expect(processExitsWith: .failure) {
      _ = OneCycleSchedule.torchOneCycle(maxLr: 1, totalSteps: 10, pctStart: 0.1)
    }
  }
}
