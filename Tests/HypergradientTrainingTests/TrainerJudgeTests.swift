import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import HypergradientTraining
import Testing

/// What the best, early stopping and plateaus are judged by.
@Suite struct TrainerJudgeTests {
  private func options(_ change: (inout TrainingOptions) -> Void) -> TrainingOptions {
    var options = TrainingOptions()
    change(&options)
    return options
  }

  /// A validation that gives no score now and then: epochs without one are not judged.
  @Test(arguments: TrainingOptions.Metric.allCases)
  func epochsWithoutAScoreAreNotJudged(_ metric: TrainingOptions.Metric) throws {
    var epoch = 0
    var best: [Double] = []
    // Best at the fourth epoch; training losses, lower than all scores, fall on.
    let problem = FunctionProblem<Double>(parameterCount: 1, batchesPerEpoch: 5) { x, _, g in
      g[0] = x[0]
      return x[0] * x[0] / 2 - 100
    } validation: { x in
      epoch += 1
      if epoch == 4 { best = Array(x) }
      guard epoch % 2 == 0 else { return nil }
      let loss = 5 + Double((epoch - 4) * (epoch - 4))
      return ValidationScore(loss: loss, accuracy: 1 / loss)
    }
    var trainer = try Trainer(
      problem, from: [5], with: AnyOptimizer("sgd + constant(0.02)", parameterCount: 1),
      options: options {
        $0.metric = metric
        $0.patience = 3
        $0.endsAtBest = true
      })
    #expect(try trainer.run(toEpoch: 40) == .noImprovement(3))
    #expect(trainer.step == 50 && trainer.bestMetric == (metric == .loss ? 5 : 0.2))
    #expect(trainer.parameters == best)
  }

  /// −(x − 1)²/2, which is to be maximised, and the same as a problem to be minimised.
  private func hill(_ sign: Double, validation: Bool) -> FunctionProblem<Double> {
    func value(_ x: Double) -> Double { sign * (x - 1) * (x - 1) / 2 }
    func gradient(
      _ x: UnsafeBufferPointer<Double>, _ batch: Int, _ g: UnsafeMutableBufferPointer<Double>
    ) -> Double {
      // Rises and falls, so that there is a best in between.
      let centre = batch < 40 ? 1.0 : 6
      g[0] = sign * (x[0] - centre)
      return value(x[0])
    }
    return validation
      ? FunctionProblem(
        parameterCount: 1, batchesPerEpoch: 5, gradient: gradient,
        validation: { x in ValidationScore(loss: value(x[0])) })
      : FunctionProblem(parameterCount: 1, batchesPerEpoch: 5, gradient: gradient)
  }

  @Test(
    arguments: ["sgd", "adam", "armijo", "byGroup"], [false, true])
  func climbingIsDescendingOnMinusF(_ rule: String, _ validation: Bool) throws {
    func trainer(_ sign: Double) throws -> Trainer<FunctionProblem<Double>> {
      let suffix = sign < 0 ? ".maximizing" : ""
      let problem = hill(sign, validation: validation)
      let options = options {
        $0.patience = 3
        $0.endsAtBest = true
      }
      let text =
        switch rule {
        case "armijo": "armijo(sgd\(suffix), initial: 0.1)"
        case "byGroup": "byGroup(sgd\(suffix), rate: constant(0.05))"
        default: "\(rule)\(suffix) + constant(0.05)"
        }
      if let method = try TrainingTexts.method(text) {
        return try Trainer(problem, from: [5], method: method, options: options)
      }
      return try Trainer(
        problem, from: [5], with: AnyOptimizer(text, parameterCount: 1), options: options)
    }
    var (up, down) = (try trainer(-1), try trainer(1))
    #expect(try up.run(toEpoch: 40) == down.run(toEpoch: 40))
    #expect(up.step == down.step && up.parameters == down.parameters)
    #expect(up.bestMetric == down.bestMetric.map { -$0 })
    #expect(down.ending == .noImprovement(3) && down.step < 200)
    #expect((up.parameters[0] - 1).magnitude < 2.5)
  }

  @Test func groupsThatClimbAndDescendHaveNoBest() throws {
    let problem = NoisyBowl<Double>()
    func trainer(
      _ options: TrainingOptions, isFrozen: Bool = false
    ) throws -> Trainer<NoisyBowl<Double>> {
      try Trainer(
        problem, from: problem.start,
        groups: [
          TrainingGroup("a", 0..<3, AnyOptimizer("sgd + constant(0.01)", parameterCount: 3)),
          TrainingGroup(
            "b", 3..<6, AnyOptimizer("sgd.maximizing + constant(0.01)", parameterCount: 3),
            isFrozen: isFrozen),
        ], options: options)
    }
    for change in [
      { $0.patience = 2 }, { $0.keepsBest = true }, { $0.endsAtBest = true },
    ] as [(inout TrainingOptions) -> Void] {
      var both = try trainer(options(change))
      let fault = try #require(throws: Refusal.self) { try both.run(toStep: 10) }
      #expect("\(fault)".contains("climb") && both.step == 0)
      var one = try trainer(options(change), isFrozen: true)
      try one.run(toStep: 10)
      try one.setFrozen(false, "b")
      #expect(throws: Refusal.self) { try one.run(toStep: 20) }
    }
    var neither = try trainer(TrainingOptions())
    try neither.run(toStep: 10)
  }

  /// Texts of controllers that watch the metric, by the direction that they have.
  static let watching: [(text: String, direction: Plateau.Direction)] = [
    ("plateau(initial: 0.1, reduce: .by(0.5, after: 1), watching: .metric)", .minimize),
    (
      "plateau(initial: 0.1, reduce: .by(0.5, after: 1), "
        + "comparing: .absolute(0, direction: .maximize), watching: .metric)", .maximize
    ),
    ("newBob(initial: 0.1, watching: .metric)", .minimize),
    ("newBob(initial: 0.1, improving: .maximize, watching: .metric)", .maximize),
    ("greedy(initial: 0.1, watching: .metric)", .minimize),
    (
      "greedy(initial: 0.1, comparing: .relative(0, direction: .maximize), watching: .metric)",
      .maximize
    ),
    ("gated(geometric(from: 0.1, factor: 0.5), after: 2, watching: .metric)", .minimize),
    (
      "gated(geometric(from: 0.1, factor: 0.5), after: 2, "
        + "comparing: .relative(0, direction: .maximize), watching: .metric)", .maximize
    ),
    (
      "hypergradient(initial: 0.1, hyperLearningRate: 1e-4).times(plateau(initial: 1, "
        + "reduce: .by(0.5, after: 1), watching: .metric))", .minimize
    ),
  ]

  /// What is around a controller hands its direction on.
  @Test(arguments: watching) func aMetricOfTheOtherDirectionIsRefused(
    _ control: (text: String, direction: Plateau.Direction)
  ) throws {
    let problem = NoisyBowl<Double>()
    for around in [
      "", ".clamped(to: 1e-6...1)", ".limitedGrowth(to: 2)", ".frozen(after: 90)",
      ".warmedUp(over: 3)", ".guardedByTrace()",
    ] {
      for (rule, climbs) in [("sgd", false), ("sgd.maximizing", true)] {
        for metric in TrainingOptions.Metric.allCases {
          let text = "\(rule) + \(control.text)\(around)"
          guard let optimizer = try? AnyOptimizer<Double>(text, parameterCount: 6) else { continue }
          let trainer = try Trainer(
            problem, from: problem.start, with: optimizer, options: options { $0.metric = metric })
          var fault = ""
          do throws(Refusal) { try trainer.check(toStep: 10) } catch { fault = "\(error)" }
          let isRight = (control.direction == .maximize) == (metric == .accuracy || climbs)
          #expect(fault.isEmpty == isRight, "\(text): \(fault)")
          #expect(isRight || fault.contains("the other direction"), "\(fault)")
        }
      }
    }
  }

  @Test func factorsDoNotWatchAMetricInBothDirections() throws {
    let (down, up) = (Self.watching[0].text, Self.watching[1].text)
    #expect(throws: (any Error).self) { try Catalogue.standard.controller("\(down).times(\(up))") }
    #expect(
      try Catalogue.standard.controller("\(up).times(\(up))").requirements.metricDirection
        == .maximize)
  }

  @Test func anAccuracyNeedsValidation() throws {
    let problem = NoisyBowl<Double>(hasValidation: false)
    var trainer = try Trainer(
      problem, from: problem.start, with: AnyOptimizer("sgd + constant(0.1)", parameterCount: 6),
      options: options { $0.metric = .accuracy })
    #expect(throws: Refusal.self) { try trainer.check(toStep: 10) }
    let fault = try #require(throws: Refusal.self) { try trainer.run(toStep: 10) }
    #expect("\(fault)".contains("no validation") && trainer.step == 0)
  }
}
