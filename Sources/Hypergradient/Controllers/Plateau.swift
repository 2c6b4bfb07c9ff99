package import HypergradientRecipes

/// Changes the learning rate when a metric stops improving, or keeps improving.
///
/// ```swift
/// var plateau = Plateau(
///   initial: 0.1, reduce: .by(0.5, after: 5), increase: .by(1.2, after: 3), within: 1e-6...1)
/// plateau.observe(0.7)  // a validation loss
/// print(plateau.learningRate)
/// ```
///
/// Each observation x goes through these, in this order:
///
/// 1. **Compare.** x is better than its ``Reference`` (the best so far, unless told otherwise), as
///    ``Comparison`` says, or bad; there is no third. NaN and infinities are bad and never best.
///    Better: no reduction counts as being in vain any more. Better than the best: x is the new best.
/// 2. **Cool down.** If there are observations left to ignore, this is one: nothing is counted and
///    nothing done. An action with `cooldown: c` has exactly the c next ones ignored. Whether best
///    moves meanwhile, ``bestDuringCooldown`` says: if it holds, step 1 is ignored as well.
/// 3. **Count.** Better: the run of improvements is one longer, the run of bad ones zero; bad: the
///    other way round. The first best ends a run of bad ones, but is no improvement: there was
///    nothing to improve on.
/// 4. **Act.** If the run of bad ones has reached the reduction's patience, reduce: patience n acts
///    at the n-th bad observation in a row. Otherwise, if an ``Increase`` has its occasion,
///    increase. One observation leads to at most one action, and reduction takes precedence. An
///    action begins both runs again and starts the cooldown, also where the rate is at its bound and
///    nothing changes.
///
/// The rate is always finite and within `bounds`, whatever is observed.
///
/// **Going back.** A reduction `from: .best` also takes the parameters back to where the best
/// observation was made: `reduce: .by(0.5, after: 5, from: .best)`. An ``Optimizer`` then keeps a
/// copy of them, one vector more. A reduction that leaves the rate as it is, at its bound, and one
/// before there is any best go on from where they are. In a trainer of your own, which copies the
/// parameters whenever its ``requirements`` say after `decide` that they are the best, the decision is
/// `.restore(η)`: put the copy in their place, discard this gradient and go on with η. The best is one by the margin of
/// ``Comparison``: a smaller improvement is not worth a copy. After it the previous observation or
/// the average is that best, too.
///
/// As a controller it finds its observations itself, see ``Source``, and the observation of a step
/// counts for the rate of that step.
///
/// > Source: the rule of thumb of A. Krizhevsky, I. Sutskever and G. Hinton, ImageNet
/// > Classification with Deep Convolutional Neural Networks (2012), section 5, as automated in
/// > PyTorch and Keras; the presets `Plateau.pyTorch` and `Plateau.keras` are theirs.
public struct Plateau: LearningRateController, Equatable {
  /// Whether best follows improvements that the cooldown ignores.
  public enum BestDuringCooldown: String, Sendable, Codable, CaseIterable {
    case moves
    case holds
  }

  public let reduction: Reduction?
  public let increase: Increase?
  public let bounds: ClosedRange<Double>
  public let comparison: Comparison
  public let reference: Reference
  /// c, in observations.
  public let cooldown: Int
  public let bestDuringCooldown: BestDuringCooldown
  let compatibility: Compatibility

  public private(set) var learningRate: Double
  /// Bad observations in a row since the last action.
  public private(set) var badInARow = 0
  /// Improvements in a row since the last action.
  public private(set) var improvementsInARow = 0
  /// Reductions since the last improvement or increase.
  public private(set) var reductionsInVain = 0
  /// Bad observations since the last improvement or increase.
  public private(set) var badSinceProgress = 0
  /// Observations that are still to be ignored.
  public private(set) var cooldownLeft = 0
  /// Whether the parameters of the last decision are the best so far; for a plateau that goes back.
  private var isBest = false
  private var bestValue: CodedDouble?
  private var past = Past()
  private var observations: Observations
  /// Best has moved since the last decision.
  private var bestMoved = false
  /// The next decision takes the parameters back.
  private var goesBack = false

  /// - Parameters:
  ///   - initial: the rate at the start, within `bounds`.
  ///   - reduce: off by default.
  ///   - increase: off by default.
  ///   - bounds: in which the rate stays; finite and at least 0.
  ///   - comparison: what counts as better; by default smaller by a ten-thousandth of |best|.
  ///   - reference: than what; by default the best observation so far.
  ///   - cooldown: observations to ignore after an action.
  ///   - source: where the observations of a controller come from; ``observe(_:)`` takes any.
  /// - Precondition: the above; an increase after reductions needs a reduction.
  public init(
    initial: Double, reduce: Reduction? = nil, increase: Increase? = nil,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    comparing comparison: Comparison = .relative(1e-4), against reference: Reference = .best,
    cooldown: Int = 0, bestDuringCooldown: BestDuringCooldown = .moves,
    watching source: Source = .loss(averagedOver: 1)
  ) {
    Recipe<any LearningRateController>.plateau.check(
      initial, reduce, increase, bounds, comparison, reference, cooldown, bestDuringCooldown,
      source)
    self.init(
      initial: initial, reduce: reduce, increase: increase, within: bounds, comparing: comparison,
      against: reference, cooldown: cooldown, bestDuringCooldown: bestDuringCooldown,
      watching: source, compatibility: .contract)
  }

  /// Without a check of what the recipes check.
  init(
    initial: Double, reduce: Reduction?, increase: Increase? = nil,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    comparing comparison: Comparison, against reference: Reference = .best, cooldown: Int = 0,
    bestDuringCooldown: BestDuringCooldown = .moves, watching source: Source,
    compatibility: Compatibility
  ) {
    reference.check()
    (reduction, self.increase, self.bounds) = (reduce, increase, bounds)
    (self.comparison, self.reference) = (comparison, reference)
    (self.cooldown, self.bestDuringCooldown) = (cooldown, bestDuringCooldown)
    observations = Observations(source)
    self.compatibility = compatibility
    learningRate = compatibility.stored(initial)
  }

  /// The best observation so far; `nil` before there is one.
  public var best: Double? { bestValue?.value }

  /// One observation; returns what it led to.
  @discardableResult
  public mutating func observe(_ x: Double) -> Action {
    let ignored = cooldownLeft > 0
    let beatsBest = comparison.isBetter(x, than: best)
    let (better, isFirst) =
      reference == .best ? (beatsBest, bestValue == nil) : past.judge(x, reference, comparison)
    if !(ignored && bestDuringCooldown == .holds) {
      if beatsBest { setBest(x) }
      if better && (!isFirst || reference == .best) {
        reductionsInVain = 0
        badSinceProgress = 0
      }
      past.learn(x, reference)
    }
    if ignored {
      cooldownLeft -= 1
      return .none
    }
    count(better, isFirst: isFirst)
    return act()
  }

  private mutating func setBest(_ x: Double) {
    bestValue = CodedDouble(x)
    if keepsBest {
      bestMoved = true
      goesBack = false
    }
  }

  private mutating func count(_ better: Bool, isFirst: Bool) {
    if better {
      improvementsInARow += isFirst ? 0 : 1
      badInARow = 0
    } else {
      badInARow += 1
      badSinceProgress += 1
      improvementsInARow = 0
    }
  }

  private mutating func act() -> Action {
    if let reduction, badInARow >= reduction.patience {
      if let increase, let count = increase.reductions, reductionsInVain >= count {
        return raise(by: increase.factor)
      }
      return lower(by: reduction.factor)
    }
    guard let increase else { return .none }
    let isOccasion =
      increase.improvements.map { improvementsInARow >= $0 }
      ?? increase.badObservations.map { badSinceProgress >= $0 } ?? false
    return isOccasion ? raise(by: increase.factor) : .none
  }

  private mutating func lower(by factor: Double) -> Action {
    let floor = compatibility.minimum ?? bounds.lowerBound
    let rate = compatibility.stored(max(learningRate * factor, floor))
    let changes = learningRate - rate > compatibility.smallestChange
    if changes {
      learningRate = rate
      if keepsBest, let best {
        goesBack = true
        past.returned(to: best)
      }
    } else if compatibility.idleAction == .keepsCounting {
      return .none
    }
    reductionsInVain += 1
    startOver()
    return .reduce
  }

  private mutating func raise(by factor: Double) -> Action {
    learningRate = compatibility.stored(min(learningRate * factor, bounds.upperBound))
    reductionsInVain = 0
    badSinceProgress = 0
    startOver()
    return .increase
  }

  private mutating func startOver() {
    badInARow = 0
    improvementsInARow = 0
    cooldownLeft = cooldown
    past.emptyWindow()
  }
}

// MARK: - As a controller

extension Plateau {
  public var source: Source { observations.source }

  private var keepsBest: Bool { reduction?.start == .best }

  public var requirements: ControllerRequirements {
    ControllerRequirements(
      signals: observations.needs, alwaysSteps: !keepsBest, keepsBest: keepsBest, isBest: isBest,
      metricDirection: source == .metric ? comparison.direction : nil)
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    look(signals)
    return conclude()
  }

  /// The observation of a step, if it has one.
  @discardableResult
  mutating func look(_ signals: StepSignals) -> Action {
    // Who tells it by `observe` passes no metric.
    let isTold = bestValue != nil || badSinceProgress > 0
    if isTold, source == .metric, !signals.present.contains(.metric) { return .none }
    return observations.next(signals).map { observe($0) } ?? .none
  }

  /// The decision that the observations so far lead to.
  mutating func conclude() -> StepDecision {
    guard keepsBest else { return .step(learningRate) }
    isBest = bestMoved
    bestMoved = false
    defer { goesBack = false }
    return goesBack ? .restore(learningRate) : .step(learningRate)
  }

  /// Sets the rate, within the bounds; the runs and the cooldown stay as they are.
  public mutating func project(learningRate: Double) {
    guard !learningRate.isNaN else { return }
    let inside = bounds.nearest(to: learningRate)
    self.learningRate = compatibility.stored(inside)
  }
}

extension Recipe where Product == any LearningRateController {
  package static let plateau = Recipe(
    "plateau",
    Plateau.init(
      initial:reduce:increase:within:comparing:against:cooldown:bestDuringCooldown:watching:),
    .startingRate(),
    .call(
      "reduce", orNone: [Plateau.Reduction.recipe],
      ".by(factor, after: n), n bad observations in a row; .by(factor, after: n, from: .best) also "
        + "takes the best parameters again"),
    .call(
      "increase", orNone: [Plateau.Increase.recipe],
      ".by(factor, after: n), n improvements in a row; .by(factor, afterReductions: k), k "
        + "reductions in vain; .by(factor, whenStuckFor: n), n bad observations"),
    .rateBounds, .comparing(), .against, .cooldown,
    .choice(
      "bestDuringCooldown", default: .moves,
      "whether best follows improvements that the cooldown ignores"),
    .watching,
    unless: { initial, reduce, increase, bounds, _, _, _, _, _ in
      if let fault = bounds.fault(around: initial) { return fault }
      if reduce == nil && increase == nil {
        return "neither 'reduce' nor 'increase' is given: the rate would never change"
      }
      return increase?.reductions == nil || reduce != nil
        ? nil : "an increase 'afterReductions' needs 'reduce'"
    },
    summary: "reduces the rate when the loss stops improving, increases it, or both",
    examples: [
      "plateau(initial: 0.1, reduce: .by(0.5, after: 3), increase: .by(1.5, after: 2), "
        + "within: 1e-4...1, watching: .metric)",
      "plateau(initial: 0.1, reduce: .by(0.5, after: 2), increase: .by(3, afterReductions: 2), "
        + "within: 1e-4...1, watching: .loss(averagedOver: 2))",
      "plateau(initial: 0.1, reduce: .by(0.5, after: 4), increase: .by(1.5, whenStuckFor: 6), "
        + "cooldown: 2, watching: .metric)",
      "plateau(initial: 0.1, increase: .by(10, after: 1))",
      "plateau(initial: 0.1, reduce: .by(0.7, after: 2, from: .best), "
        + "increase: .by(3, whenStuckFor: 9), within: 1e-4...1, watching: .loss(averagedOver: 2))",
      "plateau(initial: 0.1, reduce: .by(0.5, after: 3), increase: .by(1.9, after: 2), "
        + "within: 1e-4...1, against: .previous)",
      "plateau(initial: 0.1, reduce: .by(0.4, after: 3), increase: .by(2.1, after: 2), "
        + "within: 1e-4...1, against: .average(keeping: 0.8))",
      "plateau(initial: 0.1, reduce: .by(0.6, after: 1), increase: .by(1.7, after: 1), "
        + "within: 1e-4...1, comparing: .relative(0.01), against: .slope(over: 4), cooldown: 1)",
      "plateau(initial: 0.1, reduce: .by(0.7, after: 2), within: 1e-3...1, "
        + "comparing: .absolute(0.1, direction: .maximize), cooldown: 2, "
        + "bestDuringCooldown: .holds)",
    ],
    compared: [
      .init(
        "plateau(initial: rate, reduce: .by(0.5, after: 5), "
          + "watching: .loss(averagedOver: steps/100))", as: "plateau-reduce"),
      .init(
        "plateau(initial: rate, reduce: .by(0.5, after: 5), increase: .by(1.2, "
          + "after: 3), watching: .loss(averagedOver: steps/100))", as: "plateau-both"),
    ], standard: { Plateau(initial: 0.1, reduce: .by(0.5, after: 3)) })
}

extension Plateau {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    reduction = try state.valueOrNone(.reduction)
    increase = try state.valueOrNone(.increase)
    bounds = try state.value(.bounds)
    comparison = try state.value(.comparison)
    reference = try state.value(.reference)
    cooldown = try state.count(.cooldown)
    bestDuringCooldown = try state.value(.bestDuringCooldown)
    compatibility = try state.value(.compatibility)
    learningRate = try state.number(.learningRate)
    badInARow = try state.count(.badInARow)
    improvementsInARow = try state.count(.improvementsInARow)
    reductionsInVain = try state.count(.reductionsInVain)
    badSinceProgress = try state.count(.badSinceProgress)
    cooldownLeft = try state.count(.cooldownLeft, through: cooldown)
    isBest = try state.value(.isBest)
    bestValue = try state.valueOrNone(.bestValue)
    past = try state.value(.past)
    observations = try state.value(.observations)
    bestMoved = try state.value(.bestMoved)
    goesBack = try state.value(.goesBack)
    try state.check(reference.fault)
    try state.expect(
      past.length <= reference.windowLength, .past,
      "the window is longer than that of the reference")
    try state.check(
      Recipe<any LearningRateController>.plateau.fault(
        of: learningRate, reduction, increase, bounds, comparison, reference, cooldown,
        bestDuringCooldown, observations.source))
  }
}
