internal import Hypergradient
internal import PortableMath

/// What a task must prove before it may be part of a suite: that its gradients are those of its
/// losses, that its reference value is right, that doing nothing does not count as success, and that
/// its draws depend on nothing but their step.
public enum TaskGates {
  /// How much is computed.
  public enum Effort: Sendable {
    /// Three points and three directions: for tests.
    case thorough
    /// One point and one direction, and no test of the mean: for a loader before a run on large data.
    case quick
  }

  /// What is wrong with the task, a line each; empty if it passes.
  ///
  /// 1. `exactGradient` agrees with central differences of `loss`, within 10⁻⁶ for Double and 10⁻²
  ///    for Float (see ``FiniteDifferences``).
  /// 2. The seen gradient agrees likewise with the seen loss for fixed draws, and its mean over
  ///    draws with the exact gradient within six standard errors.
  /// 3. A known minimiser has the reference value within 10⁻¹² of the loss at the start, or for
  ///    Float 10⁻⁵, and a gradient shorter than 10⁻⁹, or 10⁻⁴, times that at the start; no loss lies
  ///    below the reference.
  /// 4. The loss at the start is above the reference, with a gradient that is not zero, and at no
  ///    time is the gap of the untouched start at or below `target`.
  /// 5. Draws are finite, and the same whether made at once or in blocks.
  ///
  /// - Parameters:
  ///   - horizon: steps of a run; losses are looked at before the first, the middle and the last.
  ///   - target: the largest gap that could count as success, in (0, 1).
  /// - Precondition: `horizon` is at least 2.
  public static func failures(
    of task: some BenchmarkTask, horizon: Int = 1000, target: Double = 0.01,
    effort: Effort = .thorough
  ) -> [String] {
    precondition(horizon >= 2, "horizon is \(horizon), not at least 2")
    let shape = shapeFailures(of: task)
    if !shape.isEmpty { return shape }
    let gates = Gates(task: task, horizon: horizon, target: target, effort: effort)
    return gates.startFailures() + gates.referenceFailures() + gates.gradientFailures()
      + gates.drawFailures()
      + (effort == .thorough ? gates.meanFailures() : [])
  }

  /// Faults that would stop the other gates from running.
  private static func shapeFailures(of task: some BenchmarkTask) -> [String] {
    var failures: [String] = []
    if task.dimension < 1 { failures.append("dimension is \(task.dimension), not at least 1") }
    if task.start.count != task.dimension {
      failures.append("start has \(task.start.count) elements, not \(task.dimension)")
    }
    if let minimiser = task.reference.minimiser, minimiser.count != task.dimension {
      failures.append("minimiser has \(minimiser.count) elements, not \(task.dimension)")
    }
    if !task.start.allSatisfy(\.isFinite) { failures.append("start is not finite") }
    if !task.reference.value.isFinite { failures.append("reference value is not finite") }
    return failures
  }
}

/// The gates of one task.
struct Gates<Task: BenchmarkTask> {
  typealias Scalar = Task.Scalar

  let task: Task
  let horizon: Int
  let target: Double
  let effort: TaskGates.Effort

  var isDouble: Bool { Scalar.significandBitCount >= 52 }
  /// Steps at which a loss may differ.
  var steps: [Int] { Set([0, horizon / 2, horizon - 1]).sorted() }

  /// The start must be worse than the reference, and stay so untouched.
  func startFailures() -> [String] {
    let reference = task.reference.value
    let initial = task.loss(at: task.start)
    guard initial > reference, initial.isFinite else {
      return ["loss at the start is \(initial), not above the reference \(reference)"]
    }
    var failures: [String] = []
    let gradient = task.exactGradient(at: task.start)
    if !(norm(gradient) > 0) {
      failures.append("gradient at the start has norm \(norm(gradient)), not above 0")
    }
    for step in steps {
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
    let initial = task.loss(at: task.start) - reference.value
    let slope = norm(task.exactGradient(at: task.start))
    var failures: [String] = []
    if reference.kind != .lowerBound && reference.minimiser == nil {
      failures.append("the reference is \(reference.kind.rawValue), but has no minimiser")
    }
    for step in steps {
      if let minimiser = reference.minimiser?.map({ Scalar($0) }) {
        let excess = task.loss(at: minimiser, step: step) - reference.value
        if !(excess.magnitude <= (isDouble ? 1e-12 : 1e-5) * initial) {
          failures.append("loss at the minimiser is off its reference by \(excess) at step \(step)")
        }
        let rest = norm(task.exactGradient(at: minimiser, step: step))
        if !(rest <= (isDouble ? 1e-9 : 1e-4) * slope) {
          failures.append("gradient at the minimiser has norm \(rest) at step \(step)")
        }
      }
      for (index, point) in points().enumerated() {
        let loss = task.loss(at: point, step: step)
        if !(loss >= reference.value) {
          failures.append(
            "loss \(loss) at probe \(index), step \(step), is below the reference "
              + "\(reference.value)")
        }
      }
    }
    return failures
  }

  /// The start; half way to the minimiser, or a little off the start; the start with noise of its
  /// own size.
  func points() -> [[Scalar]] {
    var points = [task.start]
    if effort == .quick { return points }
    let scale = Scalar(norm(task.start) / Double(task.dimension).squareRoot())
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

  func norm(_ vector: [Scalar]) -> Double {
    vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
