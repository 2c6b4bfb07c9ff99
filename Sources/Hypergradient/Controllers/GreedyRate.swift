package import HypergradientRecipes

/// Raises the rate after n improvements in a row, lowers it after n bad observations in a row:
///
///     η ← min(η / φ, η_max)    at the n-th improvement in a row; w observations are ignored then
///     η ← max(η · φ, η_min)    at the n-th bad one in a row; c observations are ignored then
///
/// Observations are compared with the best so far, which the ignored ones leave alone, and may be
/// means of the last few. Where as many reductions as `restartAfter` have found the rate at η_min, with
/// no increase between them, all begins anew with the initial rate. NaN and infinities are bad, and
/// enter no mean.
///
/// By default the bounds are a thousandth of the initial rate and its tenfold, the margin is relative
/// to |best|, the first observation is no improvement, and there is no restart. Hugging Face
/// Transformers' `GreedyLR` has bounds of 10⁻³ and 1 whatever the rate, so that from Adam's 5·10⁻⁵ it
/// can only rise, and margins whose sign is wrong below zero:
/// ``transformers(initial:factor:patience:threshold:thresholdMode:mode:cooldown:warmup:minLr:maxLr:eps:windowSize:resetStart:watching:)``.
///
/// > Source: GreedyLR: Dynamic Learning Rate Scheduling (arXiv 2512.14527), in the form of Hugging
/// > Face Transformers' `GreedyLR`, from which the order of events is taken.
public struct GreedyRate: LearningRateController, Equatable {
  /// φ.
  public let factor: Double
  /// n, in observations.
  public let patience: Int
  /// η_min and η_max.
  public let bounds: ClosedRange<Double>
  public let comparison: Plateau.Comparison
  /// Observations in a mean; 1 for none.
  public let window: Int
  /// c and w, in observations.
  public let cooldown, warmup: Int
  /// Reductions at η_min before a restart; `nil` for none.
  public let restartAfter: Int?
  public let initial: Double
  let form: Form

  public private(set) var learningRate: Double
  /// Bad observations in a row since the last action.
  public private(set) var badInARow = 0
  /// Improvements in a row since the last action.
  public private(set) var improvementsInARow = 0
  /// Restarts so far.
  public private(set) var restarts = 0
  private var cooldownLeft = 0
  private var warmupLeft = 0
  private var reductionsAtFloor = 0
  private var bestValue: CodedDouble?
  private var recent: [CodedDouble] = []
  private var recentSum = CodedDouble(0)
  private var observations: Observations

  /// Where Transformers' form departs from the contract, besides its comparison.
  struct Form: Sendable, Codable, Equatable {
    /// The first observation is an improvement.
    var firstImproves = false
    /// Changes by this much or less are not made; nor are those away from the bound.
    var smallestChange = -1.0
    /// The mean is that of a running sum, which a NaN never leaves.
    var keepsSum = false
  }

  /// - Parameters:
  ///   - initial: the rate at the start, within `bounds`.
  ///   - bounds: finite and at least 0; initial/1000...10·initial by default.
  ///   - window: observations in a mean.
  ///   - source: where the observations of a controller come from; ``observe(_:)`` takes any.
  public init(
    initial: Double, factor: Double = 0.95, patience: Int = 10,
    within bounds: ClosedRange<Double>? = nil,
    comparing comparison: Plateau.Comparison = .relative(1e-6), smoothedOver window: Int = 1,
    cooldown: Int = 0, warmup: Int = 0, restartAfter: Int? = nil,
    watching source: Plateau.Source = .loss(averagedOver: 1)
  ) {
    Recipe<any LearningRateController>.greedy.check(
      initial, factor, patience, bounds, comparison, window, cooldown, warmup, restartAfter, source)
    self.init(
      initial: initial, factor: factor, patience: patience,
      within: bounds ?? Self.usualBounds(initial), comparing: comparison, smoothedOver: window,
      cooldown: cooldown, warmup: warmup, restartAfter: restartAfter, watching: source, form: Form()
    )
  }

  /// Without a check of what the recipes check.
  private init(
    initial: Double, factor: Double, patience: Int, within bounds: ClosedRange<Double>,
    comparing comparison: Plateau.Comparison, smoothedOver window: Int, cooldown: Int, warmup: Int,
    restartAfter: Int?, watching source: Plateau.Source, form: Form
  ) {
    (self.initial, self.factor, self.patience) = (initial, factor, patience)
    (self.bounds, self.comparison, self.window) = (bounds, comparison, window)
    (self.cooldown, self.warmup, self.restartAfter) = (cooldown, warmup, restartAfter)
    (self.form, learningRate, observations) = (form, initial, Observations(source))
  }

  static func usualBounds(_ initial: Double) -> ClosedRange<Double> {
    initial / 1000...saturated(10 * initial)
  }

  /// The best observation so far; `nil` before there is one, and after a restart.
  public var best: Double? { bestValue?.value }

  /// One observation; returns what it led to.
  @discardableResult
  public mutating func observe(_ observation: Double) -> Plateau.Action {
    let x = smoothed(observation)
    if cooldownLeft > 0 || warmupLeft > 0 {
      if cooldownLeft > 0 { cooldownLeft -= 1 } else { warmupLeft -= 1 }
      (badInARow, improvementsInARow) = (0, 0)
      return .none
    }
    if comparison.isBetter(x, than: best) {
      improvementsInARow += bestValue == nil && !form.firstImproves ? 0 : 1
      badInARow = 0
      bestValue = CodedDouble(x)
    } else {
      badInARow += 1
      improvementsInARow = 0
    }
    if improvementsInARow >= patience {
      raise()
      return .increase
    }
    if badInARow >= patience {
      lower()
      return .reduce
    }
    return .none
  }

  private mutating func raise() {
    let rate = min(learningRate / factor, bounds.upperBound)
    if rate - learningRate > form.smallestChange { learningRate = rate }
    reductionsAtFloor = 0
    warmupLeft = warmup
    improvementsInARow = 0
  }

  private mutating func lower() {
    let rate = max(learningRate * factor, bounds.lowerBound)
    if learningRate - rate > form.smallestChange { learningRate = rate }
    if learningRate <= bounds.lowerBound {
      reductionsAtFloor += 1
      if let restartAfter, reductionsAtFloor >= restartAfter { restart() }
    }
    cooldownLeft = cooldown
    badInARow = 0
  }

  private mutating func restart() {
    learningRate = initial
    bestValue = nil
    (improvementsInARow, warmupLeft, reductionsAtFloor) = (0, 0, 0)
    recent.removeAll(keepingCapacity: true)
    recentSum = CodedDouble(0)
    restarts += 1
  }

  /// The mean of the last observations.
  private mutating func smoothed(_ x: Double) -> Double {
    guard form.keepsSum || (window > 1 && x.isFinite) else { return x }
    recent.append(CodedDouble(x))
    if !form.keepsSum {
      if recent.count > window { recent.removeFirst() }
      return recent.reduce(0) { $0 + $1.value } / Double(recent.count)
    }
    recentSum = CodedDouble(recentSum.value + x)
    if recent.count > window {
      recentSum = CodedDouble(recentSum.value - recent.removeFirst().value)
    }
    return recentSum.value / Double(recent.count)
  }

  public var requirements: ControllerRequirements {
    ControllerRequirements(
      signals: observations.needs,
      metricDirection: observations.source == .metric ? comparison.direction : nil)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    if let x = observations.next(signals) { observe(x) }
    return .step(learningRate)
  }

  public mutating func project(learningRate: Double) {
    self.learningRate = bounds.nearest(to: learningRate)
  }
}

extension GreedyRate {
  /// Hugging Face Transformers' `GreedyLR`, with its names and defaults.
  ///
  /// What differs from the contract: an action falls on observation number `patience` + 1 in a row;
  /// the first observation is an improvement; the relative threshold multiplies best, which begins as
  /// the worst infinity; bounds do not depend on the rate, a rate beyond one is left alone, and so is
  /// one that would change by `eps` or less, though that counts as an action; a NaN in the window
  /// stays in its sum for ever, in one of a single observation, too.
  ///
  /// > Source: Hugging Face Transformers, `transformers.optimization.GreedyLR`, one parameter group.
  ///
  /// - Parameter windowSize: their `window_size` where `smooth` is true; `nil` where it is false.
  public static func transformers(
    initial: Double, factor: Double = 0.95, patience: Int = 10, threshold: Double = 1e-6,
    thresholdMode: Plateau.ThresholdMode = .absolute, mode: Plateau.Direction = .minimize,
    cooldown: Int = 0, warmup: Int = 0, minLr: Double = 1e-3, maxLr: Double = 1, eps: Double = 1e-8,
    windowSize: Int? = nil, resetStart: Int = 500,
    watching source: Plateau.Source = .loss(averagedOver: 1)
  ) -> GreedyRate {
    Recipe<any LearningRateController>.transformersGreedy.check(
      initial, factor, patience, threshold, thresholdMode, mode, cooldown, warmup, minLr, maxLr,
      eps, windowSize, resetStart, source)
    return GreedyRate(
      initial: initial, factor: factor, patience: patience + 1, within: minLr...maxLr,
      comparing: Plateau.Comparison(
        thresholdMode.margin(threshold), mode, candidates: .comparable),
      smoothedOver: windowSize ?? 1, cooldown: cooldown, warmup: warmup,
      restartAfter: max(resetStart, 1), watching: source,
      form: Form(firstImproves: true, smallestChange: eps, keepsSum: windowSize != nil))
  }
}

extension Recipe where Product == any LearningRateController {
  package static let greedy = Recipe(
    "greedy",
    GreedyRate.init(
      initial:factor:patience:within:comparing:smoothedOver:cooldown:warmup:restartAfter:watching:),
    .startingRate(in: .above(0)), .greed(),
    .patience(10, atLeast: 1, "the observations in a row at which it acts"),
    .range(
      "within", orNone: "learning rate",
      "bounds of the rate; initial/1000...10·initial where left out"),
    .comparing(1e-6),
    .count(
      "smoothedOver", in: .between(1, 1e6), default: 1, unit: "observations",
      "observations in the mean that is compared"),
    .cooldown, .warmup(),
    .count(
      "restartAfter", orNone: .between(1, 1e9), unit: "reductions",
      "reductions at the lower bound after which all begins anew"),
    .watching,
    unless: { initial, _, _, bounds, _, _, _, _, _, _ in bounds?.fault(around: initial) },
    summary: "raises the rate after improvements in a row, lowers it after bad ones (GreedyLR)",
    examples: [
      "greedy(initial: 0.1, factor: 0.8, patience: 2, smoothedOver: 3, cooldown: 1, warmup: 1, "
        + "restartAfter: 3, watching: .metric)",
      "greedy(initial: 0.1, factor: 0.9, patience: 1, within: 0.01...1, "
        + "comparing: .absolute(0.1, direction: .maximize))",
    ],
    standard: { GreedyRate(initial: 0.1) })

  package static let transformersGreedy = Recipe(
    "transformersGreedy",
    GreedyRate.transformers(
      initial:factor:patience:threshold:thresholdMode:mode:cooldown:warmup:minLr:maxLr:eps:
      windowSize:resetStart:watching:),
    .startingRate(), .greed(),
    .patience(10, atLeast: 0, "the last observation in a row that it bears"),
    .number("threshold", in: .atLeast(0), default: 1e-6, "the margin of an improvement"),
    .thresholdMode(default: .absolute), .direction("mode"), .cooldown, .warmup(),
    .number(
      "minLr", in: .atLeast(0), default: 1e-3, unit: "learning rate", "the lower bound"),
    .number("maxLr", in: .atLeast(0), default: 1.0, unit: "learning rate", "the upper bound"),
    .number(
      "eps", in: .atLeast(0), default: 1e-8, unit: "learning rate",
      "changes by this much or less are not made"),
    .count(
      "windowSize", orNone: .between(1, 1e6), unit: "observations",
      "observations in the mean that is compared; none for no mean"),
    .count(
      "resetStart", in: .between(0, 1e9), default: 500, unit: "reductions",
      "reductions at the lower bound after which all begins anew"),
    .watching,
    unless: { _, _, _, _, _, _, _, _, least, most, _, _, _, _ in
      least <= most ? nil : "'minLr' is greater than 'maxLr'"
    },
    summary: "Transformers' GreedyLR, its bounds and signs included",
    examples: [
      "transformersGreedy(initial: 0.1, factor: 0.7, patience: 1, warmup: 1, resetStart: 4, "
        + "watching: .metric)",
      "transformersGreedy(initial: 0.1, factor: 0.9, patience: 0, threshold: 0.01, "
        + "thresholdMode: .relative, mode: .maximize, cooldown: 2, minLr: 0.01, maxLr: 0.5, "
        + "eps: 1e-6, windowSize: 5)",
    ],
    standard: { GreedyRate.transformers(initial: 0.1) })
}

extension Parameter where Value == Double {
  fileprivate static func greed() -> Parameter {
    .number(
      "factor", in: .strictlyBetween(0, 1), default: 0.95,
      "what a reduction multiplies by and an increase divides by")
  }
}

extension Parameter where Value == Int {
  fileprivate static func warmup() -> Parameter {
    .count(
      "warmup", in: .between(0, 1e9), default: 0, unit: "observations",
      "observations ignored after an increase")
  }
}

extension GreedyRate {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    patience = try state.count(.patience, from: 1)
    bounds = try state.value(.bounds)
    comparison = try state.value(.comparison)
    window = try state.count(.window)
    cooldown = try state.count(.cooldown)
    warmup = try state.count(.warmup)
    restartAfter = try state.countOrNone(.restartAfter, from: 1)
    initial = try state.number(.initial, in: .atLeast(0))
    form = try state.value(.form)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    badInARow = try state.count(.badInARow)
    improvementsInARow = try state.count(.improvementsInARow)
    restarts = try state.count(.restarts)
    cooldownLeft = try state.count(.cooldownLeft, through: cooldown)
    warmupLeft = try state.count(.warmupLeft, through: warmup)
    reductionsAtFloor = try state.count(.reductionsAtFloor)
    bestValue = try state.valueOrNone(.bestValue)
    recent = try state.value(.recent)
    recentSum = try state.value(.recentSum)
    observations = try state.value(.observations)
    try state.expect(recent.count <= window, .recent, "\(recent.count) observations of \(window)")
    // Transformers' form bounds neither the first rate nor a patience of one more.
    let isUsual = !form.firstImproves
    try state.check(
      Recipe<any LearningRateController>.greedy.fault(
        of: isUsual ? initial : 1, factor, isUsual ? patience : max(patience - 1, 1),
        isUsual ? bounds : nil, comparison, window, cooldown, warmup, restartAfter,
        observations.source))
    try state.expect(
      !isUsual || bounds.contains(learningRate), .learningRate, "the rate is outside its bounds")
    try state.expect(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite, .bounds, "not finite and at least 0")
  }
}

extension GreedyRate.Form {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    firstImproves = try state.value(.firstImproves)
    smallestChange = try state.number(.smallestChange, in: .atLeast(-1))
    keepsSum = try state.value(.keepsSum)
  }
}
