internal import Hypergradient
internal import PortableMath
internal import Testing

/// Laws of every controller.
@Suite struct ControllerLawTests {
  static let names = LawFixtures.controllers.keys.sorted()

  private func controller(_ name: String) throws -> any LearningRateController {
    try #require(LawFixtures.controllers[name])
  }

  @Test func everyControllerIsUnderTheLaws() {
    for recipe in Catalogue.controllers {
      #expect(Self.names.contains(recipe.name), "\(recipe.name) is not")
    }
    for recipe in Catalogue.controllerModifiers {
      #expect(Self.names.contains(recipe.name), "\(recipe.name) is not")
    }
  }

  @Test func controllersDiffer() throws {
    let traces = try Self.names.map { name in
      var draw = RandomStream(RandomKey("tests.laws.differ"))
      var control = try controller(name)
      return (0..<60).map { step in
        "\(control.decide(LawFixtures.signals(step, control.needs, &draw)))"
      }
    }
    #expect(Set(traces).count == traces.count)
  }

  @Test(arguments: names) func theRateIsFiniteAndNotNegativeWhateverTheSignals(
    _ name: String
  ) throws {
    var draw = RandomStream(RandomKey("tests.laws.rates"))
    var control = try controller(name)
    for step in 0..<2_000 {
      let decision = control.decide(LawFixtures.signals(step, control.needs, &draw))
      guard let rate = decision.rate else { continue }
      #expect(rate.isFinite && rate >= 0, "step \(step): \(rate)")
      #expect(control.learningRate == rate, "step \(step)")
    }
  }

  /// The bounds that a controller has, and those of its fixture: the stated ones, or those.
  static func bounds(
    _ name: String
  ) throws -> (own: ClosedRange<Double>?, stated: ClosedRange<Double>) {
    let control = try #require(LawFixtures.controllers[name])
    let own =
      Mirror(reflecting: control).children.first { $0.label == "bounds" }?.value
      as? ClosedRange<Double>
    return (own, LawFixtures.bounds[name] ?? own ?? 0...Double.greatestFiniteMagnitude)
  }

  @Test func statedBoundsAreThoseOfFixtures() {
    for name in LawFixtures.bounds.keys { #expect(Self.names.contains(name), "\(name)") }
  }

  /// A million steps of signals of any size, from 10^−320 to 10^308, NaN and infinities among them.
  ///
  /// Every so often another rate is put in place of the controller's own: any for one that projects it
  /// onto bounds, one within the stated bounds for others.
  @Test(arguments: names) func aMillionSignalsLeaveTheRateWithinItsBounds(_ name: String) throws {
    func check<C: LearningRateController>(
      _ control: C, _ bounds: (own: ClosedRange<Double>?, stated: ClosedRange<Double>)
    ) {
      var control = control
      let (low, high) = (bounds.stated.lowerBound, bounds.stated.upperBound)
      let projectsAny = bounds.own == bounds.stated
      var (seen, wrong, projected) = (0, 0, 0)
      var draw = RandomStream(RandomKey("tests.laws.projected"))
      SignalStorm.pass(1_000_000) { signals in
        let rate: Double
        switch control.decide(signals) {
        case .step(let eta), .retake(let eta), .restore(let eta): rate = eta
        case .skip: rate = control.learningRate
        }
        // Neither a NaN nor an infinity is between two finite numbers.
        if !(rate >= low && rate <= high) { wrong += 1 }
        seen += 1
        if seen % 2_003 == 0 {
          if control.learningRate.bitPattern != rate.bitPattern { wrong += 1 }
          let other = [0, 0.03, 1e300, 5e-324, low, min(high, 0.5)][draw.integer(below: 6)]
          control.project(learningRate: projectsAny ? other : min(max(other, low), high))
          if !(control.learningRate >= low && control.learningRate <= high) { projected += 1 }
        }
      }
      #expect(seen == 1_000_000 && wrong == 0 && projected == 0, "\(wrong), \(projected)")
    }
    check(try controller(name), try Self.bounds(name))
  }

  @Test(arguments: names) func copiesAndCheckpointsGoOnWithTheSameBits(_ name: String) throws {
    func check<C: LearningRateController>(_ control: C) throws {
      var control = control
      var draw = RandomStream(RandomKey("tests.laws.copies"))
      for step in 0..<30 { _ = control.decide(LawFixtures.signals(step, control.needs, &draw)) }
      var copy = control
      var stored = try LawFixtures.coded(control)
      for step in 30..<90 {
        let signals = LawFixtures.signals(step, control.needs, &draw)
        let decision = control.decide(signals)
        #expect(copy.decide(signals) == decision)
        #expect(stored.decide(signals) == decision)
      }
    }
    try check(try controller(name))
  }

  /// Over rules of either precision on the fixtures' objective, the rates agree to a hundred-thousandth
  /// and the parameters to 10⁻⁴, for twelve steps or until the parameters have left [−10, 10].
  @Test(arguments: names) func singlePrecisionFollowsDouble(_ name: String) throws {
    func run<R: UpdateRule, C: LearningRateController>(
      _ rule: R, _ control: C
    ) -> [(rate: Double, theta: [Double])] {
      var optimizer = Optimizer(rule, control, parameterCount: 9)
      var theta: [R.Scalar] = LawFixtures.start(9, R.Scalar.self)
      return (0..<12).map { step in
        let loss = LawFixtures.objective(theta.map { Double($0) }, penalty: 0)
        optimizer.step(
          &theta, gradient: LawFixtures.gradient(theta), loss: loss, metric: loss,
          epoch: Double(step) / 4)
        return (optimizer.learningRate, theta.map { Double($0) })
      }
    }
    func compare<C: LearningRateController>(_ control: C) throws {
      for text in ["sgd", "adam"] {
        let pair = try LawFixtures.rule(text)
        var compared = 0
        for (single, double) in zip(run(pair.float, control), run(pair.double, control)) {
          #expect(relativeDifference(single.rate, double.rate) <= 1e-5)
          compared += 1
          guard double.theta.allSatisfy({ abs($0) < 10 }) else { break }
          for (a, b) in zip(single.theta, double.theta) { #expect(abs(a - b) <= 1e-4) }
        }
        #expect(compared >= 1)
      }
    }
    try compare(try controller(name))
  }

  @Test(arguments: names) func aBoundHoldsTheRateAndDoesNotMakeItStick(_ name: String) throws {
    func check<C: LearningRateController>(_ control: C) {
      var draw = RandomStream(RandomKey("tests.laws.clamped"))
      var clamped = control.clamped(to: 0.03...0.12)
      for step in 0..<300 {
        let decision = clamped.decide(LawFixtures.signals(step, control.needs, &draw))
        #expect((0.03...0.12).contains(decision.rate ?? clamped.learningRate))
      }
    }
    check(try controller(name))
  }

  @Test func aSignalThatWasNotPassedStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var control = HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01)
      _ = control.decide(StepSignals(step: 0))
    }
    await #expect(processExitsWith: .failure) {
      var control = Plateau(initial: 0.1, watching: .loss(averagedOver: 2))
      _ = control.decide(StepSignals(step: 0, metric: 1))
    }
    await #expect(processExitsWith: .failure) {
      var control = Scheduled(.constant(0.1), in: .epochs)
      _ = control.decide(StepSignals(step: 0))
    }
  }

  /// With η = base·s, ∂f/∂base = s·∂f/∂η, s being the factor that was applied.
  @Test func aScaledControllerObeysTheChainRule() {
    var control = HypergradientDescent(initial: 1, hyperLearningRate: 0.5)
      .scaled(by: .linearWarmup(over: 4))
    #expect(control.learningRate(for: StepSignals(step: 0, alignment: 0)) == 0.25)
    // base = 1 + 0.5 · 0.25 · 2, times 2/4.
    #expect(control.learningRate(for: StepSignals(step: 1, alignment: 2)) == 0.625)
    // base = 1.25 − 0.5 · 0.5 · 1, times 3/4.
    #expect(control.learningRate(for: StepSignals(step: 2, alignment: -1)) == 0.75)
  }

  @Test func aNormalisedControllerIsNotThrottledByAWarmup() {
    var draw = RandomStream(RandomKey("tests.laws.throttle"))
    var plain = HypergradientDescent(
      initial: 1, hyperLearningRate: 0.125, form: .multiplicative)
    var scaled = plain.scaled(by: .linearWarmup(over: 64))
    for step in 0..<64 {
      let (g, u) = (1 + draw.uniform(), 1 + draw.uniform())
      let signals = StepSignals(
        step: step, alignment: g * u * (2 * draw.uniform() - 1), gradientNorm: g,
        previousDirectionNorm: u)
      let rate = plain.learningRate(for: signals)
      let expected = rate * Double(step + 1) / 64
      #expect(relativeDifference(scaled.learningRate(for: signals), expected) <= 1e-13)
    }
  }
}

extension StepDecision {
  /// The rate that it gives; `nil` for a skip.
  var rate: Double? {
    switch self {
    case .step(let rate), .retake(let rate), .restore(let rate): rate
    case .skip: nil
    }
  }
}
