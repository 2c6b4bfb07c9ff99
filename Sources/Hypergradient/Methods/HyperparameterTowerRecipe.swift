extension Recipe where Product == MethodPair {
  /// `ultimate(adam, initial: 1e-3, by: .level(adam, initial: 1e-3))`.
  static let ultimate = Recipe(
    "ultimate",
    levelParameters + [
      Parameter(
        "by", .action,
        "what trains them: .level(rule, initial: …, by: …), .rates(initial: …, by: …) or "
          + ".optimizer(rule, rate: …)")
    ],
    summary:
      "rate and decay rates learned by an optimizer whose own are learned (Chandra et al. 2022)"
  ) { arguments throws(SpecError) in
    let rule = arguments.rule("_")
    let above = try level(arguments)
    return MethodPair(
      try bottom(rule.float, above, arguments), try bottom(rule.double, above, arguments))
  }
}

/// The parameters of every level, the optimizer above aside.
private var levelParameters: [Parameter] {
  [
    Parameter(
      "_", .rule, default: "adam", "a rule: sgd, heavyBall, nesterov, adagrad, rmsprop, adam"),
    Parameter("initial", .number(.atLeast(0)), unit: "learning rate", "the rate at the start"),
    Parameter(
      "learning", .choice(Learning.allCases.map(\.rawValue)), default: ".decays",
      "the rate alone, with the decay rates (momentum, beta1, beta2, decay), or with ε, too"),
    Parameter(
      "rateForm", .choice(["plain", "square"]), default: ".plain",
      "whether the rate itself or its root is trained"),
    Parameter(
      "decayForm", .choice(["tanh", "plain"]), default: ".tanh",
      "whether atanh(2β − 1) or the decay rate β itself is trained"),
    Parameter(
      "within", .range, default: "0...1.7976931348623157e308", unit: "learning rate",
      "the rate is projected onto these bounds"),
    Parameter(
      "initialSquare", .number(.atLeast(0)), default: "1e-8", unit: "gradient²",
      "the first value of what stands under a root"),
  ]
}

/// What a level learns.
private enum Learning: String, CaseIterable {
  case rate, decays, all
}

/// The optimizer that `by` describes; nothing where it is left out.
private func level(
  _ arguments: Arguments
) throws(SpecError) -> any HyperparameterOptimizer {
  guard let node = arguments.action("by") else { return FixedHyperparameters() }
  if let modifier = node.modifiers.first {
    throw arguments.reader.error(modifier, "a level has no '.\(modifier.name)'")
  }
  switch node.name {
  case "level":
    let own = try arguments.reader.arguments(
      of: node,
      levelParameters + [Parameter("by", .action, default: "none", "what trains them")])
    let above = try level(own)
    guard
      let made = try make(own.rule("_").double, above, own) as? any HyperparameterOptimizer
    else { preconditionFailure("a level of Doubles trains hyperparameters") }
    return made
  case "rates":
    let own = try arguments.reader.arguments(
      of: node,
      [
        Parameter("initial", .number(.atLeast(0)), "every rate at the start"),
        Parameter("by", .action, default: "none", "what trains them"),
      ])
    func rates<A: HyperparameterOptimizer>(_ above: A) -> any HyperparameterOptimizer {
      SeparateRates(initial: own.number("initial"), by: above)
    }
    return rates(try level(own))
  case "optimizer":
    let own = try arguments.reader.arguments(
      of: node,
      [
        Parameter("_", .rule, "the rule"),
        Parameter("rate", .controller, "the controller of its rate"),
      ])
    func open<R: UpdateRule<Double>, C: LearningRateController>(
      _ rule: R, _ controller: C
    ) throws(SpecError) -> any HyperparameterOptimizer {
      guard controller.needs.isDisjoint(with: [.loss, .metric, .epoch]), controller.alwaysSteps
      else { throw own.error("a level has no loss or metric for this controller") }
      return Optimizer(rule, controller, parameterCount: 0)
    }
    return try open(own.rule("_").double, own.controller("rate"))
  default:
    throw arguments.reader.error(
      node, unknownName(node.name, kind: "level", among: ["level", "rates", "optimizer"]))
  }
}

/// A level with the one above it.
private func make<Scalar>(
  _ rule: any UpdateRule<Scalar>, _ above: any HyperparameterOptimizer, _ arguments: Arguments
) throws(SpecError) -> any TrainingMethod {
  let (initial, bounds) = (arguments.number("initial"), arguments.range("within"))
  let rateForm = HyperparameterForm(rawValue: arguments.choice("rateForm"))!
  guard bounds.lowerBound.isFinite, bounds.upperBound.isFinite, bounds.contains(initial) else {
    throw arguments.error("'within' is to be finite and to hold 'initial'")
  }
  guard rateForm == .plain || (bounds.lowerBound >= 0 && initial > 0) else {
    throw arguments.error("with 'rateForm: .square' the rate begins above 0, not below 0 after")
  }
  func open<R: DifferentiableRule, A: HyperparameterOptimizer>(
    _ rule: R, _ above: A
  ) throws(SpecError) -> any TrainingMethod {
    let learning: [R.Hyperparameter] =
      switch Learning(rawValue: arguments.choice("learning"))! {
      case .rate: []
      case .decays: R.learnable
      case .all: Array(R.Hyperparameter.allCases)
      }
    for name in learning {
      let limits = R.domain(of: name).learnableBounds
      guard limits.contains(rule[name]) else {
        throw arguments.error(
          "'\(name.rawValue)' is \(short(rule[name])); to be learned it is to be in "
            + "\(short(limits.lowerBound))...\(short(limits.upperBound))")
      }
    }
    return LearnedHyperparameters(
      rule, initial: initial, learning: learning, rateForm: rateForm,
      decayForm: HyperparameterForm(rawValue: arguments.choice("decayForm"))!, within: bounds,
      initialSquare: arguments.number("initialSquare"), by: above)
  }
  guard let rule = rule as? any DifferentiableRule, rule.penalty == 0 else {
    throw arguments.error("the hyperparameters of this rule have no derivatives here")
  }
  return try open(rule, above)
}

private func bottom<Scalar>(
  _ rule: any UpdateRule<Scalar>, _ above: any HyperparameterOptimizer, _ arguments: Arguments
) throws(SpecError) -> any TrainingMethod<Scalar> {
  guard let method = try make(rule, above, arguments) as? any TrainingMethod<Scalar> else {
    preconditionFailure("a level trains parameters of its rule's type")
  }
  return method
}
