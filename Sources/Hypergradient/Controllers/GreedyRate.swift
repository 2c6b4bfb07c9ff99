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
  /// φ ∈ (0, 1).
  public let factor: Double
  /// n, in observations; at least 1.
  public let patience: Int
  /// η_min and η_max.
  public let bounds: ClosedRange<Double>
  public let comparison: Plateau.Comparison
  /// Observations in a mean; 1 for none.
  public let window: Int
  /// c, in observations.
  public let cooldown: Int
  /// w, in observations.
  public let warmup: Int
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
  ///   - initial: the rate at the start, greater than 0 and within `bounds`.
  ///   - bounds: finite and at least 0; initial/1000...10·initial by default.
  ///   - window: observations in a mean, at least 1.
  /// - Precondition: the above, and the numbers are in their ranges.
  public init(
    initial: Double, factor: Double = 0.95, patience: Int = 10,
    within bounds: ClosedRange<Double>? = nil,
    comparing comparison: Plateau.Comparison = .relative(1e-6), smoothedOver window: Int = 1,
    cooldown: Int = 0, warmup: Int = 0, restartAfter: Int? = nil,
    watching source: Plateau.Source = .metric
  ) {
    precondition(initial > 0 && initial.isFinite, "initial is \(initial), not greater than 0")
    let bounds = bounds ?? Self.usualBounds(initial)
    precondition(
      bounds.contains(initial), "the initial learning rate \(initial) is outside \(bounds)")
    self.init(
      initial: initial, factor: factor, patience: patience, within: bounds, comparing: comparison,
      smoothedOver: window, cooldown: cooldown, warmup: warmup, restartAfter: restartAfter,
      watching: source, form: Form())
  }

  init(
    initial: Double, factor: Double, patience: Int, within bounds: ClosedRange<Double>,
    comparing comparison: Plateau.Comparison, smoothedOver window: Int, cooldown: Int, warmup: Int,
    restartAfter: Int?, watching source: Plateau.Source, form: Form
  ) {
    precondition(factor > 0 && factor < 1, "the factor is \(factor), not in (0, 1)")
    precondition(patience >= 1, "the patience is \(patience), not at least 1")
    precondition(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not finite and at least 0")
    precondition(window >= 1, "a mean of \(window) observations: there is to be at least 1")
    precondition(cooldown >= 0 && warmup >= 0, "cooldown and warmup are to be at least 0")
    precondition(restartAfter ?? 1 >= 1, "a restart after \(restartAfter ?? 0) reductions")
    self.initial = initial
    self.factor = factor
    self.patience = patience
    self.bounds = bounds
    self.comparison = comparison
    self.window = window
    self.cooldown = cooldown
    self.warmup = warmup
    self.restartAfter = restartAfter
    self.form = form
    learningRate = initial
    observations = Observations(source)
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
    guard window > 1, form.keepsSum || x.isFinite else { return x }
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

  public var needs: StepSignals.Needs { observations.needs }

  public var alwaysSteps: Bool { true }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    if let x = observations.next(signals) { observe(x) }
    return .step(learningRate)
  }

  public mutating func project(learningRate: Double) {
    self.learningRate = min(max(learningRate, bounds.lowerBound), bounds.upperBound)
  }
}
