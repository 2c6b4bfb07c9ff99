internal import Hypergradient
package import Records
package import Tasks

/// The scores of a training that another loop takes, such as a trainer's: when it is looked at, what
/// ends it and what its trace is are those of a comparison's run.
package struct TrainingScore<T: BenchmarkTask> {
  private let bench: CohortBench<T>
  private var score: RunScore
  private var clock: RunClock

  package init(
    _ method: String, on task: T, named name: String, seed: Int, steps: Int, evaluations: Int,
    names: Names
  ) throws {
    bench = CohortBench(task: task, taskName: name, horizon: steps, evaluationCount: evaluations)
    score = RunScore(
      bench.frame, try SingleTraining.plan(method, seed: seed, steps: steps, names: names),
      ruleName: method, goal: Goal(target: 0, commonTarget: 0))
    clock = RunClock(bench.frame.evaluations)
  }

  package var initialLoss: Double { bench.frame.initialLoss }
  package func gap(_ loss: Double) -> Double { bench.frame.gap(loss) }
  /// False once it has diverged.
  package var isRunning: Bool { score.isRunning }
  package var trace: RunTrace { score.trace! }
  package func status(climbing climbs: Bool) -> RunRecord.Status { score.ending(climbing: climbs) }

  /// The numbers are not finite.
  package mutating func lose() { if isRunning { score.stop(.nonFinite) } }

  /// Stops it if the parameters have moved too far.
  package mutating func check(_ theta: [T.Scalar]) {
    let square = bench.start.withUnsafeBufferPointer {
      squaredDistance(theta, $0.baseAddress!, count: $0.count)
    }
    score.check(squaredDistance: square)
  }

  /// Takes the evaluations that are due by a step, all with the same parameters and the last rate.
  package mutating func evaluate(
    _ theta: [T.Scalar], through last: Int, rate: Double, distance: Double?,
    watching: (Watched) -> Void
  ) {
    while isRunning, let (_, step) = clock.due(by: last) {
      check(theta)
      guard isRunning else { return }
      let (loss, heldOut) = theta.withUnsafeBufferPointer { [bench] in
        (
          bench.task.loss(at: $0.baseAddress!, step: step, scratch: bench.scratch),
          bench.task.heldOutScore(at: $0.baseAddress!, scratch: bench.scratch)
        )
      }
      if let watched = take(loss, step: step, rate: rate, distance: distance, heldOut: heldOut) {
        watching(watched)
      }
    }
  }

  /// Takes an evaluation, of this training or of one that it goes on from; `nil` where its loss ends it.
  @discardableResult
  package mutating func take(
    _ loss: Double, step: Int, rate: Double, distance: Double?, heldOut: HeldOutScore?
  ) -> Watched? {
    let evaluation = clock.due(by: step)?.evaluation ?? 0
    while clock.due(by: step) != nil { clock.pass() }
    return score.record(
      loss, step: step, evaluation: evaluation, learningRate: rate, distance: distance,
      heldOut: heldOut)
  }
}
