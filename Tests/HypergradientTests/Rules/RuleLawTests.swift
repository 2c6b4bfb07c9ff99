internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Testing

/// Laws of every rule, alone and under hypergradient descent.
@Suite struct RuleLawTests {
  private static let count = 9

  @Test func everyRuleIsUnderTheLaws() {
    for recipe in Catalogue.standard.double.rules {
      #expect(LawFixtures.rules.contains { $0.hasPrefix(recipe.name) }, "\(recipe.name) is not")
    }
  }

  @Test func rulesDiffer() throws {
    let ends = try LawFixtures.rules.map { text in
      let given = try LawFixtures.rule(text)
      func end<R: UpdateRule<Double>>(_ rule: R) -> [Double] {
        var optimizer = Optimizer(
          rule, ConstantRate(0.05), on: given.objective, parameterCount: Self.count)
        return trajectory(&optimizer, steps: 5)
      }
      return end(given.rule)
    }
    for (i, end) in ends.enumerated() {
      let same = ends[..<i].firstIndex(of: end).map { LawFixtures.rules[$0] }
      #expect(same == nil, "\(LawFixtures.rules[i]) never differs from \(same ?? "")")
    }
  }

  /// The alignment is −∂f/∂η of the step before, by central differences of that step.
  @Test(arguments: LawFixtures.rules) func alignmentIsTheDerivativeOfAStep(
    _ text: String
  ) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      let (steps, rate, h) = (6, 0.05, 1e-5)
      func run(last: Double) -> (loss: Double, alignment: Double) {
        let lines = (0...steps).map { Script.Line.step($0 == steps - 1 ? last : rate) }
        var optimizer = Optimizer(
          rule, Script(lines), on: given.objective, parameterCount: Self.count)
        let theta = trajectory(&optimizer, steps: steps)
        var next = theta
        optimizer.step(
          &next, gradient: LawFixtures.gradient(theta),
          loss: LawFixtures.objective(theta, penalty: 0))
        let sign: Double = given.objective.maximizes ? -1 : 1
        return (
          sign * LawFixtures.objective(theta, penalty: sign * given.objective.penalty),
          optimizer.controller.alignments[steps]
        )
      }
      let slope = (run(last: rate + h).loss - run(last: rate - h).loss) / (2 * h)
      let alignment = run(last: rate).alignment
      #expect(abs(alignment) > 1e-3, "the law would hold for anything")
      #expect(abs(alignment + slope) <= 1e-7 * abs(slope), "\(alignment), ∂f/∂η = \(slope)")
    }
    check(given.rule)
  }

  @Test(arguments: LawFixtures.rules) func firstAlignmentIsZero(_ text: String) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      var optimizer = Optimizer(
        rule, Script([.step(0.1)]), on: given.objective, parameterCount: Self.count)
      trajectory(&optimizer, steps: 1)
      #expect(optimizer.controller.alignments == [0])
    }
    check(given.rule)
  }

  @Test(arguments: LawFixtures.rules) func copiesAndCheckpointsGoOnWithTheSameBits(
    _ text: String
  ) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) throws {
      var optimizer = Optimizer(
        rule, HypergradientDescent(initial: 0.05, hyperLearningRate: 1e-3),
        on: given.objective, parameterCount: Self.count)
      let theta = trajectory(&optimizer, steps: 4)
      var copy = optimizer
      var stored = try LawFixtures.coded(optimizer)
      let end = trajectory(&optimizer, from: theta, steps: 5)
      #expect(trajectory(&copy, from: theta, steps: 5) == end)
      #expect(trajectory(&stored, from: theta, steps: 5) == end)
      #expect(copy.learningRate == optimizer.learningRate)
      #expect(stored.learningRate == optimizer.learningRate)
    }
    try check(given.rule)
  }

  @Test(arguments: LawFixtures.rules) func betaZeroIsTheConstantRate(_ text: String) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      var plain = Optimizer(
        rule, ConstantRate(0.05), on: given.objective, parameterCount: Self.count)
      let end = trajectory(&plain, steps: 12)
      for form in HypergradientForm.allCases {
        var learned = Optimizer(
          rule, HypergradientDescent(initial: 0.05, hyperLearningRate: 0, form: form),
          on: given.objective, parameterCount: Self.count)
        #expect(trajectory(&learned, steps: 12) == end)
      }
    }
    check(given.rule)
  }

  @Test(arguments: LawFixtures.rules) func hypergradientDescentKeepsOneVectorMore(
    _ text: String
  ) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      let plain = Optimizer(rule, ConstantRate(0.1), on: given.objective, parameterCount: 3)
      let learned = Optimizer(
        rule, HypergradientDescent(initial: 0.1, hyperLearningRate: 1e-3), on: given.objective,
        parameterCount: 3)
      #expect(plain.memoryVectors == rule.requirements.stateVectors.count)
      #expect(learned.memoryVectors == plain.memoryVectors + 1)
    }
    check(given.rule)
  }

  /// Strips are an optimizer's business: cutting the parameters in two changes no bit. A rule that
  /// sees the loss sees that of the whole; one that looks at every element is not under this law.
  @Test(arguments: LawFixtures.rules) func elementsDoNotSeeEachOther(_ text: String) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      guard rule.requirements.facts.isSubset(of: .loss) else { return }
      let theta: [Double] = LawFixtures.start(9_000)
      var whole = Optimizer(rule, ConstantRate(0.05), on: given.objective, parameterCount: 9_000)
      var losses: [Double] = []
      let together = trajectory(&whole, from: theta, steps: 3) {
        losses.append($1)
        return $1
      }
      // The objective's curvatures have period 7.
      let cut = 7 * 601
      var (left, right) = (
        Optimizer(rule, ConstantRate(0.05), on: given.objective, parameterCount: cut),
        Optimizer(rule, ConstantRate(0.05), on: given.objective, parameterCount: 9_000 - cut)
      )
      let apart =
        trajectory(&left, from: Array(theta[..<cut]), steps: 3) { step, _ in losses[step] }
        + trajectory(&right, from: Array(theta[cut...]), steps: 3) { step, _ in losses[step] }
      #expect(together == apart)
    }
    check(given.rule)
  }

  @Test(arguments: LawFixtures.rules) func singlePrecisionFollowsDouble(_ text: String) throws {
    func end<R: UpdateRule>(_ rule: R, _ objective: Objective) -> [Double] {
      var optimizer = Optimizer(
        rule, ConstantRate(0.05), on: objective, parameterCount: Self.count)
      return trajectory(&optimizer, steps: 10).map { Double($0) }
    }
    let (float, double) = (try LawFixtures.rule(text, Float.self), try LawFixtures.rule(text))
    let ends = zip(end(float.rule, float.objective), end(double.rule, double.objective))
    for (single, double) in ends {
      #expect(abs(single - double) <= 1e-5)
      #expect(single != double)
    }
  }

  /// θ += (η − η′)·u: a step taken back and made with another rate is that other step.
  @Test(arguments: LawFixtures.rules) func aRetakenStepIsTheOtherStep(_ text: String) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      var retaken = Optimizer(
        rule, Script([.step(0.05), .step(0.08), .retake(0.02)]), on: given.objective,
        parameterCount: Self.count)
      var direct = Optimizer(
        rule, Script([.step(0.05), .step(0.02)]), on: given.objective, parameterCount: Self.count)
      let a = trajectory(&retaken, steps: 3)
      let b = trajectory(&direct, steps: 2)
      #expect(zip(a, b).allSatisfy { abs($0 - $1) <= 1e-15 })
      #expect(retaken.retakenSteps == 1 && retaken.learningRate == 0.02)
    }
    check(given.rule)
  }

  @Test(arguments: LawFixtures.rules) func aSkippedStepMovesNothing(_ text: String) throws {
    let given = try LawFixtures.rule(text)
    func check<R: UpdateRule<Double>>(_ rule: R) {
      var optimizer = Optimizer(
        rule, Script([.step(0.05), .skip]), on: given.objective, parameterCount: Self.count)
      let before = trajectory(&optimizer, steps: 1)
      let after = trajectory(&optimizer, from: before, steps: 1)
      #expect(after == before)
      #expect(optimizer.skippedSteps == 1 && optimizer.stepCount == 2)
    }
    check(given.rule)
  }

  /// Some steps on the fixtures' objective; returns where they end.
  ///
  /// - Parameter loss: the loss that is passed, from the step and the objective without penalty.
  @discardableResult
  private func trajectory<R: UpdateRule, C: LearningRateController>(
    _ optimizer: inout Optimizer<R, C>, from start: [R.Scalar]? = nil, steps: Int,
    loss: (_ step: Int, _ objective: Double) -> Double = { $1 }
  ) -> [R.Scalar] {
    var theta = start ?? LawFixtures.start(optimizer.parameterCount, R.Scalar.self)
    for step in 0..<steps {
      let objective = LawFixtures.objective(theta.map { Double($0) }, penalty: 0)
      optimizer.step(
        &theta, gradient: LawFixtures.gradient(theta), loss: loss(step, objective))
    }
    return theta
  }
}
