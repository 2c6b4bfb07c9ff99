extension Recipe where Product == MethodPair {
  /// `rtho(sgd, initial: 0.1, hyperLearningRate: 1e-3)`.
  static let rtho = Recipe(
    "rtho",
    forwardParameters(hyperLearningRate: nil) + [
      Parameter(
        "discount", .number(.between(0, 1)), default: "1",
        "μ: 1 for the whole past, 0 for the last step alone")
    ] + forwardBounds,
    summary: "the rate by forward-mode hypergradients of a validation loss (Franceschi et al. 2017)"
  ) { arguments throws(SpecError) in
    try arguments.forwardHypergradient(
      .fixed(arguments.number("discount")), hyperHyperLearningRate: 0)
  }

  /// `marthe(sgd, initial: 0.1)`.
  static let marthe = Recipe(
    "marthe",
    forwardParameters(hyperLearningRate: "1e-8") + [
      Parameter(
        "hyperHyperLearningRate", .number(.atLeast(0)), default: "1e-6", "the rate of β")
    ] + forwardBounds,
    summary: "rtho with a discount and a hyper-learning rate that adapt (Donini et al. 2020)"
  ) { arguments throws(SpecError) in
    try arguments.forwardHypergradient(
      .automatic, hyperHyperLearningRate: arguments.number("hyperHyperLearningRate"))
  }

  private static func forwardParameters(hyperLearningRate: String?) -> [Parameter] {
    [
      Parameter("_", .rule, default: "sgd", "the rule: sgd, heavyBall, nesterov or adam"),
      Parameter(
        "initial", .number(.atLeast(0)), default: "0.01", unit: "learning rate", "the first rate"),
      Parameter(
        "hyperLearningRate", .number(.atLeast(0)), default: hyperLearningRate,
        unit: "learning rate²/loss", "β, the rate of the rate"),
    ]
  }

  private static var forwardBounds: [Parameter] {
    [
      Parameter("within", .range, default: "0...1e6", unit: "learning rate", "bounds of the rate"),
      Parameter(
        "clip", .number(.above(0)), default: "none",
        "the largest size of an element of the gradients and of H·Z"),
    ]
  }
}

extension Arguments {
  fileprivate func forwardHypergradient(
    _ discount: HypergradientDiscount, hyperHyperLearningRate: Double
  ) throws(SpecError) -> MethodPair {
    let rule = try ruleWithoutPenalty("_")
    let (initial, bounds) = (number("initial"), range("within"))
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw error("'within' is to be finite, not negative, and to hold 'initial'")
    }
    guard let float = rule.float as? any DifferentiableRule<Float>,
      let double = rule.double as? any DifferentiableRule<Double>
    else {
      throw error(
        "'\(node.name)' needs a rule whose tangent is known: sgd, heavyBall, nesterov or adam")
    }
    func make<R: DifferentiableRule>(_ rule: R) -> any TrainingMethod<R.Scalar> {
      ForwardHypergradient(
        rule, initial: initial, hyperLearningRate: number("hyperLearningRate"),
        discount: discount, hyperHyperLearningRate: hyperHyperLearningRate, within: bounds,
        clip: optionalNumber("clip"))
    }
    func open<Scalar>(_ rule: any DifferentiableRule<Scalar>) -> any TrainingMethod<Scalar> {
      make(rule)
    }
    return MethodPair(open(float), open(double))
  }
}
