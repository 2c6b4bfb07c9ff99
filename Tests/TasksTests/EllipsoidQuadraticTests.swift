import Hypergradient
import Tasks
import Testing

struct EllipsoidQuadraticTests {
  /// H's column j, from the gradient at x* + eⱼ.
  private func hessian(of task: some BenchmarkTask<Double>) -> [[Double]] {
    let minimiser = task.reference.minimiser!
    return (0..<task.dimension).map { j in
      var theta = minimiser
      theta[j] += 1
      return task.exactGradient(at: theta)
    }
  }

  @Test(arguments: [10, 1e3, 1e5])
  func spectrumIsLogSpaced(_ condition: Double) {
    let d = 12
    let task = EllipsoidQuadratic(dimension: d, condition: condition, instance: 3)
    let hessian = hessian(of: task)
    // Ratios of neighbours are κ^(1/(d−1)): found by repeated multiplication from a bisected root.
    var (low, high) = (1.0, condition)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      let power = (0..<(d - 1)).reduce(1.0) { value, _ in value * middle }
      if power < condition { low = middle } else { high = middle }
    }
    let eigenvalues = (0..<d).map { (0..<$0).reduce(1.0) { value, _ in value * low } }
    let trace = (0..<d).reduce(0.0) { $0 + hessian[$1][$1] }
    let squares = hessian.reduce(0.0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    let (sum, sumOfSquares) = (
      eigenvalues.reduce(0, +), eigenvalues.reduce(0) { $0 + $1 * $1 }
    )
    #expect((trace / sum - 1).magnitude < 1e-9)
    #expect((squares / sumOfSquares - 1).magnitude < 1e-9)
    // Rotated: no coordinate carries an eigenvalue by itself.
    #expect(hessian.indices.allSatisfy { j in norm(hessian[j]) > hessian[j][j] * (1 + 1e-6) })
  }

  @Test func bestRateAttainsTheKnownContraction() {
    // (κ−1)/(κ+1) a step in the distance, at the rate 2/(1+κ), is a bound that is attained.
    let condition = 10.0
    let task = EllipsoidQuadratic(dimension: 10, condition: condition, instance: 1)
    let minimiser = task.reference.minimiser!
    let steps = 60
    let theta = task.descended(rate: 2 / (1 + condition), steps: steps)
    let ratio =
      norm(zip(theta, minimiser).map { $0 - $1 })
      / norm(zip(task.start, minimiser).map { $0 - $1 })
    let bound = (0..<steps).reduce(1.0) { value, _ in value * (condition - 1) / (condition + 1) }
    #expect(ratio <= bound * (1 + 1e-9))
    #expect(ratio > bound / 100)
  }

  @Test func defaultsAreAHundredDimensions() {
    let task = EllipsoidQuadratic()
    #expect(task.dimension == 100)
    #expect(task.reference.kind == .exact && task.reference.value == 0)
  }
}
