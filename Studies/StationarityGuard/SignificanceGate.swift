public import Hypergradient

/// A guard that was tried and is not in the library: multiplicative hypergradient descent that moves
/// once a window, and only where the mean cosine is more than `threshold` standard errors from zero.
///
///     α ← α (1 + β c̄)ⁿ where |c̄| > z·s/√n
public struct SignificanceGate: LearningRateController {
  let hyperLearningRate: Double
  let window: Int
  let threshold: Double
  public private(set) var learningRate: Double
  private var (count, sum, squares) = (0, 0.0, 0.0)

  public init(initial: Double, hyperLearningRate: Double, window: Int, threshold: Double) {
    learningRate = initial
    self.hyperLearningRate = hyperLearningRate
    self.window = window
    self.threshold = threshold
  }

  public var requirements: ControllerRequirements {
    ControllerRequirements(signals: [.alignment, .gradientNorm, .previousDirectionNorm])
  }

  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    let size = signals.gradientNorm * signals.previousDirectionNorm
    guard size > 0, size.isFinite, signals.alignment.isFinite else { return .step(learningRate) }
    let cosine = signals.alignment / size
    count += 1
    sum += cosine
    squares += cosine * cosine
    if count == window {
      let n = Double(count)
      let mean = sum / n
      let error = (max(0, squares / n - mean * mean) / n).squareRoot()
      if mean.magnitude > threshold * error {
        for _ in 0..<count { learningRate *= 1 + hyperLearningRate * mean }
      }
      (count, sum, squares) = (0, 0, 0)
    }
    return .step(learningRate)
  }
}
