internal import HypergradientRecipes
public import Hypergradient
internal import Records
public import Tasks
internal import Vectors

/// Many controllers over one rule on one task: final losses alone, as fast as they come.
public enum Sweep {
  /// The exact losses after the last step, one row a seed and one column a controller, each with the
  /// bits of the run alone.
  ///
  /// Runs are never stopped: a loss may be infinite or not a number.
  ///
  /// - Parameters:
  ///   - lanes: runs that advance together, a multiple of 8: as many as have their parameters,
  ///     gradients and directions in the fastest memory; by default those that fill the widest
  ///     register, eight in Double and sixteen in Float.
  ///   - jobs: threads, each at one seed at a time.
  /// - Precondition: runs of this rule and these controllers advance in lanes (see
  ///   ``OptimizerCohort``).
  public static func finalLosses<T: LaneTask, R: UpdateRule, C: LearningRateController>(
    _ rule: R, _ controllers: [C], on task: T, seeds: [Int], steps: Int, lanes: Int? = nil,
    jobs: Int = 1
  ) -> [[Double]] where R.Scalar == T.Scalar {
    let lanes = lanes ?? 64 / MemoryLayout<T.Scalar>.size
    require(lanes > 0 && lanes % 8 == 0, "\(lanes) lanes are not a multiple of 8")
    let rows = try? Workers.map(seeds, jobs: jobs) { seed in
      losses(rule, controllers, task, seed: seed, steps: steps, lanes: lanes)
    }
    return rows!
  }

  private static func losses<T: LaneTask, R: UpdateRule, C: LearningRateController>(
    _ rule: R, _ controllers: [C], _ task: T, seed: Int, steps: Int, lanes: Int
  ) -> [Double] where R.Scalar == T.Scalar {
    let groups = stride(from: 0, to: controllers.count, by: lanes).map { first in
      SweepGroup(
        rule, Array(controllers[first..<min(controllers.count, first + lanes)]), task)
    }
    var first = 0
    while first < steps {
      let block = first..<min(steps, first + task.stepsPerBlock)
      let draws = task.draws(seed: seed, steps: block)
      for group in groups { group.advance(draws) }
      first = block.upperBound
    }
    return groups.flatMap { $0.losses(step: steps) }
  }
}

private final class SweepGroup<T: LaneTask, R: UpdateRule, C: LearningRateController>
where R.Scalar == T.Scalar {
  private let task: T
  private var cohort: OptimizerCohort<R, C>
  private let lanes: Int
  private let length: Int
  private let stepsPerEpoch: Int?
  /// θ, the gradient and scratch.
  private let memory: UnsafeMutablePointer<T.Scalar>
  private let losses: UnsafeMutablePointer<Double>
  private let needsLosses: Bool

  init(_ rule: R, _ controllers: [C], _ task: T) {
    self.task = task
    cohort = OptimizerCohort(rule, controllers, parameterCount: task.dimension)
    lanes = cohort.laneCount
    length = task.dimension * lanes
    stepsPerEpoch = task.stepsPerEpoch
    needsLosses = controllers[0].needs.contains(.loss)
    let count = 2 * length + task.laneScratchCount * lanes
    memory = Lines.allocate(count, repeating: 0)
    for (i, value) in task.start.enumerated() {
      (memory + i * lanes).update(repeating: value, count: lanes)
    }
    losses = Lines.allocate(lanes, repeating: 0)
  }

  deinit {
    Lines.free(memory)
    Lines.free(losses)
  }

  func advance(_ draws: Draws<T.Scalar>) {
    cohort.advance(
      on: task, draws, theta: memory, gradient: memory + length, losses: needsLosses ? losses : nil,
      stepsPerEpoch: stepsPerEpoch, scratch: memory + 2 * length)
  }

  func losses(step: Int) -> [Double] {
    cohort.takeWaitingMove(memory)
    task.laneLosses(
      at: memory, lanes: lanes, step: step, into: losses, scratch: memory + 2 * length)
    return (0..<cohort.runCount).map { losses[$0] }
  }
}

extension OptimizerCohort {
  /// The steps of `draws`. That they are the cohort's own spares its callers an access to it, and a
  /// look at its type, a step.
  fileprivate mutating func advance<T: LaneTask<Scalar>>(
    on task: T, _ draws: Draws<Scalar>, theta: UnsafeMutablePointer<Scalar>,
    gradient: UnsafeMutablePointer<Scalar>, losses: UnsafeMutablePointer<Double>?,
    stepsPerEpoch: Int?, scratch: UnsafeMutablePointer<Scalar>
  ) {
    for step in draws.steps {
      let gradient = gradientMemory ?? gradient
      var isAligned = false
      if let move = waitingMove {
        isAligned = task.laneGradient(
          moving: theta, by: move.rates, along: move.direction, lanes: laneCount, step: step,
          draws: draws, into: gradient, alignments: move.alignments)
        if !isAligned { takeWaitingMove(theta) }
      }
      if !isAligned {
        task.laneGradient(
          at: theta, lanes: laneCount, step: step, draws: draws, into: gradient, losses: losses,
          scratch: scratch)
      }
      self.step(
        theta, gradient: gradient, losses: losses,
        epoch: stepsPerEpoch.map { Double(step) / Double($0) }, isAligned: isAligned,
        waits: losses == nil)
    }
  }
}
