package import HypergradientRecipes

/// The product of two controllers: η_t = a_t · b_t. One of them is a rate, the other a factor without
/// a unit, such as a plateau that begins at 1:
///
/// ```swift
/// let control = HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-7)
///   .times(Plateau(initial: 1, reduce: .by(0.5, after: 5), watching: .loss(averagedOver: 100)))
/// ```
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
  /// The first's rate before the last decision; no part of a checkpoint.
  private var rateBefore: Double?

  private enum CodingKeys: CodingKey { case first, second, bestIsHere }

  /// - Precondition: at most one of them keeps the best parameters, or needs a trace; where one
  ///   looks at the new direction, both always step; and both do not watch a metric in opposite
  ///   directions.
  public init(_ first: First, _ second: Second) {
    if let fault = Self.fault(first, second) { stop(fault) }
    (self.first, self.second) = (first, second)
  }

  /// Why two controllers can't be factors of one product.
  static func fault(_ first: First, _ second: Second) -> String? {
    let (a, b) = (first.requirements, second.requirements)
    if a.joined(with: b).fault != nil {
      return "one factor of 'times' looks at the new direction before it steps, and the other may "
        + "skip a step, take it again or go back"
    }
    if a.keepsBest && b.keepsBest { return "both factors of 'times' keep their best parameters" }
    if a.signals.containsTrace && b.signals.containsTrace {
      return "both factors of 'times' need a trace of their own"
    }
    if let one = a.metricDirection, let other = b.metricDirection, one != other {
      return "one factor of 'times' watches a metric that is to fall, and the other one that is to "
        + "rise"
    }
    return nil
  }

  public var requirements: ControllerRequirements {
    var both = first.requirements.joined(with: second.requirements)
    both.isBest = bestIsHere
    return both
  }
  public var learningRate: Double { saturated(first.learningRate * second.learningRate) }
  public var takesRate: Bool { second.learningRate != 0 && first.takesRate }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let (a, b) = (first.learningRate, second.learningRate)
    let before = first
    rateBefore = a
    let decision = first.decide(signals.scaled(previous: b, current: b))
    bestIsHere = first.requirements.isBest
    guard case .step(let rate) = decision else { return decision.mapRate { saturated($0 * b) } }
    let other = second.decide(signals.scaled(previous: a, current: rate))
    if second.requirements.keepsBest { bestIsHere = second.requirements.isBest }
    if case .step(let factor) = other { return .step(saturated(rate * factor)) }
    first = before
    return other.mapRate { saturated(a * $0) }
  }

  public mutating func project(learningRate: Double) {
    let factor = second.learningRate
    if factor != 0 { first.project(learningRate: saturated(learningRate / factor)) }
  }

  public mutating func begin(learningRate: Double) { first.begin(learningRate: learningRate) }

  public mutating func hold(learningRate: Double) {
    let factor = second.learningRate
    guard factor != 0, let rateBefore else { return }
    first.hold(saturated(learningRate / factor), movedFrom: rateBefore)
  }
}

extension LearningRateController {
  /// This controller's rate times another's.
  public func times<Other: LearningRateController>(_ other: Other) -> Times<Self, Other> {
    Times(self, other)
  }
}

extension Recipe where Product == Modifier<any LearningRateController> {
  package static let timesController = Recipe(
    "times",
    { (other: any LearningRateController) in Modifier(refusing: { product($0, other) }) },
    .controller("_", "the other controller, one of them without a unit"),
    summary: "the product of two controllers, such as hypergradient descent and a plateau from 1",
    examples: [
      "hypergradient(initial: 0.1, hyperLearningRate: 0.01)"
        + ".times(plateau(initial: 1, reduce: .by(0.5, after: 3, from: .best), within: 0.01...1))",
      "boldDriver(initial: 0.1, within: 1e-6...10)"
        + ".times(plateau(initial: 1, reduce: .by(0.5, after: 3, from: .best), within: 0.01...1, "
        + "watching: .metric))",
    ])
}

private func product(
  _ first: any LearningRateController, _ second: any LearningRateController
) -> Result<any LearningRateController, Refusal> {
  func open<A: LearningRateController, B: LearningRateController>(
    _ a: A, _ b: B
  ) -> Result<any LearningRateController, Refusal> {
    Times<A, B>.fault(a, b).map { .failure(Refusal($0)) } ?? .success(a.times(b))
  }
  return open(first, second)
}

extension Times {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    first = try state.value(.first)
    second = try state.value(.second)
    bestIsHere = try state.value(.bestIsHere)
    try state.check(Self.fault(first, second))
  }
}
