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
    precondition(
      bounds.lowerBound >= 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not finite and at least 0")
    self.base = base
    self.bounds = bounds
    learningRate = min(max(base.learningRate, bounds.lowerBound), bounds.upperBound)
    if learningRate != base.learningRate { self.base.project(learningRate: learningRate) }
  }

  public var needs: StepSignals.Needs { base.needs }

  public var alwaysSteps: Bool { base.alwaysSteps }
  public var traceDecay: Double { base.traceDecay }
  public var keepsBest: Bool { base.keepsBest }
  public var isBest: Bool { base.isBest }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let decision = base.decide(signals)
    switch decision {
    case .step(let rate):
      learningRate = bounded(rate)
      return .step(learningRate)
    case .skip:
      return .skip
    case .retake(let rate):
      learningRate = bounded(rate)
      return .retake(learningRate)
    case .restore(let rate):
      learningRate = bounded(rate)
      return .restore(learningRate)
    }
  }

  public mutating func project(learningRate: Double) {
    self.learningRate = bounded(learningRate)
    base.project(learningRate: self.learningRate)
  }

  private mutating func bounded(_ rate: Double) -> Double {
    let inside = min(max(rate, bounds.lowerBound), bounds.upperBound)
    if inside != rate { base.project(learningRate: inside) }
    return inside
  }
}

extension LearningRateController {
  /// This controller within bounds.
  public func clamped(to bounds: ClosedRange<Double>) -> Clamped<Self> {
    Clamped(self, to: bounds)
  }
}

extension Recipe where Product == ControllerModifier {
  static let clamped = Recipe(
    "clamped", [Parameter("to", .range, "the bounds, finite and at least 0")],
    summary: "a controller whose rate stays within bounds"
  ) { arguments throws(SpecError) in
    let bounds = arguments.range("to")
    guard bounds.lowerBound >= 0, bounds.upperBound.isFinite else {
      throw arguments.error("the bounds of 'clamped' are to be finite and at least 0")
    }
    return { base in
      func open<C: LearningRateController>(_ base: C) -> any LearningRateController {
        base.clamped(to: bounds)
      }
      return open(base)
    }
  }
}
