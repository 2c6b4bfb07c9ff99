import PortableMath
import Tasks
import Testing

struct HaarRotationTests {
  @Test(arguments: [1, 2, 3, 17, 40])
  func isOrthogonal(_ d: Int) {
    let q = HaarRotation.matrix(dimension: d, key: RandomKey("test", d))
    for i in 0..<d {
      for j in 0...i {
        let product = (0..<d).reduce(0.0) { $0 + q[i * d + $1] * q[j * d + $1] }
        #expect((product - (i == j ? 1 : 0)).magnitude < 1e-14)
      }
    }
  }

  /// Moments of Haar measure over O(d): every entry has mean 0 and variance 1/d, the trace has
  /// variance 1, each sign of the determinant has chance ½.
  @Test func momentsAreHaars() {
    let d = 3
    let count = 2000
    var squares = [Double](repeating: 0, count: d * d)
    var sums = [Double](repeating: 0, count: d * d)
    var traces = 0.0
    var positive = 0
    for instance in 0..<count {
      let q = HaarRotation.matrix(dimension: d, key: RandomKey("test.moments", instance))
      for i in q.indices {
        sums[i] += q[i]
        squares[i] += q[i] * q[i]
      }
      let trace = q[0] + q[4] + q[8]
      traces += trace * trace
      let determinant =
        q[0] * (q[4] * q[8] - q[5] * q[7]) - q[1] * (q[3] * q[8] - q[5] * q[6])
        + q[2] * (q[3] * q[7] - q[4] * q[6])
      if determinant > 0 { positive += 1 }
    }
    let n = Double(count)
    // Five standard errors: Var q = 1/3, Var q² = 4/45, Var tr² = 2 at most, Var sign = 1/4.
    for i in sums.indices {
      #expect((sums[i] / n).magnitude < 5 * (1 / 3.0 / n).squareRoot())
      #expect((squares[i] / n - 1.0 / 3).magnitude < 5 * (4 / 45.0 / n).squareRoot())
    }
    #expect((traces / n - 1).magnitude < 5 * (2 / n).squareRoot())
    #expect((Double(positive) / n - 0.5).magnitude < 5 * (0.25 / n).squareRoot())
  }

  @Test func keyDecides() {
    let key = RandomKey("test", 1)
    let matrix = HaarRotation.matrix(dimension: 5, key: key)
    #expect(matrix == HaarRotation.matrix(dimension: 5, key: key))
    #expect(matrix != HaarRotation.matrix(dimension: 5, key: RandomKey("test", 2)))
  }
}
