import Hypergradient
import PortableMath
import Tasks
import Testing

struct AddingProblemTests {
  /// A network without weights says c; who says 1 has the variance of two uniform numbers, 1/6.
  @Test func constantPredictors() {
    let task = AddingProblem(examples: 20_000, batch: 100, instance: 2)
    var theta = [Double](repeating: 0, count: task.dimension)
    #expect((task.loss(at: theta) - (1 + 1.0 / 6) / 2).magnitude < 0.01)
    theta[task.dimension - 1] = 1
    #expect((task.loss(at: theta) - 1.0 / 12).magnitude < 0.003)
  }

  /// Units that remember: with small weights tanh is nearly the identity, so a sum of x·mark kept by
  /// feedback 1 would be right; here marks alone are counted, two in each sequence.
  @Test func aUnitCountsTheMarks() {
    let task = AddingProblem(length: 6, hidden: 1, examples: 64, batch: 16)
    let small = 1e-3
    // W = (0, ε), U = 1, b = 0, v = 1/(2ε), c = 0: the output is the number of marks over 2.
    let loss = task.loss(at: [0, small, 1, 0, 1 / (2 * small), 0])
    let constant = task.loss(at: [0, 0, 0, 0, 0, 1])
    #expect((loss - constant).magnitude < 1e-5)
  }

  @Test(arguments: [2, 3, 7]) func everySlope(_ length: Int) {
    let task = AddingProblem(length: length, hidden: 3, examples: 10, batch: 4, instance: 3)
    #expect(task.differenceError(task.start) < 1e-8)
  }

  /// More than a constant is learned: below 1/12.
  @Test func learnsToRemember() {
    let task = AddingProblem(length: 4, hidden: 16, examples: 64, batch: 16)
    #expect(task.loss(at: task.descended(rate: 0.125, steps: 3000)) < 0.3 / 12)
  }
}
