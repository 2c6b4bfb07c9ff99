/// Where an optimizer is: what its steps have counted, and what the next one must know of the last.
@usableFromInline struct OptimizerProgress: Sendable {
  @usableFromInline var stepCount = 0
  @usableFromInline var skippedSteps = 0
  @usableFromInline var retakenSteps = 0
  @usableFromInline var learningRate: Double
  /// Whether the direction in memory is u_{t−1}.
  @usableFromInline var hasDirection = false

  @inlinable init(learningRate: Double) { self.learningRate = learningRate }

  /// Steps that moved along a direction of their own.
  @inlinable var ruleSteps: Int { stepCount - skippedSteps - retakenSteps }
}

/// The sums over whole vectors that a step has taken.
@usableFromInline struct StepFacts {
  @usableFromInline var alignment = 0.0
  @usableFromInline var gradientNorm = 0.0
  /// ‖∇f‖, without the penalty.
  @usableFromInline var rawGradientNorm = Double.nan
  @usableFromInline var previousDirectionNorm = 0.0
  @usableFromInline var directionAlignment = 0.0
  @usableFromInline var directionNorm = 0.0

  @inlinable init() {}
}
