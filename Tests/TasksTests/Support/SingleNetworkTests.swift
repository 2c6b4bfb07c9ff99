import Hypergradient
import Tasks
import Testing

/// Networks in Float are those in Double, to the precision of Float.
struct SingleNetworkTests {
  @Test func isTheDoubleNetworkRounded() {
    compare(TeacherStudent(inputs: 5, hidden: 7, examples: 48, batch: 12), \.single)
    compare(TwoSpirals(hidden: 6, examples: 48, batch: 12), \.single)
  }

  private func compare<Task: BenchmarkTask>(_ task: Task, _ single: (Task) -> SingleNetwork)
  where Task.Scalar == Double {
    let narrow = single(task)
    #expect(narrow.dimension == task.dimension && narrow.parameterGroups == task.parameterGroups)
    #expect(narrow.stepsPerEpoch == task.stepsPerEpoch)
    #expect(narrow.start == task.start.map { Float($0) })
    let point = task.start.map { Double(Float($0)) }
    let steps = 3..<5
    let draws = task.draws(seed: 2, steps: steps)
    let narrowDraws = narrow.draws(seed: 2, steps: steps)
    #expect(close(narrowDraws.values, draws.values))
    for step in steps {
      let wide = task.gradient(at: point, step: step, draws: draws)
      let found = narrow.gradient(at: narrow.start, step: step, draws: narrowDraws)
      #expect((found.loss - wide.loss).magnitude < 1e-5 * wide.loss)
      #expect(close(found.gradient, wide.gradient))
    }
    let loss = task.loss(at: point)
    #expect((narrow.loss(at: narrow.start) - loss).magnitude < 1e-5 * loss)
    #expect(close(narrow.exactGradient(at: narrow.start), task.exactGradient(at: point)))
  }

  /// A teacher in Float reaches its reference exactly, as one in Double does.
  @Test func theTeacherLeavesNothing() {
    let task = TeacherStudent(inputs: 5, hidden: 7, examples: 48, batch: 12).single
    let teacher = task.reference.minimiser!.map { Float($0) }
    #expect(task.loss(at: teacher) == 0)
    #expect(task.exactGradient(at: teacher).allSatisfy { $0 == 0 })
  }

  private func close(_ found: [Float], _ wide: [Double]) -> Bool {
    let largest = wide.reduce(0) { max($0, $1.magnitude) }
    return found.count == wide.count
      && zip(found, wide).allSatisfy { (Double($0) - $1).magnitude <= 1e-5 * largest }
  }
}
