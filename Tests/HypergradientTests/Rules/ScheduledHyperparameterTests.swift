internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Testing

/// A hyperparameter that is a function of the step.
@Suite struct ScheduledHyperparameterTests {
  private static let gradients = [[1.0, -2], [0.5, 0.25], [-1, 3], [2, 0.125]]

  private func end<R: UpdateRule<Double>>(
    _ rule: R, changing: (inout R, Int) -> Void = { _, _ in }
  ) -> [[Double]] {
    var optimizer = Optimizer(rule, ConstantRate(0.1), parameterCount: 2)
    var theta = [1.0, 1.0]
    return Self.gradients.enumerated().map { step, gradient in
      changing(&optimizer.rule, step)
      optimizer.step(&theta, gradient: gradient, loss: 2 - 0.25 * Double(step))
      return theta
    }
  }

  /// v_t = μ_t v_{t−1} + g_t with μ = 0.5, 0.4, 0.3, 0.2, by hand.
  @Test func momentumFollowsItsSchedule() {
    let rule = HeavyBall<Double>().varying(
      \.momentum, by: .linear(from: 0.5, to: 0.1, over: 4))
    var (theta, v) = ([1.0, 1.0], [0.0, 0.0])
    let expected = Self.gradients.enumerated().map { step, gradient in
      let mu = 0.5 - 0.1 * Double(step)
      for i in 0..<2 {
        v[i] = mu * v[i] + gradient[i]
        theta[i] -= 0.1 * v[i]
      }
      return theta
    }
    for (a, b) in zip(end(rule).joined(), expected.joined()) { #expect(abs(a - b) <= 1e-15) }
  }

  /// The same bits as a trainer that sets the property before each step, also for β₁ᵗ.
  @Test func aScheduleIsAPropertySetBeforeEachStep() {
    let schedule = OneCycleSchedule.oneCycleMomentum(from: 0.95, to: 0.7, over: 3)
    #expect(
      end(Adam<Double>().varying(\.beta1, by: schedule))
        == end(Adam<Double>()) { $0.beta1 = schedule($1) })
    #expect(
      end(HeavyBall<Double>().varying(\.momentum, by: schedule))
        == end(HeavyBall<Double>()) { $0.momentum = schedule($1) })
    #expect(end(Adam<Double>().varying(\.beta1, by: schedule)) != end(Adam<Double>()))
  }

  @Test func severalVaryTogether() {
    let (a, b) = (
      LinearSchedule(from: 0.9, to: 0.5, over: 4), LinearSchedule(from: 0.99, to: 0.9, over: 4)
    )
    #expect(
      end(Adam<Double>().varying(\.beta1, by: a).varying(\.base.beta2, by: b))
        == end(Adam<Double>()) { rule, step in
          rule.beta1 = a(step)
          rule.beta2 = b(step)
        })
  }

  @Test func aConstantScheduleChangesNoBit() {
    func check<R: AdjustableRule>(_ rule: R) where R.Scalar == Double {
      #expect(!R.hyperparameters.isEmpty)
      for hyperparameter in R.hyperparameters {
        let value = rule[keyPath: hyperparameter.path]
        let varying = rule.varying(hyperparameter.path, by: .constant(value))
        #expect(end(varying) == end(rule), "\(hyperparameter.label) of \(rule)")
        #expect(varying.requirements.stateVectors == rule.requirements.stateVectors)
        #expect(varying.hyperparameter == hyperparameter)
        let again = type(of: varying).hyperparameters.first { $0.label == hyperparameter.label }
        #expect(again.map { varying[keyPath: $0.path] } == value)
      }
    }
    check(HeavyBall<Double>(momentum: 0.7, dampening: 0.25))
    check(Nesterov<Double>())
    check(AdaGrad<Double>(epsilon: 0.5))
    check(RMSProp<Double>(decay: 0.9, epsilon: 0.25))
    check(Adam<Double>(epsilon: 0.01))
    check(WeightDecay<Double>(0.25))
    check(ClipByNorm<Double>(0.75))
    check(AdaDelta<Double>(decay: 0.8))
    check(CenteredRMSProp<Double>(decay: 0.8))
    check(AMSGrad<Double>(beta1: 0.8))
    check(NAdam<Double>(beta1: 0.8))
    check(RAdam<Double>(beta2: 0.8))
    check(AdaMax<Double>(beta2: 0.8))
    check(AdaBelief<Double>(epsilon: 1e-8))
    check(Yogi<Double>(beta2: 0.8))
    check(Lion<Double>(beta2: 0.8))
    check(DeltaBarDelta<Double>(increase: 0.3))
    check(Rprop<Double>(increase: 1.3))
    check(Almeida<Double>(metaRate: 0.3))
    check(IDBD<Double>(metaRate: 0.3))
    check(Autostep<Double>(metaRate: 0.3))
  }

  /// A text can name every hyperparameter of every rule, and what it names follows the schedule.
  @Test func textsNameEveryHyperparameter() throws {
    func ends(_ rule: any UpdateRule<Double>) -> [[Double]] {
      func open<R: UpdateRule<Double>>(_ rule: R) -> [[Double]] { end(rule) }
      return open(rule)
    }
    func check<R: AdjustableRule>(_ rule: R, _ text: String) throws where R.Scalar == Double {
      for hyperparameter in R.hyperparameters {
        let (name, domain) = (hyperparameter.label, hyperparameter.domain)
        #expect(name != "_", "\(text): a text can't name it")
        let other = try #require([0.75, 0.5, 1.5].first { domain.contains($0) })
        let varying = try LawFixtures.rule("\(text).varying(.\(name), by: constant(\(other)))").rule
        let expected = rule.varying(hyperparameter.path, by: .constant(other))
        #expect(ends(varying) == end(expected), "\(name) of \(text)")
      }
    }
    for text in LawFixtures.rules {
      let rule = try LawFixtures.rule(text).rule
      if let rule = rule as? any AdjustableRule & UpdateRule<Double> { try check(rule, text) }
    }
  }

  @Test func aSkippedStepIsNotCounted() {
    let rule = HeavyBall<Double>().varying(\.momentum, by: .linear(from: 0.5, to: 0.1, over: 4))
    var plain = Optimizer(rule, Script([.step(0.1), .step(0.1)]), parameterCount: 1)
    var skipping = Optimizer(rule, Script([.step(0.1), .skip, .step(0.1)]), parameterCount: 1)
    var (a, b) = ([1.0], [1.0])
    for g in [1.0, 0.5] { plain.step(&a, gradient: [g]) }
    for g in [1.0, .nan, 0.5] { skipping.step(&b, gradient: [g]) }
    #expect(a == b)
  }

  @Test(arguments: [
    ("sgd.varying(.momentum, by: constant(0.5))", "this rule has no hyperparameter that can vary"),
    (
      "adam.varying(.momentum, by: constant(0.5))",
      "this rule has no hyperparameter 'momentum'; it has beta1, beta2, epsilon"
    ),
    (
      "heavyBall.varying(.momentum, by: linear(from: 0.5, to: 1.5, over: 10))",
      "'momentum' is to be in [0, 1), and is 1 at step 5"
    ),
    ("heavyBall.varying(.momentun, by: constant(0.5))", "did you mean 'momentum'?"),
  ]) func textsAreRefused(_ text: String, _ message: String) throws {
    let error = try #require(throws: SpecError.self) { _ = try LawFixtures.rule(text) }
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func aValueOutsideItsDomainStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(
        HeavyBall<Double>().varying(\.momentum, by: .constant(1)), ConstantRate(0.1),
        parameterCount: 1)
      var theta = [1.0]
      optimizer.step(&theta, gradient: [1])
    }
  }
}
