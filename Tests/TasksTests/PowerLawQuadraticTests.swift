import Hypergradient
import Tasks
import Testing

struct PowerLawQuadraticTests {
  @Test func traceIsTheSumOfPowers() {
    let task = PowerLawQuadratic(dimension: 15, exponent: 2, instance: 1)
    let minimiser = task.reference.minimiser!
    let trace = (0..<15).reduce(0.0) { sum, j in
      var theta = minimiser
      theta[j] += 1
      return sum + task.exactGradient(at: theta)[j]
    }
    let expected = (1...15).reduce(0.0) { $0 + 1 / Double($1 * $1) }
    #expect((trace - expected).magnitude < 1e-12)
  }
}
