/// Turns a few scalars into a learning rate; never sees a vector.
///
/// η is always finite and, unless the controller was asked for an unbounded form, not negative.
public protocol LearningRateController: Sendable, Codable {
  /// The signals that ``decide(_:)`` reads.
  var needs: StepSignals.Needs { get }

  /// The rate decided last; before the first step, the initial one.
  var learningRate: Double { get }

  /// Whether every decision is a step, never a skip or a retake: runs of such controllers may
  /// advance together, see ``OptimizerCohort``.
  var alwaysSteps: Bool { get }

  /// d of the trace T_t = d·T_{t−1} + u_t that ``StepSignals/traceAlignment`` and
  /// ``StepSignals/traceNorm`` are of, in [0, 1]; read after each decision, for the step decided.
  var traceDecay: Double { get }

  /// Whether the controller may decide to restore, so that a copy of the best parameters is kept.
  var keepsBest: Bool { get }

  /// After a decision: whether the parameters that it was made at are the best so far. They are
  /// copied before the step.
  var isBest: Bool { get }

  /// Decides about this step. Call it once a step, before the parameters move.
  mutating func decide(_ signals: StepSignals) -> StepDecision

  /// Takes over a rate that a bound around this controller put in place of its own, so that its
  /// state does not stick outside the bound.
  mutating func project(learningRate: Double)
}

extension LearningRateController {
  public var alwaysSteps: Bool { false }
  @inlinable public var traceDecay: Double { 0 }
  @inlinable public var keepsBest: Bool { false }
  @inlinable public var isBest: Bool { false }

  /// The learning rate of this step, for trainers whose controllers always step.
  ///
  /// - Precondition: the decision is a step.
  public mutating func learningRate(for signals: StepSignals) -> Double {
    guard case .step(let learningRate) = decide(signals) else {
      preconditionFailure(
        "this controller may skip, retake or restore: call decide(_:) and handle each case")
    }
    return learningRate
  }

  public mutating func project(learningRate: Double) {}
}

/// What a controller decides about one step.
public enum StepDecision: Sendable, Equatable {
  /// θ_t = θ_{t−1} − η·u_t.
  case step(Double)
  /// θ and the rule's state stay, this gradient is discarded; not for a controller that needs the
  /// new direction, since the rule has moved to make it.
  case skip
  /// The last step again with another rate: θ += (η_{t−1} − η)·u_{t−1}; this gradient is
  /// discarded.
  case retake(Double)
  /// θ becomes the copy of the best parameters, or stays where there is none yet; this gradient is
  /// discarded and the rule's state stays. There is no last direction any more: the next alignment is
  /// zero. The number is the rate from here on. Only for a controller that ``LearningRateController/keepsBest``.
  case restore(Double)
}
