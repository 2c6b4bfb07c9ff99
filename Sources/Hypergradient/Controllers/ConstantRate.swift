public import HypergradientRecipes

/// A fixed learning rate.
public struct ConstantRate: LearningRateController, Equatable {
  public private(set) var learningRate: Double

  public init(_ learningRate: Double) {
    self.learningRate = learningRate
    checkDeclared()
  }

  public var requirements: ControllerRequirements { ControllerRequirements() }

  @inlinable
  public mutating func decide(_ signals: StepSignals) -> StepDecision { .step(learningRate) }

  public mutating func project(learningRate: Double) { self.learningRate = learningRate }
}

extension ConstantRate: Declared {
  public static var recipe: Recipe<ConstantRate> {
    Recipe(
      "constant", ConstantRate.init(_:),
      .number(
        "_", \.learningRate, in: .atLeast(0), unit: "learning rate", "the learning rate"),
      summary: "a fixed learning rate", examples: ["constant(0.1)"],
      compared: [.init("constant(rate)", as: "fixed")], standard: { ConstantRate(0.1) }
    )
  }
}
