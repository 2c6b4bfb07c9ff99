internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// What a bound, a largest growth and a freeze hold of every controller.
@Suite struct RateLimitLawTests {
  static let texts = ControllerLawTests.texts

  private static func storm(
    _ control: any LearningRateController, steps: Int = 300, _ key: String = "tests.limits",
    _ see: (_ step: Int, _ decision: StepDecision, _ after: any LearningRateController) -> Void
  ) {
    var control = control
    var draw = RandomStream(RandomKey(key))
    for step in 0..<steps {
      let decision = control.decide(LawFixtures.signals(step, control.needs, &draw))
      see(step, decision, control)
    }
  }

  /// No decision's rate is above c times the one before, to the last bit; from 0 it may go anywhere.
  @Test(arguments: texts, [1, 1.02, 1.7])
  func noRateGrowsByMoreThanTheFactor(_ text: String, _ most: Double) throws {
    var last: Double?
    Self.storm(try LawFixtures.controller(text).limited(by: .growth(most))) {
      step, decision, after in
      guard let rate = decision.rate else { return }
      if let last, last > 0 { #expect(rate <= most * last, "step \(step): \(last) → \(rate)") }
      #expect(after.learningRate == rate)
      last = rate
    }
  }

  /// The rate stays what it is after n steps, and every decision from there on is a step.
  @Test(arguments: texts, [1, 7, 150])
  func theRateStaysAfterSoManySteps(_ text: String, _ steps: Int) throws {
    var last: Double?
    Self.storm(try LawFixtures.controller(text).limited(by: .freeze(after: steps))) {
      step, decision, after in
      if step < steps {
        last = after.learningRate
      } else {
        #expect(decision == .step(last ?? .nan), "step \(step)")
      }
    }
  }

  /// Before it freezes, it decides as the controller alone.
  @Test(arguments: texts) func beforeItFreezesTheDecisionsAreTheBases(_ text: String) throws {
    var alone: [StepDecision] = []
    Self.storm(try LawFixtures.controller(text), steps: 60) { _, decision, _ in
      alone.append(decision)
    }
    Self.storm(try LawFixtures.controller(text).limited(by: .freeze(after: 60)), steps: 60) {
      step, decision, _ in
      #expect(decision == alone[step], "step \(step)")
    }
  }

  /// Limits that nothing reaches change no decision.
  @Test(
    arguments: texts,
    [
      RateLimit.within(0...Double.greatestFiniteMagnitude), .growth(.greatestFiniteMagnitude),
      .freeze(after: 1_000_000),
    ])
  func whatHoldsNothingChangesNoBit(_ text: String, _ limit: RateLimit) throws {
    let control = try LawFixtures.controller(text)
    var alone: [StepDecision] = []
    Self.storm(control) { _, decision, _ in alone.append(decision) }
    Self.storm(control.limited(by: limit)) { step, decision, _ in
      #expect(decision == alone[step], "step \(step)")
    }
  }

  /// A schedule that is caught up with: min(schedule, c·last), by hand.
  @Test func aScheduleIsCaughtUpWith() {
    let wanted = [0, 1, 0.5, 8, 8, 8, 16, 16, 16, 16]
    var control = Scheduled(ClosureSchedule { wanted[Int($0)] }).limitedGrowth(to: 2)
    let rates = (0..<10).map { control.learningRate(for: StepSignals(step: $0)) }
    // 0, then anything; down at once; then doubled at every step.
    #expect(rates == [0, 1, 0.5, 1, 2, 4, 8, 16, 16, 16])
  }

  /// A rate that is held back is the base's state: it falls at once when the alignment turns.
  @Test func aHeldRateIsTheBasesState() {
    var control = HypergradientDescent(initial: 1, hyperLearningRate: 1).limitedGrowth(to: 1.5)
    #expect(control.learningRate(for: StepSignals(step: 0, alignment: 0)) == 1)
    #expect(control.learningRate(for: StepSignals(step: 1, alignment: 100)) == 1.5)
    #expect(control.base.learningRate == 1.5)
    #expect(control.learningRate(for: StepSignals(step: 2, alignment: 100)) == 2.25)
    #expect(control.learningRate(for: StepSignals(step: 3, alignment: -1)) == 1.25)
  }

  /// A frozen schedule is not asked past its end; one that ends before is refused as before.
  @Test func aFrozenScheduleMayEnd() {
    let schedule = LinearSchedule(from: 1, to: 0, over: 10, past: .error)
    #expect(Scheduled(schedule).frozen(after: 11).requirements.lastStep == .infinity)
    #expect(Scheduled(schedule).frozen(after: 12).requirements.lastStep == 10)
    var control = Scheduled(schedule).frozen(after: 6)
    for step in 0..<40 {
      #expect(control.learningRate(for: StepSignals(step: step)) == 1 - Double(min(step, 5)) / 10)
    }
  }
}
