internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import Testing

@Suite struct MaximizingTests {
  /// All that PyTorch's SGD can do, against its equations: momentum, dampening, Nesterov, weight
  /// decay, and climbing.
  @Test(arguments: [0, 0.75], [(0, 0), (0, 0.25), (0.5, 0), (0.5, 0.25)])
  func everyOptionOfPyTorchsSGD(_ momentum: Double, _ others: (Double, Double)) {
    let (dampening, decay) = others
    func check<R: UpdateRule<Double>>(
      _ rule: R, on objective: Objective, nesterov: Bool, maximize: Bool
    ) {
      var optimizer = Optimizer(rule, ConstantRate(0.125), on: objective, parameterCount: 1)
      var (theta, expected, buffer) = ([1.5], 1.5, 0.0)
      for (step, gradient) in [1.0, -2, 0.5, 3].enumerated() {
        optimizer.step(&theta, gradient: [gradient])
        var d = maximize ? -gradient : gradient
        d += decay * expected
        if momentum != 0 {
          buffer = step == 0 ? d : momentum * buffer + (1 - dampening) * d
          d = nesterov ? d + momentum * buffer : buffer
        }
        expected -= 0.125 * d
        #expect(abs(theta[0] - expected) <= 1e-15, "step \(step)")
      }
    }
    func both<R: UpdateRule<Double>>(_ rule: R, nesterov: Bool) {
      let (penalized, maximizing) = (Objective.penalized(by: decay), Objective.maximizing)
      check(rule, on: penalized, nesterov: nesterov, maximize: false)
      check(rule, on: penalized.maximized(), nesterov: nesterov, maximize: true)
      check(rule, on: maximizing.penalized(by: decay), nesterov: nesterov, maximize: true)
    }
    if momentum == 0 {
      both(GradientDescent<Double>(), nesterov: false)
    } else {
      both(HeavyBall<Double>(momentum: momentum, dampening: dampening), nesterov: false)
    }
    if momentum != 0, dampening == 0 {
      both(Nesterov<Double>(momentum: momentum), nesterov: true)
    }
  }

  /// What a controller and a rule see is what they see of −f: the same bits as a trainer that turns
  /// loss and gradient itself.
  @Test func everySignalIsThatOfTheNegative() {
    let gradients: [[Double]] = [[1, -2], [0.5, 3], [-4, 1]]
    func run<R: UpdateRule<Double>>(
      _ rule: R, on objective: Objective, sign: Double
    ) -> Everything {
      var optimizer = Optimizer(rule, Everything(), on: objective, parameterCount: 2)
      var theta = [1.0, -1]
      for (step, gradient) in gradients.enumerated() {
        optimizer.step(
          &theta, gradient: gradient.map { sign * $0 }, loss: sign * Double(step + 1))
      }
      optimizer.controller.seen.append(theta)
      return optimizer.controller
    }
    let rule = HeavyBall<Double>(momentum: 0.5)
    let penalized = Objective.penalized(by: 0.25)
    let climbing = run(rule, on: penalized.maximized(), sign: 1)
    #expect(climbing.seen == run(rule, on: penalized, sign: -1).seen)
    #expect(climbing.seen != run(rule, on: penalized, sign: 1).seen)
    let byLoss = IDBD<Double>(initialRate: 0.5, metaRate: 0.5)
    #expect(
      run(byLoss, on: .maximizing, sign: -1).seen == run(byLoss, on: .plain, sign: 1).seen)
  }

  @Test(arguments: [
    ("sgd.then(autostep)", "put it first"), ("sgd.then(clipByNorm(1))", "put it first"),
  ]) func textsAreRefused(_ text: String, _ message: String) throws {
    let error = try #require(throws: SpecError.self) { _ = try LawFixtures.rule(text) }
    #expect(error.message.contains(message), "\(error)")
  }

  /// What a text says of the objective is of the whole rule, wherever it stands.
  @Test func anObjectiveInsideAChainIsThatOfTheChain() throws {
    #expect(try LawFixtures.rule("sgd.then(adam.maximizing())").objective == .maximizing)
    #expect(
      try LawFixtures.rule("sgd.penalized(by: 0.25).then(adam.penalized(by: 0.5)).maximizing()")
        .objective == Objective(penalty: 0.75, maximizes: true))
  }

  /// What a method on −f does with the oracle of f is what it does with that of −f.
  @Test func aMethodClimbs() {
    func end<M: TrainingMethod<Double>>(_ method: M, sign: Double) -> [Double] {
      var oracle = FunctionOracle<Double>(parameterCount: 2) { x, gradient, _ in
        (gradient[0], gradient[1]) = (sign * 3 * x[0], sign * 0.5 * x[1])
        return sign * (1.5 * x[0] * x[0] + 0.25 * x[1] * x[1])
      }
      var (method, x) = (method, [1.0, -2])
      method.begin(at: x)
      for _ in 0..<4 { method.step(&x, &oracle) }
      return x
    }
    func climb(_ method: any TrainingMethod<Double>) -> [Double] {
      func open<M: TrainingMethod<Double>>(_ method: M) -> [Double] { end(method, sign: -1) }
      return open(method)
    }
    let method = ArmijoLineSearch(GradientDescent<Double>(), initial: 1)
    #expect(climb(method.on(.maximizing)) == end(method, sign: 1))
    #expect(end(method, sign: 1) != [1, -2])
  }
}

/// Steps by 0.125 and remembers every signal that an optimizer can make.
private struct Everything: LearningRateController {
  var seen: [[Double]] = []
  var learningRate: Double { 0.125 }
  var requirements: ControllerRequirements {
    ControllerRequirements(
      signals: [
        .alignment, .gradientNorm, .previousDirectionNorm, .loss, .previousDirectionAlignment,
        .traceAlignment, .traceNorm,
      ], traceDecay: 0.5)
  }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    seen.append([
      signals.alignment, signals.gradientNorm, signals.previousDirectionNorm, signals.loss,
      signals.previousDirectionAlignment, signals.traceAlignment, signals.traceNorm,
    ])
    return .step(learningRate)
  }
}
