// Plateaus under the names and with the boundaries of other libraries.

extension Parameter {
  static let mode = Parameter(
    "mode", .choice(Plateau.Direction.allCases.map(\.rawValue)), default: ".minimize",
    "which way observations improve")

  static func thresholdMode(default standard: String) -> Parameter {
    Parameter(
      "thresholdMode", .choice(Plateau.ThresholdMode.allCases.map(\.rawValue)), default: standard,
      "what the threshold is: a share of best, or a difference")
  }

  fileprivate static func factor(_ standard: String = "0.1") -> Parameter {
    Parameter(
      "factor", .number(.from(0, below: 1)), default: standard, "the factor of a reduction")
  }

  fileprivate static func patience(_ standard: String, _ least: Double, _ text: String)
    -> Parameter
  {
    Parameter(
      "patience", .integer(.between(least, 1e9)), default: standard, unit: "observations", text)
  }

  fileprivate static func least(_ label: String) -> Parameter {
    Parameter(
      label, .number(.atLeast(0)), default: "0", unit: "learning rate", "no reduction goes below it"
    )
  }
}

extension Recipe where Product == any LearningRateController {
  /// `torchPlateau(initial: 0.1)`.
  static let torchPlateau = Recipe(
    "torchPlateau",
    [
      .initialRateOfFeedback, .factor(),
      .patience("10", 0, "bad observations in a row that are borne: the next one reduces"),
      Parameter("threshold", .number(.atLeast(0)), default: "1e-4", "the margin of an improvement"),
      .thresholdMode(default: ".relative"), .mode, .cooldown, .least("minimum"),
      Parameter(
        "eps", .number(.atLeast(0)), default: "1e-8", unit: "learning rate",
        "reductions by this much or less are not made"),
      .watching,
    ],
    summary: "PyTorch's ReduceLROnPlateau, to the bit"
  ) { arguments throws(SpecError) in
    Plateau.pyTorch(
      initial: arguments.number("initial"), factor: arguments.number("factor"),
      patience: arguments.integer("patience"), threshold: arguments.number("threshold"),
      thresholdMode: arguments.word("thresholdMode"), mode: arguments.word("mode"),
      cooldown: arguments.integer("cooldown"), minimum: arguments.number("minimum"),
      eps: arguments.number("eps"), watching: try arguments.source())
  }

  /// `kerasPlateau(initial: 0.1)`.
  static let kerasPlateau = Recipe(
    "kerasPlateau",
    [
      Parameter(
        "initial", .number(.between(0, largestFloat)), unit: "learning rate",
        "the learning rate at the start"),
      .factor(), .patience("10", 0, "the bad observation in a row that reduces; 0 is 1"),
      Parameter(
        "minDelta", .number(.atLeast(0)), default: "1e-4", "the margin of an improvement"),
      .mode,
      Parameter(
        "cooldown", .integer(.between(0, 1e9)), default: "0", unit: "observations",
        "one more than the observations ignored after a reduction"),
      Parameter(
        "minimum", .number(.between(0, largestFloat)), default: "0", unit: "learning rate",
        "no reduction goes below it"),
      .watching,
    ],
    summary: "Keras' ReduceLROnPlateau, to the bit of its single-precision rate"
  ) { arguments throws(SpecError) in
    Plateau.keras(
      initial: arguments.number("initial"), factor: arguments.number("factor"),
      patience: arguments.integer("patience"), minDelta: arguments.number("minDelta"),
      mode: arguments.word("mode"), cooldown: arguments.integer("cooldown"),
      minimum: arguments.number("minimum"), watching: try arguments.source())
  }

  /// `optaxPlateau(initial: 0.1)`.
  static let optaxPlateau = Recipe(
    "optaxPlateau",
    [
      .initialRateOfFeedback,
      Parameter(
        "factor", .number(.strictlyBetween(0, 1)), default: "0.1", "the factor of a reduction"),
      .patience("10", 1, "the bad observation in a row that reduces"),
      Parameter(
        "rtol", .number(.between(0, 1)), default: "1e-4", "the margin of an improvement, of best"),
      Parameter(
        "atol", .number(.atLeast(0)), default: "0", unit: "loss",
        "the margin of an improvement, beside rtol"),
      .cooldown,
      Parameter(
        "accumulationSize", .integer(.between(1, 1e9)), default: "1", unit: "losses",
        "losses in the mean that is one observation"),
      Parameter(
        "minScale", .number(.between(0, 1)), default: "0", "the least rate, as a share of initial"),
    ],
    summary: "Optax' reduce_on_plateau"
  ) { arguments in
    Plateau.optax(
      initial: arguments.number("initial"), factor: arguments.number("factor"),
      patience: arguments.integer("patience"), rtol: arguments.number("rtol"),
      atol: arguments.number("atol"), cooldown: arguments.integer("cooldown"),
      accumulationSize: arguments.integer("accumulationSize"),
      minScale: arguments.number("minScale"))
  }

  /// `fastaiPlateau(initial: 0.1)`.
  static let fastaiPlateau = Recipe(
    "fastaiPlateau",
    [
      .initialRateOfFeedback,
      Parameter("factor", .number(.above(1)), default: "10", "what a reduction divides by"),
      .patience("1", 0, "the bad observation in a row that reduces; 0 is 1"),
      Parameter("minDelta", .number(.atLeast(0)), default: "0", "the margin of an improvement"),
      .mode, .least("minLr"), .watching,
    ],
    summary: "fastai's ReduceLROnPlateau"
  ) { arguments throws(SpecError) in
    Plateau.fastai(
      initial: arguments.number("initial"), factor: arguments.number("factor"),
      patience: arguments.integer("patience"), minDelta: arguments.number("minDelta"),
      mode: arguments.word("mode"), minLr: arguments.number("minLr"),
      watching: try arguments.source())
  }

  private static var largestFloat: Double { Double(Float.greatestFiniteMagnitude) }
}
