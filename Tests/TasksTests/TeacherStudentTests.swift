import Hypergradient
import Tasks
import Testing

struct TeacherStudentTests {
  @Test func teacherReachesZeroExactly() {
    let task = TeacherStudent(instance: 2)
    #expect(task.dimension == 385)
    let teacher = task.reference.minimiser!
    #expect(task.reference.kind == .exact)
    #expect(task.loss(at: teacher) == 0)
    let draws = task.draws(seed: 1, steps: 0..<1)
    let seen = task.gradient(at: teacher, step: 0, draws: draws)
    #expect(seen.loss == 0 && seen.gradient.allSatisfy { $0 == 0 })
  }

  @Test func hiddenUnitsMayBeExchanged() {
    let task = TeacherStudent(inputs: 3, hidden: 2, examples: 16, batch: 8, instance: 1)
    let w = task.reference.minimiser!
    let exchanged = Array(w[3..<6] + w[0..<3]) + [w[7], w[6], w[9], w[8], w[10]]
    #expect(task.loss(at: exchanged) < 1e-30)
    #expect(task.loss(at: task.start) > 1e-3)
  }
}
