public import Hypergradient
public import HypergradientRecipes

/// A part of the parameters with an optimizer of its own: its rule, its rate, its bounds.
public struct TrainingGroup<Scalar: ParameterScalar>: Sendable {
  public let name: String
  /// Which parameters.
  public let range: Range<Int>
  /// In which every applied rate stays; `nil` for none.
  public let bounds: ClosedRange<Double>?
  /// Whether its parameters stay where they are. Its optimizer and its schedules then wait.
  public internal(set) var isFrozen: Bool
  /// Its controller is one around the one that was given, by which callbacks scale the rate.
  public internal(set) var optimizer: AnyOptimizer<Scalar>
  /// The text with its values, or else the types, of the optimizer.
  let kind: String

  /// - Parameters:
  ///   - optimizer: of as many parameters as the range has. One that has taken steps goes on with its
  ///     rule's state and its controller; its last direction is not taken over.
  ///   - bounds: finite and at least 0.
  /// - Throws: ``Refusal`` where the optimizer is of another number of parameters, or the bounds are
  ///   none.
  public init(
    _ name: String, _ range: Range<Int>, _ optimizer: AnyOptimizer<Scalar>,
    within bounds: ClosedRange<Double>? = nil, isFrozen: Bool = false
  ) throws(Refusal) {
    guard optimizer.parameterCount == range.count else {
      throw Refusal(
        "group '\(name)' has \(range.count) parameters, and its optimizer was made for "
          + "\(optimizer.parameterCount)")
    }
    if let bounds, !(bounds.lowerBound >= 0 && bounds.upperBound.isFinite) {
      throw Refusal("group '\(name)': the bounds \(bounds) are not finite and at least 0")
    }
    self.name = name
    self.range = range
    self.bounds = bounds
    self.isFrozen = isFrozen
    kind = optimizer.textAndValues ?? optimizer.typeName
    let controller = optimizer.controller
    self.optimizer = Self.steered(optimizer, controller, bounds)
  }

  private static func steered<C: LearningRateController>(
    _ optimizer: AnyOptimizer<Scalar>, _ controller: C, _ bounds: ClosedRange<Double>?
  ) -> AnyOptimizer<Scalar> {
    optimizer.under(GroupRate(controller, within: bounds))
  }

  /// The rate that its next step would begin from.
  public var learningRate: Double { optimizer.controller.learningRate }

  mutating func setRate(_ rate: Double) { steer { $0.setRate(rate) } }
  mutating func scaleRate(by factor: Double) { steer { $0.scaleRate(by: factor) } }

  /// Takes an earlier state of its optimizer; what scales the rate stays.
  mutating func takeBack(_ earlier: AnyOptimizer<Scalar>) {
    let factor = (optimizer.controller as? any SteeredController)?.factor ?? 1
    optimizer = earlier
    steer { $0.scaleRate(by: factor / $0.factor) }
  }

  private mutating func steer(_ change: (inout any SteeredController) -> Void) {
    optimizer.changeController { controller in
      guard var steered = controller as? any SteeredController else { return }
      change(&steered)
      controller = steered
    }
  }
}

/// A controller whose rate a trainer sets and scales.
protocol SteeredController: LearningRateController {
  var factor: Double { get }
  mutating func setRate(_ rate: Double)
  mutating func scaleRate(by factor: Double)
}

/// η = base · factor, within the bounds; with a factor of 1, the base's bits.
struct GroupRate<Base: LearningRateController>: SteeredController {
  private(set) var base: Base
  private(set) var factor = 1.0
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

  mutating func decide(_ signals: StepSignals) -> StepDecision {
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
    base.project(learningRate: self.learningRate / factor)
  }

  mutating func begin(learningRate: Double) {
    base.begin(learningRate: learningRate / factor)
    self.learningRate = bounded(base.learningRate * factor)
  }

  mutating func hold(learningRate: Double) {
    self.learningRate = bounded(learningRate)
    base.hold(learningRate: self.learningRate / factor)
  }

  /// The base takes it over, or, where it does not follow, as a schedule, the factor makes it so.
  mutating func setRate(_ rate: Double) {
    let before = base.learningRate
    base.project(learningRate: rate / factor)
    if base.learningRate == before, before * factor != rate, before > 0 { factor = rate / before }
    learningRate = bounded(base.learningRate * factor)
  }

  mutating func scaleRate(by factor: Double) {
    self.factor = min(max(self.factor * factor, .leastNormalMagnitude), .greatestFiniteMagnitude)
    learningRate = bounded(base.learningRate * self.factor)
  }

  private mutating func applied(_ rate: Double) -> Double {
    learningRate = bounded(factor == 1 ? rate : rate * factor)
    return learningRate
  }

  private mutating func bounded(_ rate: Double) -> Double {
    let most = Double.greatestFiniteMagnitude
    guard let bounds else { return min(max(rate, -most), most) }
    let inside = bounds.nearest(to: rate)
    if inside != rate { base.hold(learningRate: inside / factor) }
    return inside
  }
}
