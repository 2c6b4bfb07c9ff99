internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// A guarded rule skips the steps that are not finite, and is the rule itself at all others.
@Suite struct GuardedTests {
  private static let texts =
    Catalogue.standard.double.rules.flatMap(\.texts)
    + Catalogue.standard.double.ruleModifiers.filter { $0.name == "then" }.flatMap(\.texts)

  /// Runs on gradients by step; `nil` where the parameters are to have stayed.
  private func run<R: UpdateRule, C: LearningRateController>(
    _ rule: R, _ control: C, _ steps: [Int?], bad: [R.Scalar]
  ) -> (theta: [[R.Scalar]], optimizer: Optimizer<R, C>) {
    let count = bad.count
    var optimizer = Optimizer(rule, control, parameterCount: count)
    var theta = LawFixtures.start(count, R.Scalar.self)
    var seen: [[R.Scalar]] = []
    for step in steps {
      let gradient = step.map { _ in LawFixtures.gradient(theta) } ?? bad
      let loss = LawFixtures.objective(theta.map { Double($0) }, penalty: 0)
      let before = theta
      optimizer.step(&theta, gradient: gradient, loss: loss)
      if step == nil { #expect(theta == before) } else { seen.append(theta) }
    }
    return (seen, optimizer)
  }

  /// With bad steps between, the good ones have the bits of a run without any, schedules included.
  @Test(arguments: texts) func badStepsLeaveNoTrace(_ text: String) throws {
    func check<R: UpdateRule>(_ rule: R) {
      let good: [Int?] = [0, 1, 2, 3, 4, 5]
      let mixed: [Int?] = [0, nil, 1, 2, nil, nil, 3, 4, 5, nil]
      for bad in [R.Scalar.nan, .infinity, -.infinity] {
        var gradient = [R.Scalar](repeating: 1, count: 7)
        gradient[3] = bad
        func compare<C: LearningRateController>(_ control: C) {
          let plain = run(rule, control, good, bad: gradient)
          let guarded = run(rule.guarded(), control, mixed, bad: gradient)
          #expect(guarded.theta == plain.theta, "\(text)")
          #expect(guarded.optimizer.stepCounts.skipped == 4)
          #expect(guarded.optimizer.stepCount == 10)
          #expect(guarded.optimizer.learningRate == plain.optimizer.learningRate)
        }
        compare(Scheduled(.cosine(from: 0.1, to: 0.01, over: 6)))
        compare(HypergradientDescent(initial: 0.05, hyperLearningRate: 0.01, form: .multiplicative))
      }
    }
    check(try LawFixtures.rule(text, Double.self).rule)
    check(try LawFixtures.rule(text, Float.self).rule)
  }

  /// A finite gradient whose square is not stops a coordinate of Adam and its relatives for good; with
  /// the guard nothing has happened.
  @Test(arguments: [
    "adam", "amsgrad", "nadam", "radam(threshold: 4, beta2: 0.5)", "adagrad", "rmsprop",
    "centeredRMSProp", "adabelief", "yogi", "adadelta", "adam.then(weightDecay(0.1))",
  ]) func hugeGradientsDoNotFreezeACoordinate(_ text: String) throws {
    func end<R: UpdateRule<Float>>(_ rule: R, huge: Bool) -> ([Float], Int) {
      var optimizer = Optimizer(rule, ConstantRate(0.01), parameterCount: 2)
      var theta: [Float] = [1, 1]
      for step in 0..<50 {
        if step == 20, huge { optimizer.step(&theta, gradient: [1e30, 1]) }
        optimizer.step(&theta, gradient: theta)
      }
      return (theta, optimizer.skippedSteps)
    }
    func check<R: UpdateRule<Float>>(_ rule: R) {
      let (plain, _) = end(rule, huge: false)
      let (guarded, skipped) = end(rule.guarded(), huge: true)
      #expect(guarded == plain && skipped == 1, "\(text): \(guarded), \(plain), \(skipped)")
      let (frozen, _) = end(rule, huge: true)
      #expect(frozen != plain, "\(text) is not what the guard is for")
    }
    check(try LawFixtures.rule(text, Float.self).rule)
  }

  @Test func methodsThatCarryAGuardedRuleGoOn() throws {
    for text in [
      "mechanic(adam.guarded())", "armijo(adam.guarded())",
      "byGroup(adam.guarded(), "
        + "rate: constant(0.01))",
    ] {
      func check<M: TrainingMethod<Float>>(_ made: M) {
        var method = made
        var theta: [Float] = [1, 2]
        method.begin(at: theta)
        var step = 0
        var oracle = FunctionOracle<Float>(parameterCount: 2) { point, gradient, _ in
          for i in 0..<2 { gradient[i] = step == 3 ? 1e30 : point[i] }
          return Double(point[0] * point[0] + point[1] * point[1]) / 2
        }
        for _ in 0..<30 {
          method.step(&theta, &oracle)
          step += 1
        }
        #expect(theta.allSatisfy(\.isFinite) && theta[0] <= 1 && theta[1] <= 2, "\(text): \(theta)")
      }
      check(try MethodFixtures.method(text).float)
    }
  }

  @Test func aCheckpointKeepsTheCount() throws {
    var optimizer = Optimizer(
      Adam<Double>().guarded(), Scheduled(.cosine(from: 0.1, over: 9)), parameterCount: 2)
    var theta = [1.0, 2]
    optimizer.step(&theta, gradient: [1, 1])
    optimizer.step(&theta, gradient: [.nan, 1])
    var stored = try LawFixtures.coded(optimizer)
    var copy = theta
    optimizer.step(&theta, gradient: [1, 2])
    stored.step(&copy, gradient: [1, 2])
    #expect(
      theta == copy && stored.skippedSteps == 1 && stored.learningRate == optimizer.learningRate)
  }
}
