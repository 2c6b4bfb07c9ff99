/// Where an optimizer is: what its steps have counted, and what the next one must know of the last.
@usableFromInline struct OptimizerProgress: Sendable {
  @usableFromInline var stepCount = 0
  @usableFromInline var stepCounts = StepCounts()
  /// Steps skipped, retaken or restored that no schedule counts, since their gradient or loss was not
  /// finite.
  @usableFromInline var uncountedSteps = 0
  @usableFromInline var learningRate: Double
  /// Whether the direction in memory is u_{t−1}.
  @usableFromInline var hasDirection = false
  /// Whether the best parameters in memory are a copy.
  @usableFromInline var hasBest = false
  /// ⟨u_{t−1}, g_{t−1}⟩, where it is needed.
  @usableFromInline var directionAlignment = 0.0
  /// Of a step that a guard has refused.
  @usableFromInline var missedMetric = MissedMetric()

  @inlinable init(learningRate: Double) { self.learningRate = learningRate }
}
