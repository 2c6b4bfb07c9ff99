import Hypergradient
import PortableMath
import Tasks
import Testing

/// Interleaved runs have the gradients and losses of runs alone, bit for bit.
struct LaneFormTests {
  /// Those that have a lane form, as all of the package do.
  static let laneTasks = syntheticTasks.filter { $0.make(1) is any LaneTask<Double> }

  @Test func tasksHaveALaneForm() { #expect(Self.laneTasks.count >= 26) }

  @Test(arguments: laneTasks)
  func lanesHaveTheBitsOfRunsAlone(_ task: SyntheticTask) throws {
    let made = try #require(task.make(1) as? any LaneTask<Double>)
    // Before and after the middle, where a task may change.
    for (lanes, first) in [(8, 0), (16, 1), (8, 700)] {
      compare(made, lanes: lanes, steps: first..<(first + 2))
    }
  }

  @Test func theShapesOfTheSuites() {
    compare(TeacherStudent(batch: 32), lanes: 8, steps: 0..<1)
    compare(TwoSpirals(batch: 32), lanes: 8, steps: 0..<1)
    compare(TeacherStudent(batch: 32).single, lanes: 8, steps: 0..<1)
    compare(
      TeacherStudent(inputs: 3, hidden: 5, examples: 14, batch: 7).single, lanes: 16, steps: 0..<2)
    // More rows than the errors take at a time.
    compare(TeacherStudent(inputs: 3, batch: 32).single, lanes: 16, steps: 0..<1)
    compare(TwoSpirals(batch: 32).single, lanes: 8, steps: 0..<1)
    compare(TwoSpirals(hidden: 5, examples: 14, batch: 7).single, lanes: 48, steps: 0..<2)
    compare(NoisyQuadratic(noiseVariance: 0.01), lanes: 8, steps: 0..<1)
    compare(CorrelatedQuadratic(), lanes: 8, steps: 0..<1)
    compare(LogisticRegression(), lanes: 8, steps: 0..<1)
    compare(DiagonalQuadratic<Float>(), lanes: 8, steps: 0..<2)
    compare(DiagonalQuadratic<Double>(), lanes: 24, steps: 0..<2)
  }

  private func compare<T: LaneTask>(_ task: T, lanes: Int, steps: Range<Int>) {
    let d = task.dimension
    let draws = task.draws(seed: 5, steps: steps)
    var stream = RandomStream(RandomKey("tests.lanes", lanes))
    let points: [[T.Scalar]] = (0..<lanes).map { run in
      task.start.map { $0 + T.Scalar(Double(run) * 0.1 * stream.normal()) }
    }
    var theta = [T.Scalar](repeating: 0, count: d * lanes)
    for run in 0..<lanes {
      for i in 0..<d { theta[i * lanes + run] = points[run][i] }
    }
    // What is not written shows.
    var gradients = [T.Scalar](repeating: .nan, count: d * lanes)
    var losses = [Double](repeating: .nan, count: lanes)
    var scratch = [T.Scalar](repeating: .nan, count: max(1, task.laneScratchCount * lanes))
    for step in steps {
      task.laneGradient(
        at: theta, lanes: lanes, step: step, draws: draws, into: &gradients, losses: &losses,
        scratch: &scratch)
      for run in 0..<lanes {
        let alone = task.gradient(at: points[run], step: step, draws: draws)
        #expect(alone.loss == losses[run], "loss of run \(run) at step \(step)")
        let column = (0..<d).map { gradients[$0 * lanes + run] }
        #expect(alone.gradient == column, "gradient of run \(run) at step \(step)")
      }
      for i in scratch.indices { scratch[i] = .nan }
      task.laneLosses(at: theta, lanes: lanes, step: step, into: &losses, scratch: &scratch)
      for run in 0..<lanes {
        #expect(task.loss(at: points[run], step: step) == losses[run], "exact loss of run \(run)")
      }
    }
  }
}
