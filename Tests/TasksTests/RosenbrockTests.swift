import Hypergradient
import Tasks
import Testing

struct RosenbrockTests {
  @Test func classicalValues() {
    let task = Rosenbrock(dimension: 2, coefficient: 100)
    #expect((task.loss(at: [-1.2, 1]) - 24.2).magnitude < 1e-12)
    #expect(
      task.exactGradient(at: [-1.2, 1]).elementsEqual([-215.6, -88]) { ($0 - $1).magnitude < 1e-11 }
    )
    #expect(task.loss(at: [1, 1]) == 0)
    #expect(task.exactGradient(at: [1, 1]) == [0, 0])
  }

  @Test func startIsNearTheClassicalOne() {
    let task = Rosenbrock(dimension: 10, instance: 3)
    for (i, value) in task.start.enumerated() {
      #expect((value - (i % 2 == 0 ? -1.2 : 1)).magnitude < 0.3)
    }
  }

  /// From the start plain descent finds the global minimum, not the local one near (−1, 1, …).
  @Test(arguments: [1, 2, 3])
  func descentReachesTheGlobalMinimum(_ instance: Int) {
    let task = Rosenbrock(dimension: 6, coefficient: 10, instance: instance)
    #expect(task.loss(at: task.descended(rate: 1.0 / 256, steps: 4000)) < 1e-3)
  }
}
