internal import Hypergradient
internal import Testing

@Suite struct MaximizingTests {
  /// All that PyTorch's SGD can do, against its equations: momentum, dampening, Nesterov, weight
  /// decay, and climbing.
  @Test(arguments: [0, 0.75], [(0, 0), (0, 0.25), (0.5, 0), (0.5, 0.25)])
  func everyOptionOfPyTorchsSGD(_ momentum: Double, _ others: (Double, Double)) {
    let (dampening, decay) = others
    func check<R: UpdateRule<Double>>(_ rule: R, nesterov: Bool, maximize: Bool) {
      var optimizer = Optimizer(rule, Constant(0.125), parameterCount: 1)
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
      check(rule.penalized(by: decay), nesterov: nesterov, maximize: false)
      check(rule.penalized(by: decay).maximizing(), nesterov: nesterov, maximize: true)
      check(rule.maximizing().penalized(by: decay), nesterov: nesterov, maximize: true)
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
    func run<R: UpdateRule<Double>>(_ rule: R, sign: Double) -> Everything {
      var optimizer = Optimizer(rule, Everything(), parameterCount: 2)
      var theta = [1.0, -1]
      for (step, gradient) in gradients.enumerated() {
        optimizer.step(
          &theta, gradient: gradient.map { sign * $0 }, loss: sign * Double(step + 1))
      }
      optimizer.controller.seen.append(theta)
      return optimizer.controller
    }
    let rule = HeavyBall<Double>(momentum: 0.5).penalized(by: 0.25)
    let climbing = run(rule.maximizing(), sign: 1)
    #expect(climbing.seen == run(rule, sign: -1).seen)
    #expect(climbing.seen != run(rule, sign: 1).seen)
    let byLoss = IDBD<Double>(initialRate: 0.5, metaRate: 0.5)
    #expect(run(byLoss.maximizing(), sign: -1).seen == run(byLoss, sign: 1).seen)
  }

  @Test(arguments: [
    ("sgd.then(adam.maximizing())", "put it on the first rule"),
    ("sgd.then(autostep)", "put it first"),
  ]) func textsAreRefused(_ text: String, _ message: String) throws {
    let error = try #require(throws: SpecError.self) { try SpecReader(text).rule() }
    #expect(error.message.contains(message), "\(error)")
  }

  @Test func aMethodRefusesToClimb() throws {
    let error = try #require(throws: SpecError.self) {
      try SpecReader("armijo(sgd.maximizing(), initial: 1)").training()
    }
    #expect(error.message.contains("can't maximise"), "\(error)")
  }
}

/// Steps by 0.125 and remembers every signal that an optimizer can make.
private struct Everything: LearningRateController {
  var seen: [[Double]] = []
  var learningRate: Double { 0.125 }
  var traceDecay: Double { 0.5 }
  var needs: StepSignals.Needs {
    [
      .alignment, .gradientNorm, .previousDirectionNorm, .loss, .previousDirectionAlignment,
      .traceAlignment, .traceNorm,
    ]
  }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    seen.append([
      signals.alignment, signals.gradientNorm, signals.previousDirectionNorm, signals.loss,
      signals.previousDirectionAlignment, signals.traceAlignment, signals.traceNorm,
    ])
    return .step(learningRate)
  }
}
