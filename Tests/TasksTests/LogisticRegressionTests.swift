import Hypergradient
import PortableMath
import Tasks
import Testing

struct LogisticRegressionTests {
  private let task = LogisticRegression(dimension: 10, examples: 60, batch: 12, instance: 1)

  @Test func minimumIsCertified() {
    #expect(task.reference.kind == .certified)
    #expect(norm(task.exactGradient(at: task.reference.minimiser!)) <= 1e-13)
    #expect(task.reference.value > 0)
    // log 2 at θ = 0.
    let zero = [Double](repeating: 0, count: 10)
    #expect((task.loss(at: zero) - 0.6931471805599453).magnitude < 1e-14)
    #expect(task.reference.value < 0.6931471805599453)
  }

  /// The draw's rows carry their labels: the seen loss from its definition.
  @Test func seenLossIsTheDefinition() {
    let draws = task.draws(seed: 1, steps: 0..<1)
    let theta = task.start.map { 2 * $0 }
    let rows = draws.values[(12 * 10)...]
    var sum = 0.0
    for slot in 0..<12 {
      var margin = 0.0
      for j in 0..<10 { margin += rows[rows.startIndex + slot * 10 + j] * theta[j] }
      sum += Portable.log1p(Portable.exp(-margin))
    }
    let penalty = 0.5 * task.regularisation * theta.reduce(0) { $0 + $1 * $1 }
    let seen = task.gradient(at: theta, step: 0, draws: draws)
    #expect((seen.loss / (sum / 12 + penalty) - 1).magnitude < 1e-13)
  }

  @Test func hugeMarginsStayFinite() {
    let far = task.start.map { 1e5 * $0 }
    #expect(task.loss(at: far).isFinite)
    #expect(task.exactGradient(at: far).allSatisfy { $0.isFinite })
  }

  @Test func batchesOfAnEpochAverageToTheWhole() {
    let draws = task.draws(seed: 9, steps: 0..<5)
    let mean = (0..<5).reduce(0.0) {
      $0 + task.gradient(at: task.start, step: $1, draws: draws).loss / 5
    }
    #expect((mean / task.loss(at: task.start) - 1).magnitude < 1e-13)
  }
}
