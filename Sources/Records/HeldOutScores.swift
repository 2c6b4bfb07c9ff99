/// The scores of a run on held-out examples, as tables and pictures take them.
///
/// A run that was stopped has ``stopped`` at its end, whatever its line in `runs.jsonl` has: nothing
/// where it was not finite, and where it escaped what was evaluated before.
package final class HeldOutScores: Sendable {
  /// From the step on at which a run was stopped.
  package static let stopped = (loss: Double.infinity, accuracy: 0.0)

  /// At the end.
  package let loss: Double?
  package let accuracy: Double?
  /// The largest accuracy at an evaluated step.
  package let bestAccuracy: Double?

  package init(_ run: RunRecord) {
    let isStopped = run.status.isStopped
    loss = isStopped ? Self.stopped.loss : run.testLoss.map { $0.isNaN ? .infinity : $0 }
    accuracy = isStopped ? Self.stopped.accuracy : run.testAccuracy
    bestAccuracy = run.bestTestAccuracy ?? (isStopped ? Self.stopped.accuracy : nil)
  }
}
