/// Where an optimizer is: what its steps have counted, and what the next one must know of the last.
@usableFromInline struct OptimizerProgress: Sendable {
  @usableFromInline var stepCount = 0
  @usableFromInline var skippedSteps = 0
  @usableFromInline var retakenSteps = 0
  @usableFromInline var restoredSteps = 0
  @usableFromInline var learningRate: Double
  /// Whether the direction in memory is u_{t−1}.
  @usableFromInline var hasDirection = false
  /// Whether the best parameters in memory are a copy.
  @usableFromInline var hasBest = false
  /// ⟨u_{t−1}, g_{t−1}⟩, where it is needed.
  @usableFromInline var directionAlignment = 0.0

  @inlinable init(learningRate: Double) { self.learningRate = learningRate }

  /// Steps that moved along a direction of their own.
  @inlinable var ruleSteps: Int { stepCount - skippedSteps - retakenSteps - restoredSteps }
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
  /// ⟨u_{t−1}, g_{t−1}⟩, ⟨T_{t−1}, g_t⟩ and ‖T_{t−1}‖, in one register.
  @usableFromInline var traces = SIMD4<Double>.zero

  @inlinable init() {}
}
