import Hypergradient
import PortableMath
import Testing

/// Runs in a cohort have the bits of runs alone.
struct OptimizerCohortTests {
  @Test(arguments: LawFixtures.rules)
  func runsHaveTheBitsOfOptimizers(_ text: String) throws {
    let (float, double) = (try LawFixtures.rule(text, Float.self), try LawFixtures.rule(text))
    var admitted = 0
    for name in LawFixtures.controllers {
      let controller = try LawFixtures.controller(name)
      admitted += compare(double.rule, double.objective, controller, name)
      admitted += compare(float.rule, float.objective, controller, name)
    }
    // Only a rule that looks at the whole gradient, or at the loss, or climbs keeps to itself.
    #expect(
      (admitted > 0)
        == (double.rule.requirements.facts.isEmpty && !double.objective.maximizes))
  }

  private func compare(
    _ rule: any UpdateRule, _ objective: Objective, _ controller: any LearningRateController,
    _ name: String
  ) -> Int {
    func open<R: UpdateRule, C: LearningRateController>(_ rule: R, _ controller: C) -> Int {
      guard OptimizerCohort<R, C>.admits(rule, controller, on: objective) else { return 0 }
      for (runs, count) in [(1, 3), (5, 37), (9, 17)] {
        var sweep = Sweep(rule, controller, on: objective, runs: runs, parameterCount: count)
        for _ in 0..<9 { sweep.step() }
        #expect(sweep.differences == [], "\(name): \(runs) runs of \(count)")
      }
      return 1
    }
    return open(rule, controller)
  }

  @Test func everyControllerThatStepsIsAdmitted() throws {
    let rule = GradientDescent<Double>()
    func isAdmitted<C: LearningRateController>(_ controller: C) -> Bool {
      OptimizerCohort<GradientDescent<Double>, C>.admits(rule, controller)
    }
    // What a cohort does not make: metrics, the new direction, the trace, the last step's alignment.
    let absent: StepSignals.Needs = [
      .metric, .directionAlignment, .directionNorm, .previousDirectionAlignment, .traceAlignment,
      .traceNorm,
    ]
    for name in LawFixtures.controllers {
      let controller = try LawFixtures.controller(name)
      let asked = controller.requirements
      let steps = asked.alwaysSteps && asked.signals.isDisjoint(with: absent)
      #expect(isAdmitted(controller) == steps, "\(name)")
    }
    #expect(isAdmitted(ConstantRate(0.1)))
    #expect(!isAdmitted(Skipping()), "a controller says for itself that it may skip")
    #expect(
      !isAdmitted(Plateau(initial: 0.1, reduce: .by(0.5, after: 1), watching: .metric)),
      "a cohort has no metric")
    #expect(!OptimizerCohort.admits(ClipByNorm<Double>(1), ConstantRate(0.1)))
  }

  /// More parameters than a strip has, and more than a block of a sum.
  @Test func longVectors() {
    var sweep = Sweep(
      Adam<Float>(), HypergradientDescent(initial: 0.01, hyperLearningRate: 1e-6), runs: 3,
      parameterCount: 16_500)
    for _ in 0..<3 { sweep.step() }
    #expect(sweep.differences == [])
  }

  @Test func aRunMovesToAnotherCohort() {
    let (rule, objective) = (Adam<Double>(), Objective.penalized(by: 0.1))
    let controller = HypergradientDescent(
      initial: 0.05, hyperLearningRate: 0.02, form: .multiplicative)
    var first = Sweep(rule, controller, on: objective, runs: 8, parameterCount: 21)
    var second = Sweep(
      rule, controller, on: objective, runs: 3, parameterCount: 21, firstScale: 30)
    for _ in 0..<5 {
      first.step()
      second.step()
    }
    first.cohort.retire(2)
    first.adopt(2, from: second, 1)
    for _ in 0..<5 { first.step() }
    #expect(first.differences == [])
  }

  /// A gradient that is not finite at one step of one run: lanes have the bits of runs alone, whose
  /// schedules see the steps that are taken. A controller that discards gradients is not in lanes.
  @Test(arguments: LawFixtures.controllers)
  func aBadGradientInALane(_ name: String) throws {
    func open<C: LearningRateController>(_ controller: C) {
      let rule = GradientDescent<Double>()
      let controller = controller.scaled(by: .linearWarmup(over: 6))
      guard OptimizerCohort.admits(rule, controller) else { return }
      #expect(controller.requirements.alwaysSteps)
      for bad in [Double.nan, .infinity] {
        var sweep = Sweep(rule, controller, runs: 5, parameterCount: 7)
        for step in 0..<8 { sweep.step(replacing: step == 3 ? (run: 2, by: bad) : nil) }
        #expect(sweep.differences == [], "\(name), \(bad)")
      }
    }
    open(try LawFixtures.controller(name))
  }

  @Test func aRetiredRunStaysWhereItIs() {
    var sweep = Sweep(GradientDescent<Double>(), ConstantRate(0.1), runs: 8, parameterCount: 5)
    sweep.step()
    let before = sweep.parameters(of: 3)
    sweep.cohort.retire(3)
    sweep.step()
    #expect(sweep.parameters(of: 3) == before)
    #expect(sweep.differences == [3])
  }

  @Test func runsWithOtherNeedsAreRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = OptimizerCohort(
        GradientDescent<Double>(),
        [
          HypergradientDescent(initial: 0.1, hyperLearningRate: 0.1),
          HypergradientDescent(initial: 0.1, hyperLearningRate: 0.1, form: .multiplicative),
        ], parameterCount: 3)
    }
  }
}

/// A controller that says that it may not step.
private struct Skipping: LearningRateController {
  var learningRate = 0.1
  var requirements: ControllerRequirements { ControllerRequirements(alwaysSteps: false) }
  mutating func decide(_ signals: StepSignals) -> StepDecision { .skip }
}

/// A cohort and the same runs by themselves, each on its own objective.
private struct Sweep<Rule: UpdateRule, Controller: LearningRateController>: ~Copyable {
  typealias Scalar = Rule.Scalar
  var cohort: OptimizerCohort<Rule, Controller>
  var interleaved: [Scalar]
  var optimizers: [Optimizer<Rule, Controller>]
  var alone: [[Scalar]]
  var scales: [Double]
  let runs: Int
  let count: Int

  init(
    _ rule: Rule, _ controller: Controller, on objective: Objective = .plain, runs: Int,
    parameterCount count: Int, firstScale: Double = 1
  ) {
    self.runs = runs
    self.count = count
    cohort = OptimizerCohort(
      rule, [Controller](repeating: controller, count: runs), on: objective,
      parameterCount: count)
    optimizers = (0..<runs).map { _ in
      Optimizer(rule, controller, on: objective, parameterCount: count)
    }
    interleaved = [Scalar](repeating: 0, count: count * cohort.laneCount)
    alone = [[Scalar]](repeating: LawFixtures.start(count, Scalar.self), count: runs)
    scales = (0..<runs).map { firstScale / Double(1 + $0) }
    for run in 0..<runs { place(run) }
  }

  private mutating func place(_ run: Int) {
    for i in 0..<count { interleaved[i * cohort.laneCount + run] = alone[run][i] }
  }

  func parameters(of run: Int) -> [Scalar] {
    (0..<count).map { interleaved[$0 * cohort.laneCount + run] }
  }

  /// - Parameter bad: what stands in place of the first element of a run's gradient.
  mutating func step(replacing bad: (run: Int, by: Double)? = nil) {
    let lanes = cohort.laneCount
    let epoch = Double(cohort.stepCount) / 4
    var gradients = [Scalar](repeating: 0, count: count * lanes)
    var losses = [Double](repeating: 0, count: lanes)
    for run in 0..<runs {
      let scale = Scalar(scales[run])
      var gradient = LawFixtures.gradient(alone[run]).map { $0 * scale }
      if let bad, bad.run == run { gradient[0] = Scalar(bad.by) }
      losses[run] = Double(gradient[0])
      for i in 0..<count { gradients[i * lanes + run] = gradient[i] }
      optimizers[run].step(&alone[run], gradient: gradient, loss: losses[run], epoch: epoch)
    }
    cohort.step(&interleaved, gradient: gradients, losses: losses, epoch: epoch)
  }

  /// Runs whose parameters or rates differ from those alone.
  var differences: [Int] {
    (0..<runs).filter { run in
      // One that has left the numbers is as far away as another.
      !zip(parameters(of: run), alone[run]).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
        || cohort.learningRate(of: run) != optimizers[run].learningRate
    }
  }

  mutating func adopt(_ run: Int, from other: borrowing Sweep, _ source: Int) {
    cohort.adopt(run, from: other.cohort, run: source)
    optimizers[run] = other.optimizers[source]
    alone[run] = other.alone[source]
    scales[run] = other.scales[source]
    place(run)
  }
}
