internal import Hypergradient
internal import PortableMath
internal import Testing

/// What an observation is compared with, by hand, and the way back to the best parameters.
@Suite struct PlateauReferenceTests {
  private func actions(
    _ reference: Plateau.Reference, _ comparison: Plateau.Comparison = .absolute(0),
    after patience: Int = 1, on observations: [Double]
  ) -> [Plateau.Action] {
    var plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: patience), comparing: comparison, against: reference)
    return observations.map { plateau.observe($0) }
  }

  private func reductions(_ actions: [Plateau.Action]) -> [Int] {
    actions.indices.filter { actions[$0] == .reduce }
  }

  // MARK: Previous

  @Test func thePreviousObservationIsTheOneBefore() {
    // 5 is worse than 4, 4.5 better than 5, though neither is better than the best.
    #expect(reductions(actions(.previous, on: [4, 5, 4.5, 4.5, 3])) == [1, 3])
    #expect(reductions(actions(.best, on: [4, 5, 4.5, 4.5, 3])) == [1, 2, 3])
    // NaN is bad, and 4 is compared with 5 still.
    #expect(reductions(actions(.previous, on: [5, .nan, 4, .infinity, 4])) == [1, 3, 4])
  }

  @Test func thePreviousObservationMayBeNegative() {
    // A tenth of |−1| is 0.1: −1.05 is bad after −1, −1.2 good after −1.05 (the margin is 0.105).
    #expect(reductions(actions(.previous, .relative(0.1), on: [-1, -1.05, -1.2])) == [1])
    #expect(
      reductions(actions(.previous, .relative(0.1, direction: .maximize), on: [-1, -0.95, -0.8]))
        == [1])
  }

  // MARK: Average

  @Test func theAverageKeepsAShare() {
    // ā: 8, then ½·8 + ½·7 = 7.5, then ½·7.5 + ½·7.6 = 7.55 (7.6 is bad), then 7.5 is better.
    #expect(reductions(actions(.average(keeping: 0.5), on: [8, 7, 7.6, 7.5])) == [2])
    // With NaN the average stays: 7.4 is compared with 7.5.
    #expect(reductions(actions(.average(keeping: 0.5), on: [8, 7, .nan, 7.4, 7.46])) == [2, 4])
  }

  /// With nothing kept it is the previous observation.
  @Test func anAverageThatKeepsNothingIsThePrevious() {
    var draw = RandomStream(RandomKey("tests.plateau.average"))
    let observations = (0..<500).map { _ in PlateauPresetsTests.observation(&draw) }
    #expect(
      actions(.average(keeping: 0), .relative(0.01), after: 2, on: observations)
        == actions(.previous, .relative(0.01), after: 2, on: observations))
  }

  // MARK: Slope

  @Test func theSlopeIsThatOfLeastSquares() {
    // Through (6, 4, 5) the slope is (5 − 6)/2 = −½ an observation, through (4, 5, 4.5) ¼.
    func reduced(_ margin: Double) -> [Int] {
      reductions(actions(.slope(over: 3), .absolute(margin), on: [6, 4, 5, 4.5]))
    }
    #expect(reduced(0.49) == [3])
    // A slope that is the margin is not more than it; after an action the window is empty.
    #expect(reduced(0.5) == [2])
    // Relative to the mean, 5: 0.1 · 5 is the margin.
    #expect(reductions(actions(.slope(over: 3), .relative(0.099), on: [6, 4, 5])) == [])
    #expect(reductions(actions(.slope(over: 3), .relative(0.101), on: [6, 4, 5])) == [2])
    // The mean is −5, and so is the margin's sign: positive.
    #expect(reductions(actions(.slope(over: 3), .relative(0.099), on: [-4, -6, -5])) == [])
    #expect(reductions(actions(.slope(over: 3), .relative(0.101), on: [-4, -6, -5])) == [2])
    #expect(
      reductions(actions(.slope(over: 3), .absolute(0.49, direction: .maximize), on: [4, 6, 5]))
        == [])
  }

  /// A line plus noise, over many windows: the slope of a fit by the normal equations.
  @Test func theSlopeIsThatOfTheNormalEquations() {
    var draw = RandomStream(RandomKey("tests.plateau.slope"))
    for _ in 0..<200 {
      let count = 2 + draw.integer(below: 9)
      let values = (0..<count).map { 3 - 0.2 * Double($0) + draw.normal() }
      let n = Double(count)
      let (s1, s2) = (
        (0..<count).reduce(0.0) { $0 + Double($1) },
        (0..<count).reduce(0.0) { $0 + Double($1 * $1) }
      )
      let (y, xy) = (
        values.reduce(0, +), values.enumerated().reduce(0) { $0 + Double($1.0) * $1.1 }
      )
      let slope = (n * xy - s1 * y) / (n * s2 - s1 * s1)
      guard slope < 0 else {
        #expect(reductions(actions(.slope(over: count), on: values)).last == count - 1)
        continue
      }
      let (less, more) = (Double(-slope * (1 - 1e-9)), Double(-slope * (1 + 1e-9)))
      #expect(reductions(actions(.slope(over: count), .absolute(less), on: values)) == [])
      #expect(reductions(actions(.slope(over: count), .absolute(more), on: values)) == [count - 1])
    }
  }

  @Test func untilTheWindowIsFullNothingIsGoodOrBad() {
    let rising = (0..<12).map { Double($0) }
    #expect(reductions(actions(.slope(over: 5), on: rising)) == [4, 9])
    // NaN is bad, and not in the window.
    #expect(reductions(actions(.slope(over: 3), on: [1, .nan, 2, 3])) == [1])
    #expect(reductions(actions(.slope(over: 3), after: 2, on: [1, .nan, 2, 3])) == [])
    #expect(reductions(actions(.slope(over: 3), after: 2, on: [1, 2, .nan, 3, .nan])) == [3])
  }

  @Test func referencesOutOfRangeStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Plateau(initial: 1, reduce: .by(0.5, after: 1), against: .slope(over: 1))
    }
    await #expect(processExitsWith: .failure) {
      _ = Plateau(initial: 1, reduce: .by(0.5, after: 1), against: .average(keeping: 1))
    }
  }

  // MARK: Going back

  private static func plateau(_ start: Plateau.Start = .best) -> Plateau {
    Plateau(
      initial: 0.5, reduce: .by(0.5, after: 2, from: start), within: 0.1...1, watching: .metric)
  }

  @Test func aReductionDecidesToRestore() {
    var plateau = Self.plateau()
    #expect(plateau.requirements.keepsBest && !plateau.requirements.alwaysSteps)
    let metrics: [Double] = [5, 4, 6, 6, 6, 3, 7, 7, 7, 7, 7, 7]
    var seen: [StepDecision] = []
    var best: [Int] = []
    for (step, metric) in metrics.enumerated() {
      seen.append(plateau.decide(StepSignals(step: step, metric: metric)))
      if plateau.requirements.isBest { best.append(step) }
    }
    #expect(best == [0, 1, 5])
    #expect(
      seen == [
        .step(0.5), .step(0.5), .step(0.5), .restore(0.25), .step(0.25), .step(0.25),
        .step(0.25), .restore(0.125), .step(0.125), .restore(0.1), .step(0.1),
        // At the bound nothing changes, and training goes on from where it is.
        .step(0.1),
      ])
    var here = Self.plateau(.here)
    #expect(!here.requirements.keepsBest && here.requirements.alwaysSteps)
    for (step, metric) in metrics.enumerated() {
      _ = here.learningRate(for: StepSignals(step: step, metric: metric))
    }
    #expect(here.learningRate == plateau.learningRate)
  }

  /// Without any finite observation there is nothing to go back to.
  @Test func withoutABestItStays() {
    var plateau = Self.plateau()
    for step in 0..<6 {
      let decision = plateau.decide(StepSignals(step: step, metric: .nan))
      #expect(decision == .step(plateau.learningRate) && !plateau.requirements.isBest)
    }
    #expect(plateau.learningRate == 0.1)
  }

  /// Observations that reach it by `observe` lead to the next decision.
  @Test func observationsByHandAreDecidedNext() {
    var plateau = Self.plateau()
    let none = StepSignals(step: 0)
    plateau.observe(3)
    #expect(plateau.decide(none) == .step(0.5) && plateau.requirements.isBest)
    #expect(plateau.decide(none) == .step(0.5) && !plateau.requirements.isBest)
    plateau.observe(4)
    plateau.observe(4)
    #expect(plateau.decide(none) == .restore(0.25))
    #expect(plateau.decide(none) == .step(0.25))
    // Reduced, and best again before any decision: there is nothing to go back for.
    for x: Double in [4, 4, 2] { plateau.observe(x) }
    #expect(plateau.decide(none) == .step(0.125) && plateau.requirements.isBest)
  }

  /// After a return the previous observation is the best one.
  @Test func thePreviousObservationGoesBackToo() {
    var plateau = Plateau(
      initial: 1, reduce: .by(0.5, after: 1, from: .best), comparing: .absolute(0),
      against: .previous)
    // 5 reduces, and goes back to 2; 3 is then worse than 2.
    #expect([2, 5, 3].map { plateau.observe($0) } == [.none, .reduce, .reduce])
  }

  /// In an optimizer: θ is that of the best observation again, bit for bit, and one vector more is kept.
  @Test(arguments: ["sgd", "adam", "nesterov.penalized(by: 0.2)"])
  func anOptimizerGoesBackToTheBestParameters(_ rule: String) throws {
    let given = try LawFixtures.rule(rule)
    func check<R: UpdateRule<Double>>(_ rule: R) throws {
      let plateau = Plateau(
        initial: 0.05, reduce: .by(0.5, after: 3, from: .best), comparing: .absolute(0),
        watching: .metric)
      var optimizer = Optimizer(rule, plateau, on: given.objective, parameterCount: 9)
      let plain = Optimizer(
        rule, ConstantRate(0.05), on: given.objective, parameterCount: 9)
      #expect(optimizer.memoryVectors == plain.memoryVectors + 1)
      var theta: [Double] = LawFixtures.start(9)
      // A metric by hand: the best is observed at θ before step 2.
      let metrics: [Double?] = [5, nil, 3, 4, nil, 4, 4, 2.5, 9, 9, 9]
      var places: [[Double]] = []
      for metric in metrics {
        places.append(theta)
        let decision = optimizer.step(
          &theta, gradient: LawFixtures.gradient(theta), metric: metric)
        if places.count == 7 {
          #expect(decision == .restore(0.025))
          #expect(theta == places[2] && theta != places[6])
          optimizer = try LawFixtures.coded(optimizer)
        }
      }
      #expect(theta == places[7] && optimizer.restoredSteps == 2)
      #expect(optimizer.learningRate == 0.0125)
    }
    try check(given.rule)
  }

  /// Where the rate is too large and the loss rises, the first step with the lower rate ends lower from
  /// the best parameters than from where it is.
  @Test func goingBackHelpsWhereTheRateIsTooLarge() {
    func afterReduction(_ start: Plateau.Start) -> Double {
      let plateau = Plateau(
        initial: 2.05, reduce: .by(0.25, after: 6, from: start), watching: .metric)
      var optimizer = Optimizer(GradientDescent<Double>(), plateau, parameterCount: 1)
      var theta = [1.0]
      while true {
        let decision = optimizer.step(&theta, gradient: theta, metric: theta[0] * theta[0])
        if decision == .step(2.05 * 0.25) { return abs(theta[0]) }
      }
    }
    let lower = 1 - 2.05 * 0.25
    #expect(relativeDifference(afterReduction(.best), lower) <= 1e-14)
    #expect(
      relativeDifference(afterReduction(.here), lower * Portable.pow(1.05, 6)) <= 1e-13)
  }
}
