extension GreedyRate {
  /// Hugging Face Transformers' `GreedyLR`, with its names and defaults.
  ///
  /// What differs from the contract: an action falls on observation number `patience` + 1 in a row;
  /// the first observation is an improvement; the relative threshold multiplies best, which begins as
  /// the worst infinity; bounds do not depend on the rate, a rate beyond one is left alone, and so is
  /// one that would change by `eps` or less, though that counts as an action; a NaN in the window
  /// stays in its sum for ever.
  ///
  /// > Source: Hugging Face Transformers, `transformers.optimization.GreedyLR`, one parameter group.
  ///
  /// - Parameter windowSize: their `window_size` where `smooth` is true; `nil` where it is false.
  /// - Precondition: `factor` is in (0, 1), the others are finite and at least 0.
  public static func transformers(
    initial: Double, factor: Double = 0.95, patience: Int = 10, threshold: Double = 1e-6,
    thresholdMode: Plateau.ThresholdMode = .absolute, mode: Plateau.Direction = .minimize,
    cooldown: Int = 0, warmup: Int = 0, minLr: Double = 1e-3, maxLr: Double = 1, eps: Double = 1e-8,
    windowSize: Int? = nil, resetStart: Int = 500, watching source: Plateau.Source = .metric
  ) -> GreedyRate {
    precondition(initial >= 0 && initial.isFinite, "initial is \(initial), not at least 0")
    precondition(patience >= 0, "the patience is \(patience), not at least 0")
    precondition(minLr <= maxLr, "minLr is \(minLr), greater than maxLr, \(maxLr)")
    precondition(eps >= 0 && eps.isFinite, "eps is \(eps), not a finite number of at least 0")
    return GreedyRate(
      initial: initial, factor: factor, patience: patience + 1, within: minLr...maxLr,
      comparing: Plateau.Comparison(
        thresholdMode == .relative ? .multiple(threshold) : .absolute(threshold), mode,
        candidates: .comparable),
      smoothedOver: windowSize ?? 1, cooldown: cooldown, warmup: warmup,
      restartAfter: max(resetStart, 1), watching: source,
      form: Form(firstImproves: true, smallestChange: eps, keepsSum: true))
  }
}

extension Recipe where Product == any LearningRateController {
  /// `greedy(initial: 1e-3)`.
  static let greedy = Recipe(
    "greedy",
    [
      Parameter(
        "initial", .number(.above(0)), unit: "learning rate", "the learning rate at the start"),
      factor, patience("the observations in a row at which it acts", atLeast: 1),
      Parameter(
        "within", .range, default: "none", unit: "learning rate",
        "bounds of the rate; initial/1000...10·initial where left out"),
      Parameter(
        "comparing", .action, default: ".relative(1e-6)", Parameter.comparing.summary),
      Parameter(
        "smoothedOver", .integer(.between(1, 1e6)), default: "1", unit: "observations",
        "observations in the mean that is compared"),
      .cooldown, warmup,
      Parameter(
        "restartAfter", .integer(.between(1, 1e9)), default: "none", unit: "reductions",
        "reductions at the lower bound after which all begins anew"),
      .watching,
    ],
    summary: "raises the rate after improvements in a row, lowers it after bad ones (GreedyLR)"
  ) { arguments throws(SpecError) in
    let initial = arguments.number("initial")
    let bounds = arguments.optionalRange("within") ?? GreedyRate.usualBounds(initial)
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw arguments.error(
        "'greedy' needs finite bounds of at least 0, with 'initial' (\(short(initial))) inside")
    }
    return GreedyRate(
      initial: initial, factor: arguments.number("factor"), patience: arguments.integer("patience"),
      within: bounds, comparing: try arguments.comparison(),
      smoothedOver: arguments.integer("smoothedOver"), cooldown: arguments.integer("cooldown"),
      warmup: arguments.integer("warmup"),
      restartAfter: arguments.optionalNumber("restartAfter").map { Int($0) },
      watching: try arguments.source())
  }

  /// `transformersGreedy(initial: 1e-3)`.
  static let transformersGreedy = Recipe(
    "transformersGreedy",
    [
      .initialRateOfFeedback, factor,
      patience("the last observation in a row that it bears", atLeast: 0),
      Parameter("threshold", .number(.atLeast(0)), default: "1e-6", "the margin of an improvement"),
      .thresholdMode(default: ".absolute"), .mode, .cooldown, warmup,
      Parameter(
        "minLr", .number(.atLeast(0)), default: "1e-3", unit: "learning rate", "the lower bound"),
      Parameter(
        "maxLr", .number(.atLeast(0)), default: "1", unit: "learning rate", "the upper bound"),
      Parameter(
        "eps", .number(.atLeast(0)), default: "1e-8", unit: "learning rate",
        "changes by this much or less are not made"),
      Parameter(
        "windowSize", .integer(.between(1, 1e6)), default: "none", unit: "observations",
        "observations in the mean that is compared; none for no mean"),
      Parameter(
        "resetStart", .integer(.between(0, 1e9)), default: "500", unit: "reductions",
        "reductions at the lower bound after which all begins anew"),
      .watching,
    ],
    summary: "Transformers' GreedyLR, its bounds and signs included"
  ) { arguments throws(SpecError) in
    guard arguments.number("minLr") <= arguments.number("maxLr") else {
      throw arguments.error("'minLr' is greater than 'maxLr'")
    }
    return GreedyRate.transformers(
      initial: arguments.number("initial"), factor: arguments.number("factor"),
      patience: arguments.integer("patience"), threshold: arguments.number("threshold"),
      thresholdMode: arguments.word("thresholdMode"), mode: arguments.word("mode"),
      cooldown: arguments.integer("cooldown"), warmup: arguments.integer("warmup"),
      minLr: arguments.number("minLr"), maxLr: arguments.number("maxLr"),
      eps: arguments.number("eps"),
      windowSize: arguments.optionalNumber("windowSize").map { Int($0) },
      resetStart: arguments.integer("resetStart"), watching: try arguments.source())
  }

  private static var factor: Parameter {
    Parameter(
      "factor", .number(.strictlyBetween(0, 1)), default: "0.95",
      "what a reduction multiplies by and an increase divides by")
  }
  private static func patience(_ summary: String, atLeast least: Double) -> Parameter {
    Parameter(
      "patience", .integer(.between(least, 1e9)), default: "10", unit: "observations", summary)
  }
  private static var warmup: Parameter {
    Parameter(
      "warmup", .integer(.between(0, 1e9)), default: "0", unit: "observations",
      "observations ignored after an increase")
  }
}
