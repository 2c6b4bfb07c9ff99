internal import Hypergradient
internal import Testing

/// Parameters and learning rates against recorded runs of PyTorch, and of the reference code of
/// hypergradient descent: 120 steps each, to 1e-12 of the largest parameter.
///
/// Every recorded case is reproduced.
@Suite struct OptimizerConformanceTests {
  @Test func pyTorch() throws {
    let file = try ConformanceFile("optimizers_torch")
    for (index, item) in file.cases.enumerated() {
      if try !compare(item, "\(item.name), case \(index)") {
        Issue.record("case \(index), \(item.name), is not checked")
      }
    }
    #expect(file.cases.count == 22)
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
        item, name, rule, on: try objective(item),
        Scheduled(InverseTimeSchedule(from: rate, rate: decay)), comparingRates: false)
      return true
    case "RMSprop":
      let (decay, epsilon) = (try item.number("alpha"), try item.number("eps"))
      if item.flag("centered") {
        let momentum = HeavyBall<Double>(momentum: try item.number("momentum"))
        return try compare(
          item, name, CenteredRMSProp<Double>(decay: decay, epsilon: epsilon).then(momentum), rate)
      }
      return try compare(item, name, RMSProp<Double>(decay: decay, epsilon: epsilon), rate)
    case "Adadelta":
      return try compare(
        item, name,
        AdaDelta<Double>(decay: try item.number("rho"), epsilon: try item.number("eps")), rate)
    case "Adam" where item.flag("amsgrad"):
      let (beta1, beta2) = try betas(item)
      return try compare(item, name, AMSGrad<Double>(beta1: beta1, beta2: beta2), rate)
    case "NAdam":
      let (beta1, beta2) = try betas(item)
      return try compare(
        item, name,
        NAdam<Double>(
          beta1: beta1, beta2: beta2, momentumDecay: try item.number("momentum_decay"),
          form: .pyTorch), rate)
    case "RAdam":
      let (beta1, beta2) = try betas(item)
      return try compare(item, name, RAdam<Double>(beta1: beta1, beta2: beta2), rate)
    case "Adamax":
      let (beta1, beta2) = try betas(item)
      return try compare(item, name, AdaMax<Double>(beta1: beta1, beta2: beta2), rate)
    case "Rprop":
      // PyTorch's learning rate is the first step.
      let (factors, sizes) = (try item.list("etas"), try item.list("step_sizes"))
      try run(
        item, name,
        Rprop<Double>(
          initialStep: rate, decrease: factors[0], increase: factors[1],
          within: sizes[0]...sizes[1]), ConstantRate(1), comparingRates: false)
      return true
    case "Adam":
      return try compare(item, name, try adam(item, .onCorrectedRoot), rate)
    case "AdamHD":
      return try compare(item, name, try adam(item, .onUncorrectedRoot), rate)
    case "AdamW":
      let (beta1, beta2) = try betas(item)
      let rule = AdamW<Double>(
        beta1: beta1, beta2: beta2, weightDecay: try item.number("weight_decay"))
      try run(item, name, rule, ConstantRate(rate))
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
    let (beta1, beta2) = try betas(item)
    return Adam(
      beta1: beta1, beta2: beta2, epsilon: try item.number("eps", default: 1e-8),
      epsilonPlace: place)
  }

  private func betas(_ item: ConformanceCase) throws -> (Double, Double) {
    let betas = item.config["betas"] == nil ? [0.9, 0.999] : try item.list("betas")
    return (betas[0], betas[1])
  }

  private func objective(_ item: ConformanceCase) throws -> Objective {
    .penalized(by: try item.number("weight_decay", default: 0))
  }

  /// The rule on the penalised objective, at a constant rate or under hypergradient descent.
  private func compare(
    _ item: ConformanceCase, _ name: String, _ rule: some UpdateRule<Double>, _ rate: Double
  ) throws -> Bool {
    let objective = try objective(item)
    if item.config["hypergrad_lr"] == nil {
      try run(item, name, rule, on: objective, ConstantRate(rate))
    } else {
      try run(
        item, name, rule, on: objective,
        HypergradientDescent(
          initial: rate, hyperLearningRate: try item.number("hypergrad_lr"),
          within: HypergradientDescent<GradientDescent<Double>, ConstantRate>.unbounded))
    }
    return true
  }

  /// Lion, AdaBelief and Yogi against Optax, to the file's tolerance of the largest parameter.
  @Test func optax() throws {
    let file = try ConformanceFile("optimizers_optax")
    var checked: [String] = []
    for item in file.cases {
      switch item.name {
      case "lion":
        let rule = Lion<Double>(beta1: try item.number("b1"), beta2: try item.number("b2"))
          .then(WeightDecay(try item.number("weight_decay")))
        try run(item, item.name, rule, ConstantRate(try item.number("learning_rate")))
      case "adabelief":
        try run(
          item, item.name, AdaBelief<Double>(), ConstantRate(try item.number("learning_rate")))
      case "yogi":
        try run(
          item, item.name, Yogi<Double>(form: .optax),
          ConstantRate(try item.number("learning_rate")))
      default: continue
      }
      checked.append(item.name)
    }
    #expect(checked == ["lion", "adabelief", "yogi"])
  }

  private func run(
    _ item: ConformanceCase, _ name: String, _ rule: some UpdateRule<Double>,
    on objective: Objective = .plain, _ controller: some LearningRateController,
    comparingRates: Bool = true
  ) throws {
    var parameters = try #require(item.initial)
    let gradients = try #require(item.gradients)
    let recorded = try #require(item.parameters)
    let comparingRates = comparingRates && item.tolerance == nil
    #expect(gradients.count == 120 && recorded.count == 120)
    #expect(!comparingRates || item.learningRates.count == 120)
    var optimizer = Optimizer(
      rule, controller, on: objective, parameterCount: parameters.count)
    for (step, gradient) in gradients.enumerated() {
      optimizer.step(&parameters, gradient: gradient)
      let expected = recorded[step]
      let largest = expected.map { abs($0) }.max() ?? 0
      let difference = zip(parameters, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(
        difference <= (item.tolerance ?? 1e-12) * largest,
        "\(name), step \(step): parameters differ by \(difference)")
      if comparingRates {
        let rate = item.learningRates[step]
        #expect(
          abs(optimizer.learningRate - rate) <= 1e-12 * abs(rate),
          "\(name), step \(step): rate \(optimizer.learningRate), recorded \(rate)")
      }
    }
  }
}
