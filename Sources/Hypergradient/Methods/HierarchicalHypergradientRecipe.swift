extension Recipe where Product == MethodPair {
  /// `hierarchicalHypergradient(adam, initial: 1e-3, hyperLearningRate: 1e-7)`.
  static let hierarchicalHypergradient = Recipe(
    "hierarchicalHypergradient",
    [
      Parameter("_", .rule, default: "sgd", "the rule that makes the direction"),
      Parameter(
        "initial", .number(.atLeast(0)), unit: "learning rate", "every level's rate at the start"),
      Parameter(
        "hyperLearningRate", .number(.atLeast(0)), unit: "rate² per loss",
        "how fast the rates of all levels move"),
      Parameter(
        "weightRate", .number(.atLeast(0)), default: "0", unit: "1 per loss",
        "how fast the levels' weights move"),
      Parameter(
        "levels", .choice(HierarchicalHypergradient<GradientDescent<Double>>.levelNames),
        default: ".layers", "the levels below the global rate"),
      Parameter(
        "weights", .list(.atLeast(0)), default: "[]",
        "weights at the start: of parameters (where they have rates), layers, global; or equal"),
      Parameter(
        "layerPenalty", .number(.atLeast(0)), default: "0", unit: "loss per rate²",
        "λ of the squared difference between a layer's rate and the global one"),
      Parameter(
        "parameterPenalty", .number(.atLeast(0)), default: "0", unit: "loss per rate²",
        "λ of the squared difference between a parameter's rate and its layer's"),
      Parameter(
        "within", .range, default: "0...1.7976931348623157e308", unit: "learning rate",
        "bounds of every rate"),
    ],
    summary: "CAM-HD: global, layer and parameter rates in a learned combination (Jie et al. 2022)"
  ) { arguments throws(SpecError) in
    let rule = try arguments.ruleWithoutPenalty("_")
    let (initial, bounds) = (arguments.number("initial"), arguments.range("within"))
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw arguments.error("'within' is to be finite, at least 0, and to hold 'initial'")
    }
    let levels = arguments.choice("levels")
    let weights = arguments.list("weights")
    let count = levels == "parameters" ? 3 : 2
    guard weights.isEmpty || (weights.count == count && weights.reduce(0, +) > 0) else {
      throw arguments.error(
        "'weights' is to have \(count) numbers with a sum above 0, or none, for .\(levels)")
    }
    func make<R: UpdateRule>(_ rule: R) -> any TrainingMethod<R.Scalar> {
      HierarchicalHypergradient(
        rule, initial: initial, hyperLearningRate: arguments.number("hyperLearningRate"),
        weightRate: arguments.number("weightRate"), levels: .init(rawValue: levels)!,
        weights: weights, layerPenalty: arguments.number("layerPenalty"),
        parameterPenalty: arguments.number("parameterPenalty"), within: bounds)
    }
    func open<Scalar>(_ rule: any UpdateRule<Scalar>) -> any TrainingMethod<Scalar> { make(rule) }
    return MethodPair(open(rule.float), open(rule.double))
  }
}

extension HierarchicalHypergradient {
  fileprivate static var levelNames: [String] { Levels.allCases.map(\.rawValue) }
}
