package import HypergradientRecipes

// Plateaus under the names and with the boundaries of other libraries.

extension Plateau {
  /// Where another library's plateau departs from the contract of ``Plateau``, besides its
  /// ``Comparison``.
  struct Compatibility: Sendable, Codable, Equatable {
    /// What follows an action that leaves the rate as it is.
    enum IdleAction: String, Sendable, Codable {
      /// The same as any other action: runs begin again, the cooldown starts.
      case startsOver
      /// Nothing: the run goes on, and the next bad observation tries again.
      case keepsCounting
    }

    /// A reduction's floor, where that is not the lower bound: a rate that begins below it may stay
    /// there.
    var minimum: Double?
    /// A reduction by this much or less is not made.
    var smallestChange = 0.0
    var idleAction = IdleAction.startsOver
    /// Whether the rate is rounded to Float whenever it is stored.
    var isSinglePrecision = false

    /// The contract of ``Plateau``, without a departure.
    static let contract = Compatibility()

    func stored(_ rate: Double) -> Double { isSinglePrecision ? Double(Float(rate)) : rate }
  }

  /// How PyTorch's threshold is applied.
  public enum ThresholdMode: String, Sendable, Codable, CaseIterable {
    /// best·(1 ∓ threshold), which has the wrong sign where the best is negative.
    case relative
    /// best ∓ threshold.
    case absolute

    func margin(_ threshold: Double) -> Comparison.Margin {
      self == .relative ? .multiple(threshold) : .absolute(threshold)
    }
  }

  /// PyTorch's `ReduceLROnPlateau`, to the bit, with its names and defaults.
  ///
  /// What differs from the contract: a reduction falls on bad observation number `patience` + 1;
  /// the relative threshold multiplies best; best begins as the worst infinity and may become the
  /// good one, after which nothing is better; a rate below `minimum` is left alone, and so is one
  /// that would change by `eps` or less, though that counts as an action.
  ///
  /// > Source: PyTorch 2.13, `torch.optim.lr_scheduler.ReduceLROnPlateau`, one parameter group.
  public static func pyTorch(
    initial: Double, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4,
    thresholdMode: ThresholdMode = .relative, mode: Direction = .minimize, cooldown: Int = 0,
    minimum: Double = 0, eps: Double = 1e-8, watching source: Source = .loss(averagedOver: 1)
  ) -> Plateau {
    Recipe<any LearningRateController>.torchPlateau.check(
      initial, factor, patience, threshold, thresholdMode, mode, cooldown, minimum, eps, source)
    return Plateau(
      initial: initial, reduce: .by(factor, after: patience + 1),
      comparing: Comparison(thresholdMode.margin(threshold), mode, candidates: .comparable),
      cooldown: cooldown, watching: source,
      compatibility: Compatibility(minimum: minimum, smallestChange: eps))
  }

  /// Keras' `ReduceLROnPlateau`, to the bit of its single-precision rate, with its defaults.
  ///
  /// What differs from the contract: patience 0 is patience 1; a cooldown of c ignores c − 1
  /// observations, since the one that ends it counts; the first observation is best even if it is
  /// NaN, after which nothing is better; a rate at or below `minimum` is left alone, and the run of
  /// bad observations then goes on. The margin is absolute, and the rate is stored as a Float.
  ///
  /// > Source: Keras 3.15, `keras.callbacks.ReduceLROnPlateau`; `mode` is given, never guessed.
  public static func keras(
    initial: Double, factor: Double = 0.1, patience: Int = 10, minDelta: Double = 1e-4,
    mode: Direction = .minimize, cooldown: Int = 0, minimum: Double = 0,
    watching source: Source = .loss(averagedOver: 1)
  ) -> Plateau {
    Recipe<any LearningRateController>.kerasPlateau.check(
      initial, factor, patience, minDelta, mode, cooldown, minimum, source)
    return Plateau(
      initial: initial, reduce: .by(factor, after: max(patience, 1)), within: 0...largestFloat,
      comparing: Comparison(.absolute(minDelta), mode, candidates: .first),
      cooldown: max(cooldown - 1, 0), watching: source,
      compatibility: Compatibility(
        minimum: minimum, idleAction: .keepsCounting, isSinglePrecision: true))
  }

  fileprivate static var largestFloat: Double { Double(Float.greatestFiniteMagnitude) }

  /// Optax' `contrib.reduce_on_plateau`, with its names and defaults: `initial` is the rate that its
  /// scale, which begins at 1, multiplies.
  ///
  /// What differs from the contract: the relative margin multiplies best, and the absolute one is taken
  /// off it; best begins as infinity and may become −infinity, after which nothing is better. An
  /// observation is the mean of `accumulationSize` values. Not followed: a `patience` of 0, with which
  /// the library reduces at every improvement and never at a plateau, and a `minScale` above 1, with
  /// which it raises the rate; each is an error here. The rate is a Double, where theirs is a Float32.
  ///
  /// > Source: Optax 0.2.8, `optax.contrib.reduce_on_plateau`.
  ///
  /// - Parameter accumulationSize: values in an observation; for losses only, since a metric comes
  ///   once in a while by itself.
  public static func optax(
    initial: Double, factor: Double = 0.1, patience: Int = 10, rtol: Double = 1e-4,
    atol: Double = 0, cooldown: Int = 0, accumulationSize: Int = 1, minScale: Double = 0
  ) -> Plateau {
    Recipe<any LearningRateController>.optaxPlateau.check(
      initial, factor, patience, rtol, atol, cooldown, accumulationSize, minScale)
    return Plateau(
      initial: initial, reduce: .by(factor, after: patience),
      comparing: Comparison(.both(rtol, atol), .minimize, candidates: .comparable),
      cooldown: cooldown, watching: .loss(averagedOver: accumulationSize),
      compatibility: Compatibility(minimum: initial * minScale))
  }

  /// fastai's `ReduceLROnPlateau`, with its names and defaults; its `factor` divides.
  ///
  /// What differs from the contract: patience 0 is patience 1; best begins as the worst infinity and may
  /// become the good one, after which nothing is better; the margin is taken off the observation. Not followed: a rate below `minLr` is raised
  /// to it there, and left alone here. 1/`factor` is rounded once more than there.
  ///
  /// > Source: fastai 2, `fastai.callback.tracker.ReduceLROnPlateau`; best begins anew with each fit.
  public static func fastai(
    initial: Double, factor: Double = 10, patience: Int = 1, minDelta: Double = 0,
    mode: Direction = .minimize, minLr: Double = 0, watching source: Source = .loss(averagedOver: 1)
  ) -> Plateau {
    Recipe<any LearningRateController>.fastaiPlateau.check(
      initial, factor, patience, minDelta, mode, minLr, source)
    return Plateau(
      initial: initial, reduce: .by(1 / factor, after: max(patience, 1)),
      comparing: Comparison(.ofObservation(minDelta), mode, candidates: .comparable),
      watching: source, compatibility: Compatibility(minimum: minLr))
  }
}

// MARK: - Recipes

extension Recipe where Product == any LearningRateController {
  package static let torchPlateau = Recipe(
    "torchPlateau",
    Plateau.pyTorch(
      initial:factor:patience:threshold:thresholdMode:mode:cooldown:minimum:eps:watching:),
    .startingRate(), .reductionFactor("factor", in: .from(0, below: 1), default: 0.1),
    .patience(10, atLeast: 0, "bad observations in a row that are borne: the next one reduces"),
    .number("threshold", in: .atLeast(0), default: 1e-4, "the margin of an improvement"),
    .thresholdMode(default: .relative), .direction("mode"), .cooldown, .leastRate("minimum"),
    .number(
      "eps", in: .atLeast(0), default: 1e-8, unit: "learning rate",
      "reductions by this much or less are not made"),
    .watching,
    summary: "PyTorch's ReduceLROnPlateau, to the bit",
    examples: [
      "torchPlateau(initial: 0.1, factor: 0.8, patience: 2, cooldown: 1)",
      "torchPlateau(initial: 0.1, factor: 0.5, patience: 1, threshold: 0.01, "
        + "thresholdMode: .absolute, mode: .maximize, minimum: 0.01, eps: 1e-6, "
        + "watching: .metric)",
    ],
    standard: { Plateau.pyTorch(initial: 0.1) })

  package static let kerasPlateau = Recipe(
    "kerasPlateau",
    Plateau.keras(initial:factor:patience:minDelta:mode:cooldown:minimum:watching:),
    .startingRate(in: .between(0, Plateau.largestFloat)),
    .reductionFactor("factor", in: .from(0, below: 1), default: 0.1),
    .patience(10, atLeast: 0, "the bad observation in a row that reduces; 0 is 1"),
    .number("minDelta", in: .atLeast(0), default: 1e-4, "the margin of an improvement"),
    .direction("mode"),
    .count(
      "cooldown", in: .between(0, 1e9), default: 0, unit: "observations",
      "one more than the observations ignored after a reduction"),
    .leastRate("minimum", in: .between(0, Plateau.largestFloat)), .watching,
    summary: "Keras' ReduceLROnPlateau, to the bit of its single-precision rate",
    examples: [
      "kerasPlateau(initial: 0.1, factor: 0.85, patience: 2, cooldown: 2, watching: .metric)",
      "kerasPlateau(initial: 0.1, factor: 0.5, patience: 0, minDelta: 0.01, mode: .maximize, "
        + "minimum: 0.01)",
    ],
    standard: { Plateau.keras(initial: 0.1) })

  package static let optaxPlateau = Recipe(
    "optaxPlateau",
    Plateau.optax(initial:factor:patience:rtol:atol:cooldown:accumulationSize:minScale:),
    .startingRate(), .reductionFactor("factor", in: .strictlyBetween(0, 1), default: 0.1),
    .patience(10, atLeast: 1, "the bad observation in a row that reduces"),
    .number("rtol", in: .between(0, 1), default: 1e-4, "the margin of an improvement, of best"),
    .number(
      "atol", in: .atLeast(0), default: 0.0, unit: "loss",
      "the margin of an improvement, beside rtol"),
    .cooldown,
    .count(
      "accumulationSize", in: .between(1, 1e9), default: 1, unit: "losses",
      "losses in the mean that is one observation"),
    .number("minScale", in: .between(0, 1), default: 0.0, "the least rate, as a share of initial"),
    summary: "Optax' reduce_on_plateau",
    examples: [
      "optaxPlateau(initial: 0.1, factor: 0.8, patience: 2, rtol: 0.001, atol: 0.01, cooldown: 1, "
        + "accumulationSize: 2, minScale: 1e-3)"
    ],
    standard: { Plateau.optax(initial: 0.1) })

  package static let fastaiPlateau = Recipe(
    "fastaiPlateau", Plateau.fastai(initial:factor:patience:minDelta:mode:minLr:watching:),
    .startingRate(),
    .number("factor", in: .above(1), default: 10, "what a reduction divides by"),
    .patience(1, atLeast: 0, "the bad observation in a row that reduces; 0 is 1"),
    .number("minDelta", in: .atLeast(0), default: 0, "the margin of an improvement"),
    .direction("mode"), .leastRate("minLr"), .watching,
    summary: "fastai's ReduceLROnPlateau",
    examples: [
      "fastaiPlateau(initial: 0.1, factor: 1.5, patience: 2, minLr: 1e-3, watching: .metric)",
      "fastaiPlateau(initial: 0.1, factor: 2, patience: 0, minDelta: 0.01, mode: .maximize)",
    ],
    standard: { Plateau.fastai(initial: 0.1) })
}

extension Parameter where Value == Double {
  static func reductionFactor(
    _ label: String, in domain: Domain, default standard: Double
  ) -> Parameter {
    .number(label, in: domain, default: standard, "the factor of a reduction")
  }

  fileprivate static func leastRate(_ label: String, in domain: Domain = .atLeast(0)) -> Parameter {
    .number(
      label, in: domain, default: 0, unit: "learning rate", "no reduction goes below it")
  }
}

extension Parameter where Value == Int {
  static func patience(_ standard: Int, atLeast least: Double, _ summary: String) -> Parameter {
    .count(
      "patience", in: .between(least, 1e9), default: standard, unit: "observations", summary)
  }
}

extension Parameter where Value == Plateau.ThresholdMode {
  static func thresholdMode(default standard: Plateau.ThresholdMode) -> Parameter {
    .choice(
      "thresholdMode", default: standard, "what the threshold is: a share of best, or a difference")
  }
}

extension Plateau.Compatibility {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    minimum = try state.numberOrNone(.minimum, in: .atLeast(0))
    smallestChange = try state.number(.smallestChange, in: .atLeast(0))
    idleAction = try state.value(.idleAction)
    isSinglePrecision = try state.value(.isSinglePrecision)
  }
}
