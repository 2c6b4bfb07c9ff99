/// Changes the learning rate when a metric stops improving, or keeps improving.
///
///     var plateau = Plateau(
///       initial: 0.1, reduce: .by(0.5, after: 5), increase: .by(1.2, after: 3), within: 1e-6...1)
///     plateau.observe(validationLoss)
///     plateau.learningRate
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
/// parameters whenever ``isBest`` is true after `decide`, the decision is `.restore(η)`: put the copy
/// in their place, discard this gradient and go on with η. The best is one by the margin of
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
  /// Where observations come from.
  public enum Source: Sendable, Codable, Equatable {
    /// ``StepSignals/metric``, at the steps that have one.
    case metric
    /// The mean of this many minibatch losses in a row, added in their order, is one observation.
    case loss(averagedOver: Int)
  }

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
  public let compatibility: Compatibility

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
  public private(set) var isBest = false
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
  ///   - cooldown: observations to ignore after an action; at least 0.
  /// - Precondition: the above; an increase after reductions needs a reduction, and losses are
  ///   averaged over at least 1.
  public init(
    initial: Double, reduce: Reduction? = nil, increase: Increase? = nil,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    comparing comparison: Comparison = .relative(1e-4), against reference: Reference = .best,
    cooldown: Int = 0, bestDuringCooldown: BestDuringCooldown = .moves,
    watching source: Source = .metric
  ) {
    self.init(
      initial: initial, reduce: reduce, increase: increase, within: bounds, comparing: comparison,
      against: reference, cooldown: cooldown, bestDuringCooldown: bestDuringCooldown,
      watching: source,
      compatibility: .contract)
  }

  init(
    initial: Double, reduce: Reduction?, increase: Increase?, within bounds: ClosedRange<Double>,
    comparing comparison: Comparison, against reference: Reference = .best, cooldown: Int,
    bestDuringCooldown: BestDuringCooldown, watching source: Source, compatibility: Compatibility
  ) {
    precondition(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not finite and at least 0")
    precondition(
      bounds.contains(initial), "the initial learning rate \(initial) is outside \(bounds)")
    precondition(cooldown >= 0, "the cooldown is \(cooldown), not at least 0")
    if case .reductionsInVain = increase?.occasion {
      precondition(reduce != nil, "an increase after reductions needs a reduction")
    }
    reference.check()
    self.reduction = reduce
    self.increase = increase
    self.bounds = bounds
    self.comparison = comparison
    self.reference = reference
    self.cooldown = cooldown
    self.bestDuringCooldown = bestDuringCooldown
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
      if let increase, case .reductionsInVain(let count) = increase.occasion,
        reductionsInVain >= count
      {
        return raise(by: increase.factor)
      }
      return lower(by: reduction.factor)
    }
    guard let increase else { return .none }
    let isOccasion =
      switch increase.occasion {
      case .improvementsInARow(let count): improvementsInARow >= count
      case .badObservations(let count): badSinceProgress >= count
      case .reductionsInVain: false
      }
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

  public var needs: StepSignals.Needs { observations.needs }

  public var alwaysSteps: Bool { !keepsBest }

  public var keepsBest: Bool { reduction?.start == .best }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    look(signals)
    return conclude()
  }

  /// The observation of a step, if it has one.
  @discardableResult
  mutating func look(_ signals: StepSignals) -> Action {
    observations.next(signals).map { observe($0) } ?? .none
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
    let inside = min(max(learningRate, bounds.lowerBound), bounds.upperBound)
    self.learningRate = compatibility.stored(inside)
  }
}
