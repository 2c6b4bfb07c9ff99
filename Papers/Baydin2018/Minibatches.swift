internal import Hypergradient
internal import HypergradientTraining
internal import Tasks

/// The minibatches of a seed or of the reference code, a block of steps at a time.
final class Minibatches {
  private let task: DenseClassification<Float>
  private let seed: Int
  private let reference: ReferenceSeed?
  private var draws = Draws<Float>(steps: 0..<0)

  init(_ task: DenseClassification<Float>, seed: Int, as reference: ReferenceSeed?) {
    (self.task, self.seed, self.reference) = (task, seed, reference)
  }

  /// The steps from one on that are drawn at once; within an epoch.
  func block(from first: Int) -> Range<Int> { drawn(at: first).steps }

  func drawn(at step: Int) -> Draws<Float> {
    if draws.steps.contains(step) { return draws }
    let perEpoch = task.stepsPerEpoch!
    let epoch = step / perEpoch
    let steps = step..<min((epoch + 1) * perEpoch, step + task.stepsPerBlock)
    draws =
      reference?.draws(epoch: epoch, steps: steps, stepsPerEpoch: perEpoch)
      ?? task.draws(seed: seed, steps: steps)
    return draws
  }
}

/// The classification as what a trainer trains; the test examples are its validation.
struct MinibatchProblem: TrainingProblem {
  let task: DenseClassification<Float>
  let batches: Minibatches
  private var scratch: [Float]

  init(task: DenseClassification<Float>, batches: Minibatches) {
    (self.task, self.batches) = (task, batches)
    scratch = [Float](repeating: 0, count: task.scratchCount)
  }

  var parameterCount: Int { task.dimension }
  var batchesPerEpoch: Int? { task.stepsPerEpoch }
  var hasValidation: Bool { true }

  /// Every draw is the batch itself.
  mutating func gradient(
    at point: UnsafeBufferPointer<Float>, batch: Int, draw: Int,
    into gradient: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    task.gradient(
      at: point.baseAddress!, step: batch, draws: batches.drawn(at: batch),
      into: gradient.baseAddress!, scratch: &scratch)
  }

  mutating func validation(at point: UnsafeBufferPointer<Float>) -> ValidationScore? {
    task.heldOutScore(at: point.baseAddress!, scratch: &scratch).map {
      ValidationScore(loss: $0.loss, accuracy: $0.accuracy)
    }
  }
}
