internal import Hypergradient
internal import Testing

/// A hyperparameter that is a function of the step.
@Suite struct ScheduledHyperparameterTests {
  private static let gradients = [[1.0, -2], [0.5, 0.25], [-1, 3], [2, 0.125]]

  private func end<R: UpdateRule<Double>>(
    _ rule: R, changing: (inout R, Int) -> Void = { _, _ in }
  ) -> [[Double]] {
    var optimizer = Optimizer(rule, Constant(0.1), parameterCount: 2)
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
      .momentum, by: .linear(from: 0.5, to: 0.1, over: 4))
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
    let schedule = OneCycle.oneCycleMomentum(from: 0.95, to: 0.7, over: 3)
    #expect(
      end(Adam<Double>().varying(.beta1, by: schedule))
        == end(Adam<Double>()) { $0.beta1 = schedule($1) })
    #expect(
      end(HeavyBall<Double>().varying(.momentum, by: schedule))
        == end(HeavyBall<Double>()) { $0.momentum = schedule($1) })
    #expect(end(Adam<Double>().varying(.beta1, by: schedule)) != end(Adam<Double>()))
  }

  @Test func severalVaryTogether() {
    let (a, b) = (
      LinearSchedule(from: 0.9, to: 0.5, over: 4), LinearSchedule(from: 0.99, to: 0.9, over: 4)
    )
    #expect(
      end(Adam<Double>().varying(.beta1, by: a).varying(.beta2, by: b))
        == end(Adam<Double>()) { rule, step in
          rule.beta1 = a(step)
          rule.beta2 = b(step)
        })
  }

  @Test func aConstantScheduleChangesNoBit() {
    func check<R: AdjustableRule>(_ rule: R) where R.Scalar == Double {
      for hyperparameter in R.Hyperparameter.allCases {
        let varying = rule.varying(hyperparameter, by: .constant(rule[hyperparameter]))
        #expect(end(varying) == end(rule), "\(hyperparameter) of \(rule)")
        #expect(varying.stateVectorCount == rule.stateVectorCount)
        #expect(varying[hyperparameter] == rule[hyperparameter])
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

  /// A text can name every hyperparameter of every rule that has names, and what it names differs.
  @Test func textsNameEveryHyperparameter() throws {
    let recipe = try #require(Catalogue.ruleModifiers.first { $0.name == "varying" })
    guard case .choice(let words) = recipe.parameters[0].kind else {
      Issue.record("the first argument of 'varying' is no choice")
      return
    }
    var named: Set<String> = []
    func names<R: AdjustableRule>(_ rule: R) -> [String] {
      R.Hyperparameter.allCases.map(\.rawValue)
    }
    for text in LawFixtures.rules {
      if let rule = try LawFixtures.rule(text).double as? any AdjustableRule {
        named.formUnion(names(rule))
      }
    }
    #expect(named == Set(words))
  }

  @Test func aSkippedStepIsNotCounted() {
    let rule = HeavyBall<Double>().varying(.momentum, by: .linear(from: 0.5, to: 0.1, over: 4))
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
    let error = try #require(throws: SpecError.self) { try SpecReader(text).rule() }
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func aValueOutsideItsDomainStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(
        HeavyBall<Double>().varying(.momentum, by: .constant(1)), Constant(0.1), parameterCount: 1)
      var theta = [1.0]
      optimizer.step(&theta, gradient: [1])
    }
  }
}
