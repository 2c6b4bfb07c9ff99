/// A fixed learning rate.
public struct Constant: LearningRateController, Equatable {
  public private(set) var learningRate: Double

  /// - Precondition: `learningRate` is finite and at least 0.
  public init(_ learningRate: Double) {
    precondition(
      learningRate.isFinite && learningRate >= 0,
      "the learning rate is \(learningRate), not a number of at least 0")
    self.learningRate = learningRate
  }

  @inlinable public var needs: StepSignals.Needs { [] }

  public var alwaysSteps: Bool { true }

  @inlinable
  public mutating func decide(_ signals: StepSignals) -> StepDecision { .step(learningRate) }

  public mutating func project(learningRate: Double) { self.learningRate = learningRate }
}

extension Recipe where Product == any LearningRateController {
  static let constant = Recipe(
    "constant", [Parameter("_", .number(.atLeast(0)), "the learning rate")],
    summary: "a fixed learning rate"
  ) { arguments in Constant(arguments.number("_")) }
}
