internal import Hypergradient

/// What a trainer multiplies a controller's rate with.
struct RateScale: Sendable, Codable, Equatable {
  private(set) var factor = 1.0
  /// Whether the rate was set to 0, until it is set again.
  var isStopped = false

  /// The factor, or 0.
  var applied: Double { isStopped ? 0 : factor }

  mutating func set(_ factor: Double) {
    self.factor = min(max(factor, .leastNormalMagnitude), .greatestFiniteMagnitude)
  }
}

/// A controller whose rate a trainer sets and scales.
protocol SteeredController: LearningRateController {
  var scale: RateScale { get set }
  mutating func setRate(_ rate: Double)
  mutating func scaleRate(by factor: Double)
}

/// η = base · factor, within the base's own clamp and then within the bounds; with a factor of 1, the
/// base's bits.
struct GroupRate<Base: LearningRateController>: SteeredController {
  private(set) var base: Base
  var scale = RateScale() { didSet { learningRate = bounded(base.learningRate * scale.applied) } }
  /// The one that the last step applied.
  private var lastFactor = 1.0
  let bounds: ClosedRange<Double>?
  private(set) var learningRate: Double

  init(_ base: Base, within bounds: ClosedRange<Double>?) {
    self.base = base
    self.bounds = bounds
    learningRate = base.learningRate
    learningRate = bounded(learningRate)
  }

  var requirements: ControllerRequirements { base.requirements }
  var takesRate: Bool { base.takesRate }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    let factor = scale.applied
    let isPlain = factor == 1 && lastFactor == 1
    let decision = base.decide(
      isPlain ? signals : signals.scaled(previous: lastFactor, current: factor))
    lastFactor = factor
    switch decision {
    case .step(let rate): return .step(applied(rate))
    case .skip: return .skip
    case .retake(let rate): return .retake(applied(rate))
    case .restore(let rate): return .restore(applied(rate))
    }
  }

  mutating func project(learningRate: Double) {
    self.learningRate = bounded(learningRate)
    if !scale.isStopped { base.project(learningRate: self.learningRate / scale.factor) }
  }

  mutating func begin(learningRate: Double) {
    if !scale.isStopped { base.begin(learningRate: learningRate / scale.factor) }
    self.learningRate = bounded(base.learningRate * scale.applied)
  }

  mutating func hold(learningRate: Double) {
    self.learningRate = bounded(learningRate)
    if !scale.isStopped { base.hold(learningRate: self.learningRate / scale.factor) }
  }

  /// The base takes it over, within its bounds, or, where it takes none, as a schedule, the scale makes
  /// it so.
  mutating func setRate(_ rate: Double) {
    var scale = scale
    if base.takesRate {
      base.project(learningRate: min(rate / scale.factor, .greatestFiniteMagnitude))
      scale.isStopped = false
    } else {
      scale.isStopped = rate == 0
      if rate > 0, base.learningRate > 0 { scale.set(rate / base.learningRate) }
    }
    self.scale = scale
  }

  mutating func scaleRate(by factor: Double) { scale.set(scale.factor * factor) }

  private mutating func applied(_ rate: Double) -> Double {
    learningRate = bounded(scale.applied == 1 ? rate : rate * scale.applied)
    return learningRate
  }

  private mutating func bounded(_ rate: Double) -> Double {
    let most = Double.greatestFiniteMagnitude
    let wanted = min(max(rate, -most), most)
    var inside = wanted
    if scale.applied != 1, let own = base.requirements.bounds { inside = own.nearest(to: inside) }
    if let bounds { inside = bounds.nearest(to: inside) }
    if inside != wanted, !scale.isStopped { base.hold(learningRate: inside / scale.factor) }
    return inside
  }
}
