internal import Hypergradient
internal import Tasks

/// Asks a task; draw k of a step is the task's noise under a seed of its own.
struct TaskOracle: Oracle {
  let task: CorrelatedQuadratic
  let seed: Int
  var step = 0
  private var blocks: [Int: Draws<Double>] = [:]
  private let room: Room

  init(_ task: CorrelatedQuadratic, seed: Int) {
    self.task = task
    self.seed = seed
    room = Room(gradient: task.dimension, scratch: task.scratchCount)
  }

  var parameterCount: Int { task.dimension }

  mutating func evaluate(
    at point: UnsafePointer<Double>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Double>) {
    if blocks[draw]?.steps.contains(step) != true {
      blocks[draw] = task.draws(seed: seed + 1_000_000 * draw, steps: step..<(step + 100))
    }
    let loss = task.gradient(
      at: point, step: step, draws: blocks[draw]!, into: room.gradient, scratch: room.scratch)
    return (loss, UnsafePointer(room.gradient))
  }

  mutating func loss(at point: UnsafePointer<Double>, draw: Int) -> Double {
    evaluate(at: point, draw: draw).loss
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Double>, _ vector: UnsafePointer<Double>, draw: Int
  ) -> UnsafePointer<Double> {
    preconditionFailure("no method here asks for a Hessian-vector product")
  }

  private final class Room {
    let gradient: UnsafeMutablePointer<Double>
    let scratch: UnsafeMutablePointer<Double>

    init(gradient: Int, scratch: Int) {
      self.gradient = .allocate(capacity: gradient)
      self.scratch = .allocate(capacity: scratch)
    }

    deinit {
      gradient.deallocate()
      scratch.deallocate()
    }
  }
}
