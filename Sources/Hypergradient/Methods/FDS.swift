package import HypergradientRecipes

/// FDS: learning rate, momentum and weight decay, shared over blocks of steps, by the exact
/// derivative of a whole run.
///
/// An inner run takes `horizon` steps from the start parameters,
///
///     v_t = m_j v_{t−1} + g_t + λ_j θ_t        θ_{t+1} = θ_t − η_j v_t        j = block of step t
///
/// and carries dθ/dη_j, dθ/dm_j and dθ/dλ_j forward for each of the `blocks` equal parts. At its end
///
///     h = ⟨∇E(θ_T), dθ_T/dx⟩        x ← Π[x − clip(β_x h, ±½ max(x, x₀))]
///
/// for every hyperparameter x whose β is not 0, with x₀ = 0 for η, 0.1 for m and 10⁻⁴ for λ; Π keeps η
/// within `bounds`, m in [0, 0.999] and λ in [0, 1]. The next run begins again at the start
/// parameters with the new hyperparameters: an outer iteration.
///
/// **What it costs.** This is not an online method: to move its hyperparameters n times it spends
/// n + 1 horizons. Each call of `step` is one inner step and is counted: one gradient, and one
/// Hessian-vector product for each hyperparameter that is learned and each block begun so far; a run's
/// last step has one gradient more, of E. Memory is three vectors and two for each hyperparameter
/// that is learned in each block.
///
/// **What counts as the result.** In the first run the parameters hold its current point. From its
/// end on they hold the end of the best run so far by E, and stay there while the next runs go on; a
/// run that ends worse changes them not. (`learningRate` is that of the current run.) The outer
/// iteration goes on from the last hyperparameters, better or worse.
///
/// E is the oracle's loss of draw 1 at the run's last step, where the training steps have draw 0: one
/// independent sample, not the average over a held-out set.
///
/// A gradient that is not finite costs its step: θ stays (``heldSteps``). A tangent that is not
/// finite begins again at 0 (``tangentRestarts``), and an h that is not leaves its hyperparameter. A
/// run fails (``failedRuns``) where its point is not finite, at once, or E at its end: the outer
/// iteration goes back to the best run's hyperparameters, or halves the rates where there is none, and
/// halves every β.
///
/// > Source: P. Micaelli and A. Storkey, Gradient-based Hyperparameter Optimization Over Long Horizons
/// > (2021), forward-mode differentiation with sharing, and the authors' published code for the
/// > recursions, the sum over steps in h, the bound on a change as a share of the value and the range
/// > of m. Deviations: one number of blocks for all three; plain gradient descent outside, without
/// > momentum; the share is ½ and the floors are ours; one sample of E.
public struct FDS<Scalar: ParameterScalar>: TrainingMethod {
  public typealias Hyperparameters = MomentumHyperparameters

  /// T.
  public let horizon: Int
  public let blocks: Int
  public let bounds: ClosedRange<Double>
  /// The hyperparameters of the current run, one for each block.
  public private(set) var schedule: [Hyperparameters]
  /// Those of the best run; nil before the first has ended.
  public private(set) var bestSchedule: [Hyperparameters]?
  /// E at the end of the best run.
  public private(set) var bestLoss: Double?
  /// h of the last run that ended, one for each block; 0 for what is not learned.
  public private(set) var hypergradients: [Hyperparameters]
  /// Runs that have ended, those that failed among them.
  public private(set) var runs = 0
  public private(set) var failedRuns = 0
  /// Steps whose gradient was not finite.
  public private(set) var heldSteps = 0
  /// How often a tangent was not finite.
  public private(set) var tangentRestarts = 0
  /// β.
  public private(set) var hyperLearningRates: Hyperparameters
  /// η of the last step.
  public private(set) var learningRate: Double
  public func fault(limitedBy limit: RateLimit) -> String? {
    "'fds' trains a whole run again and again, and has bounds of its own: 'within'"
  }
  /// Steps whose gradient was not finite, and returns to the start parameters from a failed run.
  public private(set) var stepCounts = StepCounts()

  private var innerStep = 0
  private var start: [Scalar] = []
  private var point: [Scalar] = []
  private var velocity: [Scalar] = []
  private var nextVelocity: [Scalar] = []
  /// For each block, those of the hyperparameters that are learned.
  private var tangents: [[MomentumTangent<Scalar>]] = []

  /// - Parameters:
  ///   - initial: the hyperparameters of every block of the first run.
  ///   - hyperLearningRates: β for each; 0 for one that is not learned.
  public init(
    horizon: Int, blocks: Int = 1, initial: Hyperparameters, hyperLearningRates: Hyperparameters,
    within bounds: ClosedRange<Double> = 0...1e6
  ) {
    Recipe<any TrainingMethod<Scalar>>.fds().check(
      horizon, blocks, initial.rate, initial.momentum, initial.weightDecay,
      hyperLearningRates.rate, hyperLearningRates.momentum, hyperLearningRates.weightDecay, bounds)
    self.horizon = horizon
    self.blocks = blocks
    self.bounds = bounds
    self.hyperLearningRates = hyperLearningRates
    schedule = [Hyperparameters](repeating: initial, count: blocks)
    hypergradients = [Hyperparameters](
      repeating: Hyperparameters(rate: 0, momentum: 0, weightDecay: 0), count: blocks)
    learningRate = initial.rate
  }

  private var learned: [Hyperparameters.Kind] {
    Hyperparameters.Kind.allCases.filter { hyperLearningRates[$0] > 0 }
  }

  /// The start, the point, the velocity, and dθ and dv of every hyperparameter.
  public var memoryVectors: Int { 3 + 2 * blocks * learned.count }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    start = Array(parameters)
    point = start
    velocity = [Scalar](repeating: 0, count: start.count)
    nextVelocity = velocity
    let kinds = learned
    tangents = (0..<blocks).map { _ in kinds.map { MomentumTangent($0, count: start.count) } }
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, point.count)
    let block = innerStep * blocks / horizon
    let now = schedule[block]
    learningRate = now.rate
    let (_, g) = point.withUnsafeBufferPointer {
      oracle.evaluate(at: $0.baseAddress!, draw: 0)
    }
    innerStep += 1
    if VectorLoops.isFinite(g, count: point.count) {
      Self.makeVelocity(&nextVelocity, velocity, g, point, now)
      differentiate(block, now, &oracle)
      swap(&velocity, &nextVelocity)
      velocity.withUnsafeBufferPointer { v in
        point.withUnsafeMutableBufferPointer { point in
          VectorLoops.move(
            point.baseAddress!, by: now.rate, along: v.baseAddress!, count: point.count)
        }
      }
    } else {
      heldSteps += 1
      stepCounts.skip()
    }
    let isFinite = VectorLoops.isFinite(point) && VectorLoops.isFinite(velocity)
    if isFinite, bestLoss == nil { publish(parameters) }
    if !isFinite {
      fail(parameters)
    } else if innerStep == horizon {
      finish(parameters, &oracle)
    }
  }

  /// v_t = m v_{t−1} + g + λ θ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func makeVelocity(
    _ next: inout [Scalar], _ v: [Scalar], _ g: UnsafePointer<Scalar>, _ theta: [Scalar],
    _ now: Hyperparameters
  ) {
    let (m, lambda) = (Scalar.nearest(to: now.momentum), Scalar.nearest(to: now.weightDecay))
    next.withUnsafeMutableBufferPointer { next in
      v.withUnsafeBufferPointer { v in
        theta.withUnsafeBufferPointer { theta in
          for i in next.indices { next[i] = m * v[i] + (g[i] + lambda * theta[i]) }
        }
      }
    }
  }

  private mutating func differentiate<O: Oracle<Scalar>>(
    _ block: Int, _ now: Hyperparameters, _ oracle: inout O
  ) {
    let step = MomentumTangent<Scalar>.Step(
      before: velocity, velocity: nextVelocity, parameters: point, hyperparameters: now)
    for j in 0...block {
      for k in tangents[j].indices {
        var product: UnsafePointer<Scalar>?
        if tangents[j][k].isSet {
          product = point.withUnsafeBufferPointer { point in
            tangents[j][k].value.withUnsafeBufferPointer { z in
              oracle.hessianVectorProduct(at: point.baseAddress!, z.baseAddress!, draw: 0)
            }
          }
        }
        if !tangents[j][k].advance(step, curvature: product, isInForce: j == block) {
          tangentRestarts += 1
        }
      }
    }
  }

  private func publish(_ parameters: UnsafeMutableBufferPointer<Scalar>) {
    _ = parameters.update(fromContentsOf: point)
  }

  /// The outer step, at the end of a run.
  private mutating func finish<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    let (loss, above) = point.withUnsafeBufferPointer {
      oracle.evaluate(at: $0.baseAddress!, draw: 1)
    }
    guard loss.isFinite, VectorLoops.isFinite(above, count: point.count) else {
      return fail(parameters)
    }
    if loss < bestLoss ?? .infinity {
      bestLoss = loss
      bestSchedule = schedule
      publish(parameters)
    }
    for j in 0..<blocks {
      for tangent in tangents[j] {
        let h = tangent.value.withUnsafeBufferPointer {
          VectorLoops.dot(above, $0.baseAddress!, count: $0.count)
        }
        if h.isFinite { learn(tangent.kind, j, h) }
      }
    }
    restart()
  }

  private mutating func learn(_ kind: Hyperparameters.Kind, _ block: Int, _ h: Double) {
    hypergradients[block][kind] = h
    let (least, range): (Double, ClosedRange<Double>) =
      switch kind {
      case .rate: (0, bounds)
      case .momentum: (0.1, 0...0.999)
      case .weightDecay: (1e-4, 0...1)
      }
    let value = schedule[block][kind]
    let most = 0.5 * max(value, least)
    let change = min(max(hyperLearningRates[kind] * h, -most), most)
    schedule[block][kind] = range.nearest(to: value - change)
  }

  /// A run that has left the finite numbers.
  private mutating func fail(_ parameters: UnsafeMutableBufferPointer<Scalar>) {
    failedRuns += 1
    if let bestSchedule {
      schedule = bestSchedule
    } else {
      for j in schedule.indices { schedule[j].rate = max(schedule[j].rate / 2, bounds.lowerBound) }
      _ = parameters.update(fromContentsOf: start)
      stepCounts.restored += 1
    }
    for kind in learned { hyperLearningRates[kind] /= 2 }
    restart()
  }

  private mutating func restart() {
    runs += 1
    innerStep = 0
    start.withUnsafeBufferPointer { VectorLoops.copy($0.baseAddress!, into: &point) }
    VectorLoops.clear(&velocity)
    VectorLoops.clear(&nextVelocity)
    for j in tangents.indices { for k in tangents[j].indices { tangents[j][k].reset() } }
  }
}

extension Recipe {
  /// `fds(horizon: 100, hyperLearningRate: 0.01)`.
  package static func fds<S: ParameterScalar>() -> Recipe where Product == any TrainingMethod<S> {
    Recipe(
      "fds",
      {
        (
          horizon: Int, blocks: Int, initial: Double, momentum: Double, decay: Double,
          hyperLearningRate: Double, momentumRate: Double, decayRate: Double,
          bounds: ClosedRange<Double>
        ) in
        FDS<S>(
          horizon: horizon, blocks: blocks,
          initial: MomentumHyperparameters(
            rate: initial, momentum: momentum, weightDecay: decay),
          hyperLearningRates: MomentumHyperparameters(
            rate: hyperLearningRate, momentum: momentumRate, weightDecay: decayRate),
          within: bounds)
      },
      .count("horizon", in: .between(1, 1e9), unit: "steps", "steps of one inner run"),
      .count(
        "blocks", in: .between(1, 1e9), default: 1,
        "parts of a run with hyperparameters of their own"),
      .number(
        "initial", in: .atLeast(0), default: 0.01, unit: "learning rate", "η of the first run"),
      .number("momentum", in: .between(0, 0.999), default: 0.0, "m of the first run"),
      .number(
        "weightDecay", in: .between(0, 1), default: 0.0, unit: "1/learning rate",
        "λ of the first run, coupled"),
      .number("hyperLearningRate", in: .atLeast(0), unit: "learning rate²/loss", "β of η"),
      .number(
        "momentumRate", in: .atLeast(0), default: 0.0, unit: "1/loss",
        "β of m; 0 leaves it as it is"),
      .number(
        "weightDecayRate", in: .atLeast(0), default: 0.0, unit: "1/(learning rate²·loss)",
        "β of λ; 0 leaves it as it is"),
      .range("within", default: 0...1e6, unit: "learning rate", "bounds of η"),
      unless: { horizon, blocks, initial, _, _, _, _, _, bounds in
        blocks <= horizon
          ? faultOfBounds(bounds, initial)
          : "'blocks' is \(blocks), more than the 'horizon' of \(horizon) steps"
      },
      summary: "whole runs repeated, their hyperparameters by exact derivatives (Micaelli 2021)",
      examples: [
        "fds(horizon: 20, hyperLearningRate: 1e-4)",
        "fds(horizon: 40, blocks: 2, hyperLearningRate: 1e-4)",
        "fds(horizon: 15, blocks: 3, momentum: 0.5, hyperLearningRate: 1e-4, "
          + "momentumRate: 1e-2, weightDecayRate: 1e-4)",
      ],
      compared: ["fds(horizon: 50, initial: rate, hyperLearningRate: 1e-4)"],
      standard: {
        FDS<S>(
          horizon: 20, initial: MomentumHyperparameters(rate: 0.01, momentum: 0, weightDecay: 0),
          hyperLearningRates: MomentumHyperparameters(rate: 1e-4, momentum: 0, weightDecay: 0))
      })
  }
}

extension FDS {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    horizon = try state.count(.horizon)
    blocks = try state.count(.blocks)
    bounds = try state.value(.bounds)
    hyperLearningRates = try state.value(.hyperLearningRates)
    schedule = try state.value(.schedule)
    bestSchedule = try state.valueOrNone(.bestSchedule)
    bestLoss = try state.numberOrNone(.bestLoss)
    hypergradients = try state.value(.hypergradients)
    runs = try state.count(.runs)
    failedRuns = try state.count(.failedRuns)
    heldSteps = try state.count(.heldSteps)
    tangentRestarts = try state.count(.tangentRestarts)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    start = try state.vector(.start)
    point = try state.vector(.point, count: start.count)
    velocity = try state.vector(.velocity, count: start.count)
    nextVelocity = try state.vector(.nextVelocity, count: start.count)
    tangents = try state.value(.tangents)
    try state.expect(
      schedule.count == blocks && hypergradients.count == blocks
        && bestSchedule?.count ?? blocks == blocks, .schedule,
      "\(schedule.count) sets of hyperparameters for \(blocks) blocks")
    try state.expect(
      (bestSchedule == nil) == (bestLoss == nil), .bestLoss,
      "a best run has hyperparameters and a loss")
    for now in schedule + (bestSchedule ?? []) {
      try state.check(
        Recipe<any TrainingMethod<Scalar>>.fds().fault(
          of: horizon, blocks, now.rate, now.momentum, now.weightDecay, hyperLearningRates.rate,
          hyperLearningRates.momentum, hyperLearningRates.weightDecay, bounds))
    }
    innerStep = try state.count(.innerStep, through: max(horizon - 1, 0))
    let kinds = tangents.first?.map(\.kind) ?? []
    try state.expect(
      (tangents.count == blocks || start.isEmpty && tangents.isEmpty)
        && Set(kinds).count == kinds.count
        && tangents.allSatisfy { ofBlock in
          ofBlock.map(\.kind) == kinds && ofBlock.allSatisfy { $0.value.count == start.count }
        }, .tangents,
      "the derivatives are not those of \(blocks) blocks of \(start.count) parameters")
  }
}
