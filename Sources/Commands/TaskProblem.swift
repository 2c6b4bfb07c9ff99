internal import Experiments
internal import Hypergradient
internal import HypergradientTraining
internal import Tasks

/// A task as what a trainer trains: batch n is what a run with this seed sees at step n.
struct TaskProblem<T: BenchmarkTask>: TrainingProblem {
  typealias Scalar = T.Scalar

  let task: T
  let seed: Int
  let hasValidation: Bool
  private let scratch: Scratch
  /// By draw: blocks of steps.
  private var draws: [Int: Draws<Scalar>] = [:]

  init(_ task: T, seed: Int) {
    self.task = task
    self.seed = seed
    scratch = Scratch(count: task.scratchCount)
    hasValidation = task.hasHeldOutExamples
  }

  var parameterCount: Int { task.dimension }
  var batchesPerEpoch: Int? { task.stepsPerEpoch }

  mutating func gradient(
    at point: UnsafeBufferPointer<Scalar>, batch: Int, draw: Int,
    into gradient: UnsafeMutableBufferPointer<Scalar>
  ) -> Double {
    if draws[draw]?.steps.contains(batch) != true {
      let count = draw == 0 ? max(1, task.stepsPerBlock) : 1
      draws[draw] = task.draws(seed: drawSeed(draw, of: seed), steps: batch..<(batch + count))
    }
    return task.gradient(
      at: point.baseAddress!, step: batch, draws: draws[draw]!, into: gradient.baseAddress!,
      scratch: scratch.base)
  }

  mutating func validation(at point: UnsafeBufferPointer<Scalar>) -> ValidationScore? {
    task.heldOutScore(at: point.baseAddress!, scratch: scratch.base).map {
      ValidationScore(loss: $0.loss, accuracy: $0.accuracy)
    }
  }

  /// The exact loss after so many steps.
  func exactLoss(at point: [Scalar], step: Int) -> Double {
    point.withUnsafeBufferPointer {
      task.loss(at: $0.baseAddress!, step: step, scratch: scratch.base)
    }
  }

  private final class Scratch {
    let base: UnsafeMutablePointer<Scalar>
    init(count: Int) {
      base = .allocate(capacity: max(1, count))
      base.initialize(repeating: 0, count: max(1, count))
    }
    deinit { base.deallocate() }
  }
}
