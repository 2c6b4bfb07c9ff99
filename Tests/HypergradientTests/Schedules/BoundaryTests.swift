internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Steps on computed boundaries, by exact rational arithmetic of the decimals that were written.
@Suite struct BoundaryTests {
  static let lengths = [
    "1", "2", "3", "4", "5", "7", "10", "12", "100", "1000", "2.5", "0.1", "0.7", "6.4",
  ]
  static let growths = [
    "1", "1.001", "1.01", "1.05", "1.1", "1.2", "1.25", "1.3", "1.4", "1.5", "1.6", "1.7", "1.9",
    "2",
    "2.1", "2.5", "3", "3.3", "10",
  ]

  /// A number of steps as a text or a program would have it, and exactly.
  private static func steps(through last: Int) -> [(Double, Exact)] {
    (0...last).map { (Double($0), Exact($0)) }
      // Tenths, as quotients and as sums that drift by some units in the last place.
      + (0...200).map { (Double($0) / 10, Exact(Natural($0), over: Natural(10))) }
      + (0...200).map { (Double($0) * 0.1, Exact(Natural($0), over: Natural(10))) }
  }

  /// Cycle i begins at T₀(1 + m + … + m^(i−1)) exactly, with the height 2^(−i); between two
  /// beginnings the cosine falls.
  @Test(arguments: lengths) func restartsBeginWhereTheyBegin(_ length: String) {
    for growth in Self.growths {
      let schedule = WarmRestartsSchedule(
        every: Double(length)!, growth: Double(growth)!, decay: 0.5)
      let (first, m) = (Exact(length), Exact(growth))
      // Cycle i begins at T₀ · begins/scale and lasts T₀ · lasts/scale, scale the i-th power of m's
      // denominator.
      var (cycle, begins, lasts, scale) = (0, Natural(0), Natural(1), Natural(1))
      var onBoundary = 0
      for (step, exact) in Self.steps(through: 600).sorted(by: { $0.1 < $1.1 }) {
        let time = exact / first
        func next() -> Exact { Exact(begins + lasts, over: scale) }
        while cycle < 80, next() <= time {
          begins = (begins + lasts) * m.bottom
          lasts = lasts * m.top
          scale = scale * m.bottom
          cycle += 1
        }
        // Later beginnings are no decimals that anyone writes.
        if cycle == 80 { break }
        let begin = Exact(begins, over: scale)
        let height = Portable.pow(0.5, Double(cycle))
        let value = schedule(step)
        if begin == time {
          #expect(value == height, "every \(length), growth \(growth): \(value) at \(step)")
          onBoundary += 1
        } else {
          let share = ((time - begin) / Exact(lasts, over: scale)).double
          let expected = height * (1 + Portable.cos(Double.pi * share)) / 2
          #expect(
            abs(value - expected) <= 1e-11 * height,
            "every \(length), growth \(growth): \(value) at \(step), expected \(expected)")
        }
      }
      #expect(onBoundary > 0)
    }
  }

  /// Boundaries at the multiples of a decimal: one piece for each, which the value names.
  @Test(arguments: lengths) func intervalsBeginWhereTheyBegin(_ length: String) throws {
    let n = Double(length)!
    let halves: [(String, any Schedule)] = [
      ("stepDecay", StepDecaySchedule(every: n, factor: 0.5)),
      ("geometric", GeometricSchedule(factor: 0.5, every: n, shape: .staircase)),
      (
        "keras",
        GeometricSchedule.kerasExponentialDecay(
          initialLearningRate: 1, decaySteps: n, decayRate: 0.5, staircase: true)
      ),
      (
        "optax",
        ShiftedSchedule.optaxExponentialDecay(
          initValue: 1, transitionSteps: n, decayRate: 0.5, staircase: true)
      ),
      ("multiStep", MultiStepSchedule(at: (1...30).map { Double($0) * n }, factor: 0.5)),
      (
        "piecewise",
        PiecewiseSchedule(
          at: (0...30).map { Double($0) * n },
          values: (0...30).map { Portable.pow(0.5, Double($0)) }, between: .constant)
      ),
      ("table", TableSchedule((0...30).map { Portable.pow(0.5, Double($0)) }, every: n)),
      (
        "kerasPiecewise",
        PiecewiseSchedule.kerasPiecewiseConstantDecay(
          boundaries: (1...30).map { Double($0) * n },
          values: (0...30).map { Portable.pow(0.5, Double($0)) })
      ),
    ]
    for (step, exact) in Self.steps(through: 300) {
      let (number, rest) = (exact / Exact(length)).whole
      guard number <= 30 else { continue }
      for (name, schedule) in halves {
        // Keras keeps the old value at a boundary.
        let piece = name == "kerasPiecewise" && rest.isZero && number > 0 ? number - 1 : number
        #expect(
          schedule(step) == Portable.pow(0.5, Double(piece)),
          "\(name) every \(length) at \(step): \(schedule(step)), piece \(piece)")
      }
    }
  }

  /// What begins again begins with its first value, at every multiple of its length.
  @Test(arguments: lengths) func cyclesBeginWhereTheyBegin(_ length: String) {
    let n = Double(length)!
    let cycles: [(String, any Schedule)] = [
      ("looped", ExponentialSchedule(rate: 0.7).looped(every: n)),
      ("restart", LinearSchedule(from: 1, to: 0.25, over: n, past: .restart)),
      ("polynomial", PolynomialSchedule(from: 1, to: 0.25, over: n, power: 0.1, past: .restart)),
      ("warmRestarts", WarmRestartsSchedule(every: n)),
      ("triangular", TriangularSchedule(from: 1, to: 2, rise: n / 2)),
      (
        "triangular2",
        TriangularSchedule(from: 1, to: 2, rise: n / 3, fall: 2 * n / 3, amplitude: .halving)
      ),
    ]
    let mirror = PolynomialSchedule(from: 1, to: 0, over: n, power: 0.1, past: .mirror)
    let stretch = PolynomialSchedule(from: 1, to: 0, over: n, power: 0.1, past: .stretch)
    let held = PolynomialSchedule(from: 1, to: 0, over: n, power: 0.1)
    for (step, exact) in Self.steps(through: 300) {
      let (number, rest) = (exact / Exact(length)).whole
      let isOn = rest.isZero
      for (name, schedule) in cycles {
        // Of its height nothing is left.
        if name == "triangular2", number > 40 { continue }
        #expect((schedule(step) == 1) == isOn, "\(name) every \(length) at \(step)")
      }
      if isOn, number > 0 {
        #expect(stretch(step) == 0 && held(step) == 0, "every \(length) at \(step)")
        #expect(mirror(step) == (number % 2 == 0 ? 1 : 0), "every \(length) at \(step)")
      } else if number > 0 {
        // The horizon is the next multiple.
        let share = 1 - (exact / (Exact(length) * Exact(number + 1))).double
        #expect(abs(stretch(step) - Portable.pow(share, 0.1)) <= 1e-11, "\(length), \(step)")
      }
    }
  }

  /// Phases that end at shares of a horizon, as products of Doubles.
  @Test func phasesEndWhereTheyEnd() {
    for total in [10, 20, 30, 50, 100, 300, 700, 1000] {
      for percent in [5, 7, 10, 14, 28, 29, 30, 35, 55, 56, 57, 58, 69, 70, 81, 90] {
        let exact = Exact(Natural(percent * total), over: Natural(100))
        let (step, rest) = exact.whole
        guard rest.isZero, step > 0, step < total else { continue }
        let share = Double(percent) / 100
        let (boundary, horizon) = (share * Double(total), Double(total))
        func expect(_ schedule: any Schedule, _ at: Int, _ value: Double, _ name: String) {
          #expect(
            schedule(at) == value, "\(name), \(percent) % of \(total): \(schedule(at)) at \(at)")
        }
        let cycle = OneCycleSchedule(peak: 0.7, over: horizon, from: 0.1, to: 0.01, rise: share)
        expect(cycle, step, 0.7, "oneCycle")
        if percent > 10 {
          let three = OneCycleSchedule(
            peak: 0.7, over: horizon, from: 0.1, to: 0.01, rise: 0.01, fall: share)
          expect(three, step, 0.1, "three phases")
        }
        expect(FlatCosineSchedule(from: 0.7, over: horizon, flat: share), step, 0.7, "flatCosine")
        let decay = WarmupStableDecaySchedule(
          peak: 0.7, over: horizon, decay: (1 - share) * horizon, shape: .oneMinusRoot)
        expect(decay, step, 0.7, "warmupStableDecay")
        expect(decay, total, 0, "warmupStableDecay")
        let three = TriStageSchedule(
          peak: 0.7, to: 0.01, warmup: boundary / 3, hold: 2 * boundary / 3,
          decay: horizon - boundary)
        expect(three, step, 0.7, "triStage")
        expect(three, total, 0.01, "triStage")
        let joined = ConstantSchedule(1).followed(
          by: .stepDecay(from: 0.5, every: 1, factor: 0.5), at: boundary)
        expect(joined, step - 1, 1, "followed")
        expect(joined, step, 0.5, "followed")
        expect(joined, step + 1, 0.25, "followed")
        expect(WarmupSchedule(over: boundary), step - 1, 1, "warmup")
        expect(LinearWarmupSchedule(over: boundary), step - 1, 1, "linearWarmup")
        expect(MultiStepSchedule(at: [boundary], factor: 0.5), step - 1, 1, "multiStep")
        expect(MultiStepSchedule(at: [boundary], factor: 0.5), step, 0.5, "multiStep")
        if step < total * 995 / 1000 {
          let optax = OneCycleSchedule.optaxLinearOneCycle(
            transitionSteps: total, peakValue: 0.7, pctStart: share, pctFinal: 0.995)
          expect(optax, step, 0.7, "optaxLinearOneCycle")
        }
      }
    }
  }

  /// What is farther from a boundary than rounding stays on its side.
  @Test func nearIsNotOn() {
    for boundary in [0.3, 1, 7, 100, 12345.6] {
      let (below, above) = (boundary * (1 - 1e-13), boundary * (1 + 1e-13))
      let joined = ConstantSchedule(1).followed(by: .constant(2), at: boundary)
      #expect(joined(below) == 1 && joined(boundary) == 2 && joined(above) == 2)
      let steps = StepDecaySchedule(every: boundary, factor: 0.5)
      #expect(steps(below) == 1 && steps(boundary) == 0.5)
      let keras = PiecewiseSchedule.kerasPiecewiseConstantDecay(
        boundaries: [boundary], values: [1, 2])
      #expect(keras(boundary) == 1 && keras(above) == 2)
    }
    // Whole numbers are exact, however large.
    for large in [1e15, 4e15, 9_007_199_254_740_991] {
      let joined = ConstantSchedule(1).followed(by: .constant(2), at: large)
      #expect(joined(large - 1) == 1 && joined(large) == 2)
    }
    #expect(LinearSchedule(over: 1e15).looped(every: 7)(1e15) == 1 - 6 / 1e15)
  }

  /// Epochs that were added up: 0.1 ten times is an epoch.
  @Test func epochsBeginWhereTheyBegin() {
    var control = Scheduled(.stepDecay(every: 1, factor: 0.5), in: .epochs)
    var scaled = ConstantRate(1).scaled(by: .stepDecay(every: 1, factor: 0.5), in: .epochs)
    for parts in [3, 7, 10, 49, 100] {
      var epoch = 0.0
      for step in 0..<(5 * parts) {
        let signals = StepSignals(step: step, epoch: epoch)
        let expected = Portable.pow(0.5, Double(step / parts))
        // The sum's error grows with its terms; some units in the last place are what is forgiven.
        guard abs(epoch * Double(parts) - Double(step)) <= 1e-15 * Double(step) else { break }
        #expect(control.learningRate(for: signals) == expected, "\(epoch)")
        #expect(scaled.learningRate(for: signals) == expected, "\(epoch)")
        epoch += 1 / Double(parts)
      }
    }
  }

  /// An epoch that is none keeps the last value.
  @Test(arguments: [-1, -0.5, .nan, .infinity, -.infinity])
  func anEpochThatIsNoneChangesNothing(_ epoch: Double) {
    var control = Scheduled(.stepDecay(every: 1, factor: 0.5), in: .epochs)
    var scaled = ConstantRate(1).scaled(by: .stepDecay(every: 1, factor: 0.5), in: .epochs)
    for epochs in [[0, epoch], [3, epoch]] {
      for epoch in epochs {
        let signals = StepSignals(step: 0, epoch: epoch)
        let (a, b) = (control.learningRate(for: signals), scaled.learningRate(for: signals))
        #expect(a == b && a == (epochs[0] == 0 ? 1 : 0.125))
      }
    }
  }

  /// No warm-up is none, of ours and of the other libraries.
  @Test func noWarmupIsNone() throws {
    for (with, without) in [
      ("cosine(over: 9).warmedUp(over: 0)", "cosine(over: 9)"),
      ("cosine(over: 9).warmedUp(over: -0, shape: .cosine)", "cosine(over: 9)"),
      ("cosine(over: 9).warmedUp(over: 0, shape: .exponential, from: 0.1)", "cosine(over: 9)"),
      ("linearWarmup(over: 0)", "constant(1)"), ("linearWarmup(over: -0)", "constant(1)"),
      ("warmup(over: 0)", "constant(1)"),
      ("noam(width: 16, warmup: 0)", "inverseSquareRoot(from: 0.25, timescale: 1)"),
      (
        "warmupStableDecay(peak: 0.1, over: 9, warmup: 0, decay: 3)",
        "constant(0.1).followed(by: linear(from: 0.1, over: 3), at: 6)"
      ),
      (
        "triStage(peak: 0.1, warmup: 0, hold: 0, decay: 4)",
        "triStage(peak: 0.1, from: 0.1, warmup: 0, hold: 0, decay: 4)"
      ),
      (
        "transformersLinear(lr: 0.1, numWarmupSteps: 0, numTrainingSteps: 9)",
        "linear(from: 0.1, over: 9)"
      ),
      (
        "transformersCosine(lr: 0.1, numWarmupSteps: 0, numTrainingSteps: 9)",
        "cosine(from: 0.1, over: 9, past: .mirror)"
      ),
      (
        "kerasWarmupCosineDecay(initialLearningRate: 0, warmupTarget: 0.1, warmupSteps: 0, "
          + "decaySteps: 9)", "cosine(from: 0.1, over: 9)"
      ),
      (
        "optaxWarmupCosineDecay(initValue: 0, peakValue: 0.1, warmupSteps: 0, decaySteps: 9)",
        "cosine(from: 0.1, over: 9)"
      ),
      (
        "optaxWarmupExponentialDecay(initValue: 0, peakValue: 0.1, warmupSteps: 0, "
          + "transitionSteps: 3, decayRate: 0.5)", "geometric(from: 0.1, factor: 0.5, every: 3)"
      ),
      (
        "optaxExponentialDecay(initValue: 0.1, transitionSteps: 0, decayRate: 0.5)", "constant(0.1)"
      ),
      ("optaxExponentialDecay(initValue: 0.1, transitionSteps: 3, decayRate: 0)", "constant(0.1)"),
      (
        "optaxPolynomial(initValue: 0.1, endValue: 0, power: 2, transitionSteps: 0)",
        "constant(0.1)"
      ),
    ] {
      let (a, b) = (try TextReader(with).schedule(), try TextReader(without).schedule())
      for step in 0..<30 {
        #expect(relativeDifference(a(step), b(step)) <= 1e-15, "\(with): \(a(step)) at \(step)")
      }
    }
    let controller = try TextReader("constant(0.1).warmedUp(over: 0)").controller()
    #expect(controller.learningRate == 0.1)
  }

  /// A factor above 1 grows, to the largest number at most.
  @Test func factorsMayGrow() throws {
    for text in [
      "geometric(from: 0.5, factor: 2)", "stepDecay(from: 0.5, every: 1, factor: 2)",
      "multiStep(from: 0.5, at: [1, 2, 3, 4, 5], factor: 2)",
      "kerasExponentialDecay(initialLearningRate: 0.5, decaySteps: 1, decayRate: 2)",
      "optaxExponentialDecay(initValue: 0.5, transitionSteps: 1, decayRate: 2)",
    ] {
      let schedule = try TextReader(text).schedule()
      for step in 0...5 { #expect(schedule(step) == Portable.pow(2, Double(step) - 1), "\(text)") }
      #expect(schedule(1e300).isFinite)
    }
    let none = try TextReader("geometric(from: 0, factor: 2)").schedule()
    #expect(none(1e300) == 0)
    #expect(throws: SpecError.self) {
      try TextReader(
        "optaxExponentialDecay(initValue: 0.5, transitionSteps: 1, decayRate: 2, endValue: 1)"
      ).schedule()
    }
  }

  /// A product or a quotient of a text that is whole but for rounding is that number.
  @Test func productsAreWholeWhereTheyAre() throws {
    for steps in [10, 60, 100, 300, 700, 1000, 3000] {
      for percent in 1...99 {
        let (whole, rest) = Exact(Natural(percent * steps), over: Natural(100)).whole
        guard rest.isZero, whole > 0 else { continue }
        for product in [
          "\(Double(percent) / 100)*steps", "steps*\(Double(percent) / 100)",
          "steps/100*\(percent)",
          "\(Double(percent) / 100)*\(steps)", "steps*\(percent)/100",
        ] {
          let text = "multiStep(at: [\(product)], factor: 0.5)"
          let schedule = try Catalogue.standard.schedule(text, variables: ["steps": Double(steps)])
          let milestones = try #require((schedule as? MultiStepSchedule)?.milestones)
          #expect(milestones == [Double(whole)], "\(product) of \(steps)")
          let plateau = try Catalogue.standard.controller(
            "plateau(initial: 1, reduce: .by(0.5, after: \(product)))",
            variables: ["steps": Double(steps)])
          #expect((plateau as? Plateau)?.reduction?.patience == whole, "\(product) of \(steps)")
        }
      }
    }
  }
}
