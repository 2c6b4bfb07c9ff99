extension Recipe where Product == any LearningRateController {
  /// `hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)`.
  static let hypergradient = Recipe(
    "hypergradient",
    [initial, hyperLearningRate] + shared,
    summary: "hypergradient descent (Baydin et al. 2018), additive unless form says otherwise"
  ) { arguments throws(SpecError) in
    HypergradientDescent(
      initial: try arguments.initialWithinBounds(),
      hyperLearningRate: arguments.number("hyperLearningRate"), form: try arguments.form(),
      within: arguments.range("within"), transition: try arguments.transition())
  }

  /// `hypergradientTower(initial: 1e-3, by: adam, constant(1e-4))`.
  static let hypergradientTower = Recipe(
    "hypergradientTower",
    [
      initial,
      Parameter("by", .rule, default: "sgd", "the rule that trains the learning rate"),
      Parameter("_", .controller, "the controller of the hyper-learning-rate"),
    ] + shared,
    summary: "hypergradient descent whose own optimizer is any rule and controller, to any height"
  ) { arguments throws(SpecError) in
    let start = try arguments.initialWithinBounds()
    let (form, bounds) = (try arguments.form(), arguments.range("within"))
    let transition = try arguments.transition()
    func open<R: UpdateRule<Double>, C: LearningRateController>(
      _ rule: R, _ hyper: C
    ) -> any LearningRateController {
      HypergradientDescent(
        initial: start, by: rule, hyper, form: form, within: bounds, transition: transition)
    }
    return open(arguments.rule("by").double, arguments.controller("_"))
  }

  private static var initial: Parameter {
    Parameter("initial", .number(.any), unit: "learning rate", "the learning rate at the start")
  }
  private static var hyperLearningRate: Parameter {
    Parameter(
      "hyperLearningRate", .number(.atLeast(0)), unit: "rate² per loss, or none (multiplicative)",
      "how fast the learning rate moves")
  }
  private static var shared: [Parameter] {
    [
      Parameter(
        "form", .choice(HypergradientForm.allCases.map(\.rawValue)), default: ".additive",
        "how the hypergradient changes the rate"),
      Parameter(
        "within", .range, default: "0...1.7976931348623157e308", unit: "learning rate",
        "the rate is projected onto these bounds; below 0 for the paper's unbounded form"),
      Parameter(
        "transitionTo", .number(.atLeast(0)), default: "none", unit: "learning rate",
        "the fixed rate that the learned one gives way to"),
      Parameter(
        "transitionPower", .number(.above(0)), default: "2", "p of δ(t) = 1/t^p"),
    ]
  }
}

extension Arguments {
  fileprivate func initialWithinBounds() throws(SpecError) -> Double {
    let (initial, bounds) = (number("initial"), range("within"))
    guard bounds.lowerBound.isFinite, bounds.upperBound.isFinite else {
      throw error("the bounds 'within' are to be finite")
    }
    guard bounds.contains(initial) else {
      throw error(
        "'initial' is \(short(initial)), outside 'within', "
          + "\(short(bounds.lowerBound))...\(short(bounds.upperBound))")
    }
    return initial
  }

  fileprivate func form() throws(SpecError) -> HypergradientForm {
    HypergradientForm(rawValue: choice("form"))!
  }

  fileprivate func transition() throws(SpecError) -> HypergradientTransition? {
    optionalNumber("transitionTo").map {
      HypergradientTransition(to: $0, power: number("transitionPower"))
    }
  }
}
