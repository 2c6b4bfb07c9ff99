internal import HypergradientRecipes
package import Hypergradient
internal import PortableMath
package import Tasks

/// The seed of draw d of a run's seed: for d ≥ 1 one keyed by both.
package func drawSeed(_ draw: Int, of seed: Int) -> Int {
  guard draw > 0 else { return seed }
  var stream = RandomStream(RandomKey("oracle.draws", seed, draw))
  return Int(truncatingIfNeeded: stream.nextUInt64() >> 1)
}

/// A task as an oracle: what a training method asks is answered by the task's gradient with the draws
/// of the step at which it stands, and counted.
///
/// An answer is a function of the point and (seed, step, draw). Draw 0 is the one that an optimizer
/// sees at this step; draw d ≥ 1 is that of the same step under another seed, named by the run's seed
/// and d. A loss alone and a Hessian-vector product (a central difference) are taken from the same
/// function.
package struct TaskOracle<T: BenchmarkTask>: Oracle {
  package typealias Scalar = T.Scalar

  package private(set) var counts = EvaluationCounts()
  /// The loss of the last gradient.
  package private(set) var lastLoss = Double.nan
  /// Whether a loss was not finite where the step began.
  package private(set) var isLost = false
  package var epoch: Double?
  /// Set at the steps that have one, to `nil` at the others.
  package var metric: Double? { didSet { hasMetric = true } }
  package private(set) var hasMetric = false
  private let task: T
  private let seed: Int
  private let seedOfDraw: @Sendable (_ draw: Int) -> Int
  private let drawsAhead: Int
  private let memory: OracleMemory<T.Scalar>
  private let stepsPerEpoch: Int?
  private let horizon: Int?
  private var step = 0
  private var draws: Draws<T.Scalar>
  /// Draws d ≥ 1, as far as they were asked for.
  private var others: [Int: Draws<T.Scalar>] = [:]
  /// Where the step began.
  private let origin: UnsafePointer<T.Scalar>?

  /// - Parameters:
  ///   - memory: shared with other runs of the same thread; its own where it is left out.
  ///   - origin: the parameters as they are when a step begins, for ``isLost``.
  ///   - drawsAhead: steps that draws are made for at once, those d ≥ 1 and those that are not
  ///     passed. No answer depends on it.
  ///   - horizon: T, for methods that ask for it.
  ///   - seedOfDraw: the seed of draw d ≥ 1; where it is left out, one keyed by `seed` and d.
  package init(
    task: T, seed: Int, memory: OracleMemory<T.Scalar>? = nil,
    origin: UnsafePointer<T.Scalar>? = nil, drawsAhead: Int = 1, horizon: Int? = nil,
    seedOfDraw: (@Sendable (_ draw: Int) -> Int)? = nil
  ) {
    require(drawsAhead >= 1, "drawsAhead is \(drawsAhead), not at least 1")
    self.task = task
    self.seed = seed
    self.memory =
      memory ?? OracleMemory(dimension: task.dimension, scratchCount: task.scratchCount)
    self.origin = origin
    self.horizon = horizon
    self.drawsAhead = drawsAhead
    self.seedOfDraw =
      seedOfDraw ?? { draw in drawSeed(draw, of: seed) }
    stepsPerEpoch = task.stepsPerEpoch
    draws = Draws(steps: 0..<0)
  }

  /// Every question from now on is one of `step`, which is in `draws.steps`.
  package mutating func begin(step: Int, draws: Draws<T.Scalar>) {
    self.step = step
    self.draws = draws
    epoch = stepsPerEpoch.map { Double(step) / Double($0) }
  }

  /// Every question from now on is one of `step`.
  package mutating func begin(step: Int) {
    let isDrawn = draws.steps.contains(step)
    begin(
      step: step,
      draws: isDrawn ? draws : task.draws(seed: seed, steps: step..<(step + drawsAhead)))
  }

  package var parameterCount: Int { task.dimension }
  package var run: RunFacts { RunFacts(seed: seed, steps: horizon) }
  package var isDeterministic: Bool { task.isDeterministic }

  package mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) {
    counts.gradients += 1
    lastLoss = write(memory.gradient, at: point, draw)
    return (lastLoss, UnsafePointer(memory.gradient))
  }

  package mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    counts.losses += 1
    return write(memory.gradient, at: point, draw)
  }

  package mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> {
    counts.hessianVectorProducts += 1
    CentralDifference.product(
      at: point, along: vector, count: task.dimension, moved: memory.moved,
      above: memory.gradient, below: memory.second
    ) { point, gradient in _ = write(gradient, at: point, draw) }
    return UnsafePointer(memory.gradient)
  }

  private mutating func write(
    _ gradient: UnsafeMutablePointer<Scalar>, at point: UnsafePointer<Scalar>, _ draw: Int
  ) -> Double {
    require(draw >= 0, "draw is \(draw), not at least 0")
    if draw > 0, others[draw]?.steps.contains(step) != true {
      others[draw] = task.draws(seed: seedOfDraw(draw), steps: step..<(step + drawsAhead))
    }
    let loss = task.gradient(
      at: point, step: step, draws: draw == 0 ? draws : others[draw]!, into: gradient,
      scratch: memory.scratch)
    if !loss.isFinite, isOrigin(point) { isLost = true }
    return loss
  }

  private func isOrigin(_ point: UnsafePointer<Scalar>) -> Bool {
    guard let origin else { return false }
    return (0..<task.dimension).allSatisfy {
      point[$0] == origin[$0] || point[$0].isNaN && origin[$0].isNaN
    }
  }
}

/// Vectors that oracles write into, shared by the runs of a cohort.
package final class OracleMemory<Scalar: ParameterScalar> {
  let gradient: UnsafeMutablePointer<Scalar>
  let second: UnsafeMutablePointer<Scalar>
  let moved: UnsafeMutablePointer<Scalar>
  let scratch: UnsafeMutablePointer<Scalar>

  package init(dimension: Int, scratchCount: Int) {
    let count = 3 * dimension + max(1, scratchCount)
    gradient = .allocate(capacity: count)
    gradient.initialize(repeating: 0, count: count)
    second = gradient + dimension
    moved = second + dimension
    scratch = moved + dimension
  }

  deinit { gradient.deallocate() }
}
