import Hypergradient
import Tasks
import Testing

struct CurvatureShiftTests {
  @Test(arguments: [0.1, 25])
  func curvatureChangesAtHalfTime(_ factor: Double) {
    let task = CurvatureShift(dimension: 8, factor: factor, horizon: 101)
    #expect(task.shiftStep == 50)
    let before = task.exactGradient(at: task.start, step: 49)
    #expect(before == task.exactGradient(at: task.start, step: 0))
    #expect(task.exactGradient(at: task.start, step: 50) == before.map { $0 * factor })
    #expect(task.loss(at: task.start, step: 50) == factor * task.loss(at: task.start, step: 49))
    let draws = task.draws(seed: 1, steps: 0..<101)
    #expect(
      task.gradient(at: task.start, step: 100, draws: draws).gradient == before.map { $0 * factor })
  }

  @Test func rateThatWasStableDiverges() {
    let task = CurvatureShift(dimension: 8, condition: 10, factor: 10, horizon: 200)
    let rate = 1.9 / 10
    let half = task.loss(at: task.descended(rate: rate, steps: 100), step: 99)
    let end = task.loss(at: task.descended(rate: rate, steps: 200), step: 199)
    #expect(half < 1e-3 * task.loss(at: task.start))
    #expect(end > task.loss(at: task.start))
  }
}
