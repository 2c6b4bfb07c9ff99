/// The product of two controllers: η_t = a_t · b_t. One of them is a rate, the other a factor without
/// a unit, such as a plateau that begins at 1:
///
///     HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-7)
///       .times(Plateau(initial: 1, reduce: .by(0.5, after: 5), watching: .loss(averagedOver: 100)))
///
/// By the chain rule ∂f/∂a = b·∂f/∂η and ∂f/∂b = a·∂f/∂η: each sees the signals of the directions times
/// what the other last applied; for the direction that is yet to be taken, the second sees them times
/// the first's new rate, the first times the second's last one.
///
/// The first decides first. A skip, a retake or a restore of either is one of the product: the other
/// then decides nothing, and is as it was. A product past the largest number is the largest number.
public struct Times<First: LearningRateController, Second: LearningRateController>:
  LearningRateController
{
  public private(set) var first: First
  public private(set) var second: Second
  private var bestIsHere = false

  /// - Precondition: at most one of them keeps the best parameters, or needs a trace.
  public init(_ first: First, _ second: Second) {
    precondition(
      !(first.keepsBest && second.keepsBest), "two factors that each keep their best parameters")
    precondition(
      !(first.needs.containsTrace && second.needs.containsTrace),
      "two factors that each need a trace of their own")
    self.first = first
    self.second = second
  }

  public var needs: StepSignals.Needs { first.needs.union(second.needs) }
  public var learningRate: Double { saturated(first.learningRate * second.learningRate) }

  public var alwaysSteps: Bool { first.alwaysSteps && second.alwaysSteps }
  public var traceDecay: Double {
    first.needs.containsTrace ? first.traceDecay : second.traceDecay
  }
  public var keepsDirection: Bool { first.keepsDirection || second.keepsDirection }
  public var keepsBest: Bool { first.keepsBest || second.keepsBest }
  public var isBest: Bool { bestIsHere }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let (a, b) = (first.learningRate, second.learningRate)
    let before = first
    let decision = first.decide(signals.scaled(previous: b, current: b))
    bestIsHere = first.keepsBest && first.isBest
    switch decision {
    case .skip: return .skip
    case .retake(let rate): return .retake(saturated(rate * b))
    case .restore(let rate): return .restore(saturated(rate * b))
    case .step(let rate):
      let other = second.decide(signals.scaled(previous: a, current: rate))
      if second.keepsBest { bestIsHere = second.isBest }
      if case .step(let factor) = other { return .step(saturated(rate * factor)) }
      first = before
      switch other {
      case .skip: return .skip
      case .retake(let factor): return .retake(saturated(a * factor))
      case .restore(let factor), .step(let factor): return .restore(saturated(a * factor))
      }
    }
  }

  public mutating func project(learningRate: Double) {
    let factor = second.learningRate
    if factor != 0 { first.project(learningRate: saturated(learningRate / factor)) }
  }
}

extension LearningRateController {
  /// This controller's rate times another's.
  public func times<Other: LearningRateController>(_ other: Other) -> Times<Self, Other> {
    Times(self, other)
  }
}

extension Recipe where Product == ControllerModifier {
  static let timesController = Recipe(
    "times", [Parameter("_", .controller, "the other controller, one of them without a unit")],
    summary: "the product of two controllers, such as hypergradient descent and a plateau from 1"
  ) { arguments in
    let other = arguments.controller("_")
    // A function, since Swift 6.3 crashes on a closure that throws an error of its own type here.
    @Sendable func times(
      _ base: any LearningRateController
    ) throws(SpecError) -> any LearningRateController {
      try arguments.product(base, other)
    }
    return times
  }
}

extension Arguments {
  fileprivate func product(
    _ first: any LearningRateController, _ second: any LearningRateController
  ) throws(SpecError) -> any LearningRateController {
    if first.keepsBest && second.keepsBest {
      throw error("both factors of 'times' keep their best parameters")
    }
    if first.needs.containsTrace && second.needs.containsTrace {
      throw error("both factors of 'times' need a trace of their own")
    }
    func open<A: LearningRateController, B: LearningRateController>(
      _ first: A, _ second: B
    ) -> any LearningRateController {
      first.times(second)
    }
    return open(first, second)
  }
}
