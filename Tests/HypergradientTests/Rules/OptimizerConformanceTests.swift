internal import Hypergradient
internal import Testing

/// Parameters and learning rates against recorded runs of PyTorch, and of the reference code of
/// hypergradient descent: 120 steps each, to 1e-12 of the largest parameter.
///
/// Every recorded case is either reproduced or named here with the reason why it can't be.
@Suite struct OptimizerConformanceTests {
  @Test func pyTorch() throws {
    let file = try ConformanceFile("optimizers_torch")
    var later: [String] = []
    for (index, item) in file.cases.enumerated() {
      if let reason = Self.reasonToWait(item) {
        print("\(item.name), case \(index), is not checked: \(reason)")
        later.append(item.name)
      } else if try !compare(item, "\(item.name), case \(index)") {
        Issue.record("case \(index), \(item.name), is neither checked nor listed")
      }
    }
    #expect(
      later == ["RMSprop", "Adadelta", "Adam", "NAdam", "RAdam", "Adamax", "Rprop"])
    #expect(file.cases.count - later.count == 15)
  }

  /// Why a case has no counterpart in this release; `nil` if it should have one.
  static func reasonToWait(_ item: ConformanceCase) -> String? {
    switch item.name {
    case "RMSprop" where item.flag("centered"): "no centred RMSProp with momentum yet"
    case "Adam" where item.flag("amsgrad"): "no AMSGrad yet"
    case "Adadelta", "NAdam", "RAdam", "Adamax", "Rprop": "the rule is of a later release"
    default: nil
    }
  }

  /// False if the case is not known.
  private func compare(_ item: ConformanceCase, _ name: String) throws -> Bool {
    let rate = try item.number("lr")
    switch item.name {
    case "SGD", "SGDHD":
      return try compare(item, name, gradientDescent(item), rate)
    case "Adagrad":
      let rule = AdaGrad<Double>(
        initialAccumulator: try item.number("initial_accumulator_value", default: 0),
        epsilon: try item.number("eps", default: 1e-10))
      let decay = try item.number("lr_decay", default: 0)
      // The recorded rates are those before the decay, which PyTorch applies inside the rule.
      try run(
        item, name, try penalized(rule, item), Scheduled(InverseTime(from: rate, rate: decay)),
        comparingRates: false)
      return true
    case "RMSprop":
      let rule = RMSProp<Double>(
        decay: try item.number("alpha"), epsilon: try item.number("eps"))
      return try compare(item, name, rule, rate)
    case "Adam":
      return try compare(item, name, try adam(item, .onCorrectedRoot), rate)
    case "AdamHD":
      return try compare(item, name, try adam(item, .onUncorrectedRoot), rate)
    case "AdamW":
      let decay = WeightDecay<Double>(try item.number("weight_decay"))
      try run(item, name, try adam(item, .onCorrectedRoot).then(decay), Constant(rate))
      return true
    default:
      return false
    }
  }

  private func gradientDescent(_ item: ConformanceCase) throws -> any UpdateRule<Double> {
    let momentum = try item.number("momentum", default: 0)
    if momentum == 0 { return GradientDescent<Double>() }
    if item.flag("nesterov") { return Nesterov<Double>(momentum: momentum) }
    return HeavyBall<Double>(
      momentum: momentum, dampening: try item.number("dampening", default: 0))
  }

  private func adam(
    _ item: ConformanceCase, _ place: Adam<Double>.Epsilon
  ) throws -> Adam<Double> {
    let betas = item.config["betas"] == nil ? [0.9, 0.999] : try item.list("betas")
    return Adam(
      beta1: betas[0], beta2: betas[1], epsilon: try item.number("eps", default: 1e-8),
      epsilonPlace: place)
  }

  private func penalized<R: UpdateRule<Double>>(
    _ rule: R, _ item: ConformanceCase
  ) throws -> L2Penalty<R> {
    rule.penalized(by: try item.number("weight_decay", default: 0))
  }

  /// The rule on the penalised objective, at a constant rate or under hypergradient descent.
  private func compare(
    _ item: ConformanceCase, _ name: String, _ rule: some UpdateRule<Double>, _ rate: Double
  ) throws -> Bool {
    let rule = try penalized(rule, item)
    if item.config["hypergrad_lr"] == nil {
      try run(item, name, rule, Constant(rate))
    } else {
      try run(
        item, name, rule,
        HypergradientDescent(
          initial: rate, hyperLearningRate: try item.number("hypergrad_lr"),
          within: HypergradientDescent<GradientDescent<Double>, Constant>.unbounded))
    }
    return true
  }

  private func run(
    _ item: ConformanceCase, _ name: String, _ rule: some UpdateRule<Double>,
    _ controller: some LearningRateController, comparingRates: Bool = true
  ) throws {
    var parameters = try #require(item.initial)
    let gradients = try #require(item.gradients)
    let recorded = try #require(item.parameters)
    #expect(gradients.count == 120 && recorded.count == 120 && item.learningRates.count == 120)
    var optimizer = Optimizer(rule, controller, parameterCount: parameters.count)
    for (step, gradient) in gradients.enumerated() {
      optimizer.step(&parameters, gradient: gradient)
      let expected = recorded[step]
      let largest = expected.map { abs($0) }.max() ?? 0
      let difference = zip(parameters, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(
        difference <= 1e-12 * largest, "\(name), step \(step): parameters differ by \(difference)")
      if comparingRates {
        let rate = item.learningRates[step]
        #expect(
          abs(optimizer.learningRate - rate) <= 1e-12 * abs(rate),
          "\(name), step \(step): rate \(optimizer.learningRate), recorded \(rate)")
      }
    }
  }
}
