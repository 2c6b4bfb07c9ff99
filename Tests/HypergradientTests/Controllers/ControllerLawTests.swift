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
  }

  @Test func controllersDiffer() throws {
    let traces = try Self.names.map { name in
      var draw = RandomStream(RandomKey("tests.laws.differ"))
      var control = try controller(name)
      return (0..<60).map { step in
        control.learningRate(for: LawFixtures.signals(step, control.needs, &draw))
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
      guard case .step(let rate) = control.decide(LawFixtures.signals(step, control.needs, &draw))
      else { continue }
      #expect(rate.isFinite && rate >= 0, "step \(step): \(rate)")
      #expect(control.learningRate == rate, "step \(step)")
    }
  }

  /// Long sequences of signals of any size, from 10⁻³⁰⁰ to 10³⁰⁰, NaN and infinities among them.
  @Test(arguments: names) func noSignalIsTooLargeOrTooSmall(_ name: String) throws {
    func check<C: LearningRateController>(_ control: C) {
      var control = control
      var draw = RandomStream(RandomKey("tests.laws.extremes"))
      var extreme: Double {
        let size = Portable.pow(10, 600 * draw.uniform() - 300)
        return switch draw.integer(below: 40) {
        case 0: .nan
        case 1: .infinity
        case 2: 0
        default: size
        }
      }
      var wrong = 0
      for step in 0..<Self.extremeSteps {
        let sign = draw.uniform() < 0.5 ? -1.0 : 1
        let signals = StepSignals(
          step: step, epoch: Double(step) / 10, loss: sign * extreme, metric: sign * extreme,
          alignment: sign * extreme, gradientNorm: extreme, previousDirectionNorm: extreme,
          directionAlignment: sign * extreme, directionNorm: extreme,
          previousDirectionAlignment: sign * extreme, traceAlignment: sign * extreme,
          traceNorm: extreme)
        if case .step(let rate) = control.decide(signals), !(rate.isFinite && rate >= 0) {
          wrong += 1
        }
      }
      #expect(wrong == 0)
    }
    check(try controller(name))
  }

  /// A debug build is fifty times slower.
  private static var extremeSteps: Int {
    #if DEBUG
      4_000
    #else
      100_000
    #endif
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

  @Test(arguments: names) func aBoundHoldsTheRateAndDoesNotMakeItStick(_ name: String) throws {
    func check<C: LearningRateController>(_ control: C) {
      var draw = RandomStream(RandomKey("tests.laws.clamped"))
      var clamped = control.clamped(to: 0.03...0.12)
      for step in 0..<300 {
        let rate = clamped.learningRate(for: LawFixtures.signals(step, control.needs, &draw))
        #expect((0.03...0.12).contains(rate))
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
