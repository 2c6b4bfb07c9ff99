internal import Hypergradient
internal import Records
internal import Tasks
internal import Vectors

/// What the runs of a cohort share: the task, its start, and memory for one run or eight at a time.
final class CohortBench<T: BenchmarkTask> {
  let task: T
  /// The task, where runs of it can advance together.
  let laneTask: (any LaneTask<T.Scalar>)?
  let horizon: Int
  let frame: ScoreFrame
  let metric: ValidationMetric
  let start: [T.Scalar]
  let gradient: UnsafeMutablePointer<T.Scalar>
  let scratch: UnsafeMutablePointer<T.Scalar>
  /// Losses or squared distances, one a lane.
  let laneValues: UnsafeMutablePointer<Double>
  /// What oracles write into, made when it is first used.
  lazy var oracleMemory = OracleMemory<T.Scalar>(
    dimension: task.dimension, scratchCount: task.scratchCount)
  /// Whether there are scores on examples that no gradient sees.
  let hasHeldOutExamples: Bool
  /// One run's parameters out of interleaved ones.
  let column: UnsafeMutablePointer<T.Scalar>

  init(
    task: T, taskName: String, horizon: Int, evaluationCount: Int, metric: ValidationMetric = .loss,
    judgedBy: JudgedLoss = .training, watching: ((Watched) -> Void)? = nil
  ) {
    self.task = task
    self.metric = metric
    laneTask = task as? any LaneTask<T.Scalar>
    self.horizon = horizon
    start = task.start
    let lanes = laneTask == nil ? 1 : laneCount
    gradient = Lines.allocate(task.dimension * lanes, repeating: 0)
    scratch = Lines.allocate(
      max(task.scratchCount, (laneTask?.laneScratchCount ?? 0) * lanes), repeating: 0)
    column = Lines.allocate(task.dimension, repeating: 0)
    laneValues = Lines.allocate(laneCount, repeating: 0)
    let scratch = scratch
    let initialLoss = start.withUnsafeBufferPointer {
      switch judgedBy {
      case .training: task.loss(at: $0.baseAddress!, step: 0, scratch: scratch)
      case .heldOut: task.heldOutScore(at: $0.baseAddress!, scratch: scratch)?.loss ?? .nan
      }
    }
    hasHeldOutExamples = lanes > 1 && task.hasHeldOutExamples
    frame = ScoreFrame(
      taskName: taskName, evaluations: EvaluationSteps(horizon: horizon, count: evaluationCount),
      initialLoss: initialLoss,
      referenceValue: judgedBy == .training ? task.reference.value : 0, judgedBy: judgedBy,
      startingDistance: task.startingDistance, watching: watching)
  }

  deinit {
    Lines.free(gradient)
    Lines.free(scratch)
    Lines.free(laneValues)
    Lines.free(column)
  }
}

/// Runs that advance together: the least that the vectors of every processor share evenly, and few
/// enough that a hundred parameters of each stay in the fastest memory.
let laneCount = 8
