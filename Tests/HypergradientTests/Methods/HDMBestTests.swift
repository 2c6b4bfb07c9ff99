internal import Hypergradient
internal import Testing

/// HDM-Best against its equations in plain arrays: scalar and diagonal, null steps, and the estimate of
/// the curvature.
@Suite struct HDMBestTests {
  private static let start = [0.9, -1.1, 0.6]

  @Test(arguments: HDMBest<Double>.Scaling.allCases, [6.0, 0.7])
  func equationsByHand(_ scaling: HDMBest<Double>.Scaling, _ given: Double) {
    var oracle = SmoothOracle(3, noise: 0)
    var method = HDMBest<Double>(
      curvature: given, scaling: scaling, momentumRate: 0.5, stepsBeforeEstimate: 5)
    var x = Self.start
    method.begin(at: x)
    let isDiagonal = scaling == .diagonal
    var (w, d) = (x, [0.0, 0.0, 0.0])
    var p = [Double](repeating: 0, count: isDiagonal ? 3 : 1)
    var squares = p
    var (beta, betaSquares, rate, curvature) = (0.95, 0.0, 10 / given, given)
    var (isEstimated, accepted, nulls) = (false, 0, 0)
    var (curvatures, curvatureCount) = (0.0, 0.0)
    for step in 0..<40 {
      method.step(&x, &oracle)
      let (f, g) = (oracle.value(w, draw: 0), oracle.gradient(w, draw: 0))
      let y = w.indices.map { w[$0] - p[isDiagonal ? $0 : 0] * g[$0] + beta * d[$0] }
      let (reached, above) = (oracle.value(y, draw: 0), oracle.gradient(y, draw: 0))
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      let scale = dot(g, g) + (isEstimated ? curvature * curvature / 4 * dot(d, d) : 1e-12)
      for i in p.indices {
        let h = isDiagonal ? -above[i] * g[i] / scale : -dot(above, g) / scale
        squares[i] += h * h
        p[i] = min(max(p[i] - rate * h / (squares[i].squareRoot() + 1e-12), 0), 1e10 / curvature)
      }
      let h = dot(above, d) / scale
      betaSquares += h * h
      beta = min(max(beta - 0.5 * h / (betaSquares.squareRoot() + 1e-12), 0), 0.9995)
      if reached < f {
        d = w.indices.map { y[$0] - w[$0] }
        let change = w.indices.map { above[$0] - g[$0] }
        let length = dot(d, d).squareRoot()
        if length > 1e-3 {
          curvatures += dot(change, change).squareRoot() / length
          curvatureCount += 1
        }
        w = y
        accepted += 1
      } else {
        d = [0, 0, 0]
        nulls += 1
        accepted = max(0, accepted - 2)
      }
      if !isEstimated, accepted > 5, curvatureCount > 0 {
        curvature = curvatures / curvatureCount
        rate = 1 / curvature
        squares = squares.map { _ in 0 }
        isEstimated = true
      }
      guard w.map(abs).max()! > 1e-5 else { break }
      #expect(relativeDifference(x, w) < 1e-7, "step \(step)")
      #expect(abs(method.momentum - beta) < 1e-7, "step \(step)")
      #expect(abs(method.learningRate - p.reduce(0, +) / Double(p.count)) < 1e-6)
      #expect(method.nullSteps == nulls && abs(method.curvature - curvature) < 1e-7)
    }
    #expect(nulls > 0 && isEstimated, "nulls \(nulls), estimated \(isEstimated)")
  }
}
