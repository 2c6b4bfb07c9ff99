internal import Hypergradient
internal import PortableMath
internal import Vectors

/// The gates of one task.
struct Gates<Task: BenchmarkTask> {
  typealias Scalar = Task.Scalar

  let task: Task
  let horizon: Int
  let target: Double
  let effort: TaskGates.Effort
  /// The exact loss at the start, before the first step.
  let initial: Double

  init(task: Task, horizon: Int, target: Double, effort: TaskGates.Effort) {
    self.task = task
    self.horizon = horizon
    self.target = target
    self.effort = effort
    initial = task.loss(at: task.start)
  }

  var isDouble: Bool { Scalar.significandBitCount >= 52 }
  /// Steps at which a loss may differ.
  var steps: [Int] { effort == .quick ? [0] : Set([0, horizon / 2, horizon - 1]).sorted() }

  /// The start must be worse than the reference, and stay so untouched.
  func startFailures() -> [String] {
    let reference = task.reference.value
    guard initial > reference, initial.isFinite else {
      return ["loss at the start is \(initial), not above the reference \(reference)"]
    }
    var failures: [String] = []
    let draws = task.draws(seed: 1, steps: 0..<1)
    let slope = Arrays.norm(task.gradient(at: task.start, step: 0, draws: draws).gradient)
    if !(slope > 0) {
      failures.append("gradient at the start has norm \(slope), not above 0")
    }
    for step in steps where step > 0 {
      let gap = (task.loss(at: task.start, step: step) - reference) / (initial - reference)
      if !(gap > target) {
        failures.append(
          "a method that does nothing has gap \(gap) at step \(step), within the target \(target)")
      }
    }
    return failures
  }

  /// The reference value must be reached where it is said to be, and never undercut.
  func referenceFailures() -> [String] {
    let reference = task.reference
    var failures: [String] = []
    if reference.kind != .lowerBound && reference.minimiser == nil {
      failures.append("the reference is \(reference.kind.rawValue), but has no minimiser")
    }
    if effort == .quick { return failures }
    let slope = Arrays.norm(task.exactGradient(at: task.start))
    let height = initial - reference.value
    let rounding = (isDouble ? 1e-12 : 1e-5) * height
    for step in steps {
      if let minimiser = reference.minimiser?.map({ Scalar($0) }) {
        let excess = task.loss(at: minimiser, step: step) - reference.value
        if !(excess.magnitude <= rounding) {
          failures.append("loss at the minimiser is off its reference by \(excess) at step \(step)")
        }
        let rest = Arrays.norm(task.exactGradient(at: minimiser, step: step))
        if !(rest <= (isDouble ? 1e-9 : 1e-4) * slope) {
          failures.append("gradient at the minimiser has norm \(rest) at step \(step)")
        }
      }
      let least = leastLoss(at: step)
      if !(least >= reference.value - rounding) {
        failures.append(
          "loss \(least) at step \(step) is below the reference \(reference.value)")
      }
    }
    return failures
  }

  /// The least loss at the probes and after twenty descents by halved steps.
  private func leastLoss(at step: Int) -> Double {
    var theta = task.start
    var loss = task.loss(at: theta, step: step)
    var rate: Scalar = 1
    for _ in 0..<20 {
      let gradient = task.exactGradient(at: theta, step: step)
      rate *= 4
      for _ in 0..<60 {
        let next = Arrays.sum(theta, -rate, gradient)
        let lower = task.loss(at: next, step: step)
        if lower < loss {
          (theta, loss) = (next, lower)
          break
        }
        rate /= 2
      }
    }
    return points().reduce(loss) { min($0, task.loss(at: $1, step: step)) }
  }

  /// The start; half way to the minimiser, or a little off the start; the start with noise of its
  /// own size.
  func points() -> [[Scalar]] {
    var points = [task.start]
    if effort == .quick { return points }
    let scale = Scalar(Arrays.norm(task.start) / Double(task.dimension).squareRoot())
    if let minimiser = task.reference.minimiser {
      points.append(zip(task.start, minimiser).map { ($0 + Scalar($1)) / 2 })
    } else {
      points.append(noisy(task.start, by: scale / 10, index: 1))
    }
    points.append(noisy(task.start, by: max(scale, 0.1), index: 2))
    return points
  }

  func directions() -> [[Scalar]] {
    (0..<(effort == .quick ? 1 : 3)).map {
      noisy([Scalar](repeating: 0, count: task.dimension), by: 1, index: 10 + $0)
    }
  }

  private func noisy(_ point: [Scalar], by scale: Scalar, index: Int) -> [Scalar] {
    var stream = RandomStream(RandomKey("gates.probe", index))
    return point.map { $0 + scale * Scalar(stream.normal()) }
  }
}
