package import HypergradientRecipes

/// A controller whose rate, and whose state, stays within bounds.
///
/// A rate outside them is replaced by the nearer bound and given back to the controller as its
/// state, so that it does not stick outside.
public struct Clamped<Base: LearningRateController>: LearningRateController {
  public private(set) var base: Base
  public let bounds: ClosedRange<Double>
  public private(set) var learningRate: Double

  /// - Precondition: the bounds are finite and at least 0.
  public init(_ base: Base, to bounds: ClosedRange<Double>) {
    Recipe<Modifier<any LearningRateController>>.clamped.check(bounds)
    (self.base, self.bounds) = (base, bounds)
    learningRate = bounds.nearest(to: base.learningRate)
    if learningRate != base.learningRate { self.base.hold(learningRate: learningRate) }
  }

  public var requirements: ControllerRequirements {
    var all = base.requirements
    all.bounds = bounds
    return all
  }
  public var takesRate: Bool { base.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    base.decide(signals).mapRate { rate in
      learningRate = bounded(rate)
      return learningRate
    }
  }

  public mutating func project(learningRate: Double) {
    self.learningRate = bounded(learningRate)
    base.project(learningRate: self.learningRate)
  }

  public mutating func begin(learningRate: Double) {
    base.begin(learningRate: bounds.nearest(to: learningRate))
    self.learningRate = bounds.nearest(to: base.learningRate)
  }

  public mutating func hold(learningRate: Double) {
    self.learningRate = bounds.nearest(to: learningRate)
    base.hold(learningRate: self.learningRate)
  }

  private mutating func bounded(_ rate: Double) -> Double {
    let inside = bounds.nearest(to: rate)
    if inside != rate { base.hold(learningRate: inside) }
    return inside
  }
}

extension LearningRateController {
  /// This controller within bounds.
  public func clamped(to bounds: ClosedRange<Double>) -> Clamped<Self> {
    Clamped(self, to: bounds)
  }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  package static let clamped = Recipe(
    "clamped",
    { (bounds: ClosedRange<Double>) in
      Modifier { base in
        func open<C: LearningRateController>(_ base: C) -> any LearningRateController {
          base.clamped(to: bounds)
        }
        return open(base)
      }
    },
    .range("to", nil, "the bounds, finite and at least 0"),
    unless: { bounds in
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite
        ? nil : "the bounds of 'clamped' are to be finite and at least 0"
    },
    summary: "a controller whose rate stays within bounds",
    examples: ["hypergradient(initial: 0.1, hyperLearningRate: 0.05).clamped(to: 0.05...0.2)"])
}

extension Clamped {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    bounds = try state.value(.bounds)
    try state.check(Recipe<Modifier<any LearningRateController>>.clamped.fault(of: bounds))
    learningRate = try state.number(
      .learningRate, in: .between(bounds.lowerBound, bounds.upperBound))
  }
}
