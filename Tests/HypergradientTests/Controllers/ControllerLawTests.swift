internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import PortableMath
internal import Testing

/// Laws of every controller.
@Suite struct ControllerLawTests {
  /// Those of the catalogue, and a product past the largest number.
  static let texts =
    LawFixtures.controllers + [
      "constant(0.2).scaled(by: linear(from: 1, to: 1e308, over: 40)).scaled(by: constant(100))"
    ]

  /// Every controller is under the laws, with every argument and every word of a choice.
  @Test func theTextsSayAllThatATextCanSay() {
    func check<Product>(_ recipes: [Recipe<Product>]) {
      for recipe in recipes {
        let texts = recipe.texts
        #expect(texts.allSatisfy { $0.contains("\(recipe.name)(") }, "\(recipe.name)")
        for parameter in recipe.parameters where parameter.label != "_" {
          let (label, words) = (parameter.label, parameter.words)
          #expect(texts.contains { $0.contains("\(label): ") }, "\(recipe.name), \(label)")
          for word in words where ".\(word)" != parameter.standard {
            let said = "\(label): .\(word)"
            #expect(texts.contains { $0.contains(said) }, "\(recipe.name), \(said)")
          }
        }
      }
    }
    check(Catalogue.standard.controllers)
    check(Catalogue.standard.controllerModifiers)
  }

  @Test func controllersDiffer() throws {
    let traces = try Self.texts.map { text in
      var draw = RandomStream(RandomKey("tests.laws.differ"))
      var control = try LawFixtures.controller(text)
      return (0..<60).map { step in
        "\(control.decide(LawFixtures.signals(step, control.needs, &draw)))"
      }
    }
    for (i, trace) in traces.enumerated() {
      let same = traces[..<i].firstIndex(of: trace).map { Self.texts[$0] }
      #expect(same == nil, "\(Self.texts[i]) never differs from \(same ?? "")")
    }
  }

  @Test(arguments: texts) func theRateIsFiniteAndNotNegativeWhateverTheSignals(
    _ text: String
  ) throws {
    var draw = RandomStream(RandomKey("tests.laws.rates"))
    var control = try LawFixtures.controller(text)
    for step in 0..<2_000 {
      let decision = control.decide(LawFixtures.signals(step, control.needs, &draw))
      guard let rate = decision.rate else { continue }
      #expect(rate.isFinite && rate >= 0, "step \(step): \(rate)")
      #expect(control.learningRate == rate, "step \(step)")
    }
  }

  /// The bounds of the rates, for the texts of controllers that have no `bounds`, or narrower ones by
  /// what else they are told.
  private static let stated: [String: ClosedRange<Double>] = [
    "constant(0.1)": 0.1...0.1,
    "scheduled(cosine(from: 0.1, to: 0.01, over: 50))": 0.01...0.1,
    "scheduled(stepDecay(from: 0.1, every: 1, factor: 0.5), in: .epochs)": 0...0.1,
    "polyak(maximum: 0.5)": 0...0.5,
    "polyak(maximum: 0.4, optimalLoss: -2, scale: 0.7, offset: 0.1)": 0...0.4,
    "alig(maximum: 0.3)": 0...0.3,
    "alig(maximum: 0.35, optimalLoss: -1, scale: 2, offset: 0.1)": 0...0.35,
    "ngn(maximum: 0.4)": 0...0.4,
    "ngn(maximum: 0.6, optimalLoss: -1)": 0...0.6,
    "decSPS(maximum: 0.5)": 0...0.5,
    "decSPS(maximum: 0.7, optimalLoss: -1, scale: 2)": 0...0.7,
    "gated(cosine(from: 0.1, to: 0.01, over: 20), after: 2, from: .best, watching: .metric)":
      0.01...0.1,
    "gated(geometric(from: 0.1, factor: 0.9), after: 1, comparing: .absolute(0.1), "
      + "against: .previous, cooldown: 1)": 0...0.1,
    "torchPlateau(initial: 0.1, factor: 0.8, patience: 2, cooldown: 1)": 0...0.1,
    "torchPlateau(initial: 0.1, factor: 0.5, patience: 1, threshold: 0.01, "
      + "thresholdMode: .absolute, mode: .maximize, minimum: 0.01, eps: 1e-6, "
      + "watching: .metric)": 0.01...0.1,
    "kerasPlateau(initial: 0.1, factor: 0.85, patience: 2, cooldown: 2, watching: .metric)":
      0...Double(Float(0.1)),
    "kerasPlateau(initial: 0.1, factor: 0.5, patience: 0, minDelta: 0.01, mode: .maximize, "
      + "minimum: 0.01)": Double(Float(0.01))...Double(Float(0.1)),
    "optaxPlateau(initial: 0.1, factor: 0.8, patience: 2, rtol: 0.001, atol: 0.01, cooldown: 1, "
      + "accumulationSize: 2, minScale: 1e-3)": 1e-4...0.1,
    "fastaiPlateau(initial: 0.1, factor: 1.5, patience: 2, minLr: 1e-3, watching: .metric)":
      1e-3...0.1,
    "fastaiPlateau(initial: 0.1, factor: 2, patience: 0, minDelta: 0.01, mode: .maximize)":
      0...0.1,
    "newBob(initial: 0.1, factor: 0.9, patience: 1, watching: .metric)": 0...0.1,
    "speechbrainNewBob(initialValue: 0.1, annealingFactor: 0.95, patient: 1, watching: .metric)":
      0...0.1,
    "speechbrainNewBob(initialValue: 0.1, annealingFactor: 0.8, improvementThreshold: 0.1)":
      0...0.1,
    "boldDriver(initial: 0.1, within: 1e-6...10)"
      + ".times(plateau(initial: 1, reduce: .by(0.5, after: 3, from: .best), within: 0.01...1, "
      + "watching: .metric))": 1e-8...10,
    "boldDriver(initial: 0.1, within: 1e-6...10).warmedUp(over: 9)": 1e-7...10,
    "plateau(initial: 0.1, reduce: .by(0.5, after: 3), within: 1e-4...1)"
      + ".scaled(by: stepDecay(from: 1, every: 2, factor: 0.5), in: .epochs)": 0...1,
  ]

  /// The bounds that a controller has, and those that are stated: of its text, or those.
  private static func bounds(
    _ text: String
  ) throws -> (own: ClosedRange<Double>?, stated: ClosedRange<Double>) {
    let control = try LawFixtures.controller(text)
    let own =
      Mirror(reflecting: control).children.first { $0.label == "bounds" }?.value
      as? ClosedRange<Double>
    return (own, stated[text] ?? own ?? 0...Double.greatestFiniteMagnitude)
  }

  @Test func statedBoundsAreThoseOfTexts() {
    for text in Self.stated.keys { #expect(Self.texts.contains(text), "\(text)") }
  }

  /// A million steps of signals of any size, from 10^−320 to 10^308, NaN and infinities among them.
  ///
  /// Every so often another rate is put in place of the controller's own: any for one that projects it
  /// onto bounds, one within the stated bounds for others.
  @Test(arguments: texts) func aMillionSignalsLeaveTheRateWithinItsBounds(_ text: String) throws {
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
          let others = [0, 0.03, 1e300, .leastNonzeroMagnitude, low, min(high, 0.5)]
          let other = others[draw.integer(below: others.count)]
          control.project(learningRate: projectsAny ? other : min(max(other, low), high))
          if !(control.learningRate >= low && control.learningRate <= high) { projected += 1 }
        }
      }
      #expect(seen == 1_000_000 && wrong == 0 && projected == 0, "\(wrong), \(projected)")
    }
    check(try LawFixtures.controller(text), try Self.bounds(text))
  }

  @Test(arguments: texts) func copiesAndCheckpointsGoOnWithTheSameBits(_ text: String) throws {
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
    try check(try LawFixtures.controller(text))
  }

  /// Over rules of either precision on the fixtures' objective, the rates agree to a hundred-thousandth
  /// and the parameters to 10⁻⁴, for twelve steps or until the parameters have left [−10, 10].
  @Test(arguments: texts) func singlePrecisionFollowsDouble(_ text: String) throws {
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
        let float = try LawFixtures.rule(text, Float.self).rule
        let double = try LawFixtures.rule(text).rule
        var compared = 0
        for (single, double) in zip(run(float, control), run(double, control)) {
          #expect(relativeDifference(single.rate, double.rate) <= 1e-5)
          compared += 1
          guard double.theta.allSatisfy({ abs($0) < 10 }) else { break }
          for (a, b) in zip(single.theta, double.theta) { #expect(abs(a - b) <= 1e-4) }
        }
        #expect(compared >= 1)
      }
    }
    try compare(try LawFixtures.controller(text))
  }

  @Test(arguments: texts) func aBoundHoldsTheRateAndDoesNotMakeItStick(_ text: String) throws {
    func check<C: LearningRateController>(_ control: C) {
      var draw = RandomStream(RandomKey("tests.laws.clamped"))
      var clamped = control.clamped(to: 0.03...0.12)
      for step in 0..<300 {
        let decision = clamped.decide(LawFixtures.signals(step, control.needs, &draw))
        #expect((0.03...0.12).contains(decision.rate ?? clamped.learningRate))
      }
    }
    check(try LawFixtures.controller(text))
  }

  @Test func aSignalThatWasNotPassedStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var control = HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01)
      _ = control.decide(StepSignals(step: 0))
    }
    await #expect(processExitsWith: .failure) {
      var control = Plateau(
        initial: 0.1, reduce: .by(0.5, after: 9), watching: .loss(averagedOver: 2))
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
