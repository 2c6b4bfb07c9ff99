internal import HypergradientRecipes
internal import Hypergradient

/// What a task must prove before it may be part of a suite: that its gradients are those of its
/// losses, that its reference value is right, that doing nothing does not count as success, and that
/// its draws depend on nothing but their step.
public enum TaskGates {
  /// How much is computed.
  public enum Effort: Sendable {
    /// Three points and three directions: for tests.
    case thorough
    /// One point, one direction, the first step, and of gate 1 nothing: one loss over all data, for a
    /// loader before a run on large data.
    case quick
  }

  /// What is wrong with the task, a line each; empty if it passes.
  ///
  /// 1. `exactGradient` agrees with central differences of `loss`, within 10⁻⁶ for Double and 10⁻²
  ///    for Float (see ``FiniteDifferences``).
  /// 2. The seen gradient agrees likewise with the seen loss for fixed draws, and its mean over
  ///    draws with the exact gradient within six standard errors. Of a ``GameTask``, each player's
  ///    part of the field agrees with central differences of that player's loss instead.
  /// 3. A known minimiser has the reference value within 10⁻¹² of the loss at the start, or for
  ///    Float 10⁻⁵, and a gradient shorter than 10⁻⁹, or 10⁻⁴, times that at the start; no loss that
  ///    twenty steps of descent reach lies below the reference.
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
    require(horizon >= 2, "horizon is \(horizon), not at least 2")
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
