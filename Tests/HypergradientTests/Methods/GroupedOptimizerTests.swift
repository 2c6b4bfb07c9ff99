internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

/// A group's controller is an optimizer of its own.
@Suite struct GroupedOptimizerTests {
  static let texts = [
    "sgd + hypergradient(initial: 0.05, hyperLearningRate: 1e-3)",
    "adam + hypergradient(initial: 0.01, hyperLearningRate: 0.02, form: .multiplicative)",
    "nesterov(momentum: 0.5).penalized(by: 0.1) + l4().clamped(to: 0...0.05)",
    "clipByNorm(0.5).then(adam) + constant(0.01)",
    "heavyBall + plateau(initial: 0.05, reduce: .by(0.5, after: 2))",
  ]
  private static let groups = [0..<7, 7..<7, 7..<15, 15..<24]

  private func pair(_ text: String) throws -> (RulePair, any LearningRateController) {
    let (rule, controller) = try TextReader(text).method()
    return (rule, controller)
  }

  @Test(arguments: texts) func oneGroupIsTheOptimizer(_ text: String) throws {
    func check<R: UpdateRule, C: LearningRateController>(_ rule: R, _ controller: C) {
      var grouped = GroupedOptimizer(rule, rate: controller)
      var plain = Optimizer(rule, controller, parameterCount: 24)
      var a = LawFixtures.start(24, R.Scalar.self)
      var b = a
      grouped.begin(at: a)
      let end = MethodFixtures.trajectory(&grouped, from: &a, steps: 0..<60)
      #expect(MethodFixtures.trajectory(&plain, from: &b, steps: 0..<60) == end)
      #expect(grouped.learningRate == plain.learningRate)
      #expect(grouped.memoryVectors == plain.memoryVectors)
    }
    let (rule, controller) = try pair(text)
    func open<S>(_ rule: any UpdateRule<S>) { check(rule, controller) }
    open(rule.double)
    open(rule.float)
  }

  /// Several groups are as many optimizers, each on its part of the same gradient.
  @Test(arguments: texts) func severalGroupsAreSeveralOptimizers(_ text: String) throws {
    func check<R: UpdateRule<Double>, C: LearningRateController>(_ rule: R, _ controller: C) {
      var grouped = GroupedOptimizer(rule, rate: controller)
      var parts = Self.groups.map { Optimizer(rule, controller, parameterCount: $0.count) }
      var a: [Double] = LawFixtures.start(24)
      var b = a
      a.withUnsafeBufferPointer { grouped.begin(at: $0, groups: Self.groups) }
      let clock = MethodFixtures.Clock()
      var oracle = MethodFixtures.oracle(clock, Double.self)
      for step in 0..<60 {
        clock.step = step
        grouped.step(&a, &oracle)
        let (loss, g) = b.withUnsafeBufferPointer { oracle.evaluate(at: $0.baseAddress!, draw: 0) }
        let gradient = Array(UnsafeBufferPointer(start: g, count: 24))
        for (k, group) in Self.groups.enumerated() {
          var part = Array(b[group])
          parts[k].step(&part, gradient: Array(gradient[group]), loss: loss)
          b.replaceSubrange(group, with: part)
        }
        #expect(a == b, "\(text), step \(step)")
        #expect(grouped.learningRates == parts.map(\.learningRate))
      }
      #expect(oracle.counts.gradients == 120)
    }
    let (rule, controller) = try pair(text)
    func open(_ rule: any UpdateRule<Double>) { check(rule, controller) }
    open(rule.double)
  }

  /// Each controller's alignment is −∂f/∂η of its own group's last step, by central differences.
  @Test func everyGroupsAlignmentIsItsDerivative() {
    let (steps, h) = (4, 1e-5)
    func run(_ group: Int, _ shift: Double) -> (loss: Double, alignments: [Double]) {
      var theta: [Double] = LawFixtures.start(24)
      var grouped = GroupedOptimizer(
        Nesterov<Double>(momentum: 0.5), rate: RememberedAlignment(rate: 0.05))
      theta.withUnsafeBufferPointer { grouped.begin(at: $0, groups: [0..<7, 7..<15, 15..<24]) }
      var oracle = FunctionOracle<Double>(parameterCount: 24) { point, gradient, _ in
        // Coupled across groups.
        let total = point.reduce(0, +)
        for i in 0..<24 { gradient[i] = Double(i % 5 + 1) * 0.2 * point[i] + total }
        return 0
      }
      func loss(_ x: [Double]) -> Double {
        let total = x.reduce(0, +)
        return x.indices.reduce(0.5 * total * total) {
          $0 + 0.1 * Double($1 % 5 + 1) * x[$1] * x[$1]
        }
      }
      // The learning rates of a step are all 0.05; that of `group` is moved.
      var moved = theta
      for step in 0..<steps {
        let before = theta
        grouped.step(&theta, &oracle)
        moved = theta
        if step == steps - 1 {
          let range = [0..<7, 7..<15, 15..<24][group]
          // θ_t − θ_{t−1} = −η u, so that another η is a multiple of the step.
          for i in range { moved[i] = before[i] + (theta[i] - before[i]) * (0.05 + shift) / 0.05 }
        }
      }
      let value = loss(moved)
      grouped.step(&theta, &oracle)
      return (value, grouped.optimizers.map(\.controller.lastAlignment))
    }
    for group in 0..<3 {
      let slope = (run(group, h).loss - run(group, -h).loss) / (2 * h)
      let alignment = run(group, 0).alignments[group]
      #expect(abs(alignment) > 1e-3)
      #expect(abs(alignment + slope) <= 1e-7 * abs(slope), "\(group): \(alignment), \(slope)")
    }
  }

  /// A fixed rate that remembers its last alignment.
  struct RememberedAlignment: LearningRateController {
    let rate: Double
    var lastAlignment = 0.0
    init(rate: Double) { self.rate = rate }
    var learningRate: Double { rate }
    var requirements: ControllerRequirements { ControllerRequirements(signals: [.alignment]) }
    mutating func decide(_ signals: StepSignals) -> StepDecision {
      lastAlignment = signals.alignment
      return .step(rate)
    }
  }

  @Test func theTextNamesRuleAndController() throws {
    guard
      case .method(let pair) = try TextReader(
        "byGroup(adam, rate: hypergradient(initial: 1e-3, hyperLearningRate: 1e-7))"
      ).training()
    else {
      Issue.record("not a method")
      return
    }
    let method = pair.double
    #expect(
      method
        is GroupedOptimizer<
          Adam<Double>, HypergradientDescent<GradientDescent<Double>, ConstantRate>
        >)
  }
}
