internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import PortableMath
internal import Testing

/// Schedules and controllers that a plateau moves.
@Suite struct GatedTests {
  @Test func theClockMovesAtEachPlateau() {
    var control = Gated(.linear(from: 4, to: 1, over: 3), after: 2)
    let metrics: [Double] = [9, 9, 9, 8, 8, 7, 7, 7, 7, 7, 7, 7]
    let rates = metrics.map { x in
      control.observe(x)
      return control.learningRate
    }
    #expect(rates == [4, 4, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1])
    #expect(control.clock == 4)
  }

  /// It is a plateau with another consequence: the clock counts its reductions, for any number of them.
  @Test func theClockCountsReductions() {
    var draw = RandomStream(RandomKey("tests.gated"))
    var plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 2), comparing: .absolute(0.1), against: .previous,
      cooldown: 1)
    var control = Gated(
      .constant(0.25), after: 2, comparing: .absolute(0.1), against: .previous, cooldown: 1)
    var reductions = 0
    for _ in 0..<8_000 {
      let x = PlateauPresetsTests.observation(&draw)
      let isReduction = plateau.observe(x) == .reduce
      if isReduction { reductions += 1 }
      #expect(control.observe(x) == isReduction && control.clock == reductions)
    }
    #expect(reductions > 1_000)
  }

  @Test func anEndedScheduleHoldsItsLastValue() {
    var control = Gated(.linear(from: 2, to: 1, over: 2, past: .error), after: 1)
    let rates = (0..<6).map { _ in
      control.observe(1)
      return control.learningRate
    }
    #expect(rates == [2, 1.5, 1, 1, 1, 1])
  }

  @Test func itGoesBackToTheBest() {
    var control = Gated(.geometric(from: 1, factor: 0.5), after: 1, from: .best, watching: .metric)
    #expect(control.requirements.keepsBest && !control.requirements.alwaysSteps)
    let metrics: [Double] = [5, 6, 4]
    let decisions = metrics.enumerated().map {
      control.decide(StepSignals(step: $0, metric: $1))
    }
    #expect(decisions == [.step(1), .restore(0.5), .step(0.5)] && control.requirements.isBest)
  }

  /// At each plateau, for any number of them: more than the halvings that a rate bears.
  @Test func itGoesBackEachTime() {
    var control = Gated(.constant(0.5), after: 1, from: .best, watching: .metric)
    _ = control.decide(StepSignals(step: 0, metric: 0))
    for step in 1...1_200 {
      #expect(control.decide(StepSignals(step: step, metric: 1)) == .restore(0.5))
    }
  }

  // MARK: Plateau times schedule

  /// The product of the two, whatever the clock of the schedule.
  @Test func aPlateauTimesAScheduleIsTheirProduct() {
    let schedule = TriangularSchedule(from: 0.25, to: 1, rise: 3, fall: 4)
    let plateau = Plateau(
      initial: 0.5, reduce: .by(0.5, after: 2), increase: .by(2, whenStuckFor: 7),
      within: 0.01...1, watching: .loss(averagedOver: 2))
    var draw = RandomStream(RandomKey("tests.gated.product"))
    var (alone, steps, epochs) = (
      plateau, plateau.scaled(by: schedule), plateau.scaled(by: schedule, in: .epochs)
    )
    #expect(steps.requirements.signals == [.loss])
    #expect(epochs.requirements.signals == [.loss, .epoch])
    var seen: Set<Double> = []
    for step in 0..<200 {
      let epoch = Double(step) / 7
      let signals = StepSignals(step: step, epoch: epoch, loss: draw.normal())
      let rate = alone.learningRate(for: signals)
      #expect(steps.learningRate(for: signals) == rate * schedule(step))
      #expect(epochs.learningRate(for: signals) == rate * schedule(epoch.rounded(.down)))
      seen.insert(rate)
    }
    #expect(seen.count > 3)
  }

  /// Bounded outside, the plateau takes the bound over: it does not count below it.
  @Test func aBoundedProductDoesNotStick() {
    var control = Plateau(
      initial: 1, reduce: .by(0.5, after: 1), increase: .by(2, after: 1), watching: .metric
    ).scaled(by: .constant(0.5)).clamped(to: 0.25...1)
    let metrics: [Double] = [9, 9, 9, 9, 8, 7]
    let rates = metrics.enumerated().map { step, metric in
      control.learningRate(for: StepSignals(step: step, metric: metric))
    }
    #expect(rates == [0.5, 0.25, 0.25, 0.25, 0.5, 1])
  }

  // MARK: Controller times controller

  @Test func aProductIsThatOfBothRates() {
    var control = HypergradientDescent(initial: 1, hyperLearningRate: 0.5)
      .times(Plateau(initial: 1, reduce: .by(0.25, after: 1), watching: .metric))
    func rate(_ step: Int, _ alignment: Double, _ metric: Double) -> Double {
      control.learningRate(
        for: StepSignals(step: step, metric: metric, alignment: alignment))
    }
    #expect(rate(0, 0, 5) == 1)
    // α = 1 + ½ · 1 · ½ with the last factor, 1; the plateau gives a quarter.
    #expect(rate(1, 0.5, 5) == 1.25 * 0.25)
    // α = 1.25 − ½ · ¼ · 2 with the last factor, a quarter.
    #expect(rate(2, -2, 4) == 1 * 0.25)
  }

  /// Where the second restores, the first is as it was.
  @Test func aRestoreOfOneLeavesTheOther() throws {
    var control = HypergradientDescent(initial: 1, hyperLearningRate: 0.5)
      .times(
        Plateau(initial: 1, reduce: .by(0.25, after: 1, from: .best), watching: .metric))
    let first = StepSignals(step: 0, metric: 5, alignment: 0)
    #expect(control.decide(first) == .step(1) && control.requirements.isBest)
    let second = StepSignals(step: 1, metric: 6, alignment: 8)
    #expect(control.decide(second) == .restore(0.25) && !control.requirements.isBest)
    #expect(control.first.alpha == 1)
    let third = StepSignals(step: 2, metric: 4, alignment: 0)
    #expect(control.decide(third) == .step(0.25) && control.requirements.isBest)
  }

  /// After a return there is no last step: one that is taken back then moves nothing.
  @Test func aRetakeAfterARestoreMovesNothing() {
    let control = BoldDriver(initial: 0.5).times(
      Plateau(initial: 1, reduce: .by(0.5, after: 1, from: .best), watching: .metric))
    var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 1)
    var theta = [1.0]
    func step(_ loss: Double, _ metric: Double) -> StepDecision {
      optimizer.step(&theta, gradient: [1], loss: loss, metric: metric)
    }
    #expect(step(1, 1) == .step(0.5) && theta == [0.5])
    #expect(step(1, 2) == .restore(0.25) && theta == [1])
    #expect(step(9, 2) == .retake(0.5 * 0.7 * 0.5) && theta == [1])
  }

  @Test func twoKeepersOfTheBestAreRefused() async throws {
    await #expect(processExitsWith: .failure) {
      let plateau = Plateau(initial: 1, reduce: .by(0.5, after: 1, from: .best))
      _ = plateau.times(plateau)
    }
    let text = "plateau(initial: 1, reduce: .by(0.5, after: 1, from: .best))"
    let error = #expect(throws: SpecError.self) {
      try LawFixtures.controller("\(text).times(\(text))")
    }
    #expect(error?.message == "both factors of 'times' keep their best parameters")
  }
}
