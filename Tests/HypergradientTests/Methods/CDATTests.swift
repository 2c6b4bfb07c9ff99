internal import Hypergradient
internal import Testing

@Suite struct CDATTests {
  /// ½(x² + 3y²) from (2, 1): g = (2, 3), gᵀg = 13, gᵀHg = 4 + 27 = 31; then g = (2, 3) − η (2, 9).
  @Test func ratesByHand() {
    var oracle = quadratic([1, 3])
    var method = CDAT(GradientDescent<Double>(), factor: 1.5, decay: 0.5)
    var x = [2.0, 1]
    method.begin(at: x)
    method.step(&x, &oracle)
    let first = 1.5 * 13 / 31
    #expect(relativeDifference(method.learningRate, first) < 1e-8)
    #expect(relativeDifference(x, [2 - first * 2, 1 - first * 3]) < 1e-8)
    let g = [2 - first * 2, 3 - first * 9]
    let n = 0.25 * 13 + 0.5 * (g[0] * g[0] + g[1] * g[1])
    let d = 0.25 * 31 + 0.5 * (g[0] * g[0] + 3 * g[1] * g[1])
    method.step(&x, &oracle)
    #expect(relativeDifference(method.learningRate, 1.5 * n / d) < 1e-7)
  }

  /// With σ = 1 and no average it is the steepest descent of a quadratic; with σ = 2 the loss
  /// stays.
  @Test func theEdgeIsWhereTheLossStays() {
    func losses(_ factor: Double) -> [Double] {
      var oracle = quadratic([1, 3, 10])
      var method = CDAT(GradientDescent<Double>(), factor: factor, decay: 0)
      var x = [2.0, 1, -1]
      method.begin(at: x)
      return (0..<10).map { _ in
        method.step(&x, &oracle)
        return (x[0] * x[0] + 3 * x[1] * x[1] + 10 * x[2] * x[2]) / 2
      }
    }
    for loss in losses(2) { #expect(relativeDifference(loss, 8.5) < 1e-6) }
    let greedy = losses(1)
    #expect(zip(greedy, greedy.dropFirst()).allSatisfy { $1 < $0 } && greedy[9] < 0.5)
  }

  /// Negative curvature counts by its size.
  @Test func negativeCurvature() {
    var oracle = quadratic([-2])
    var method = CDAT(GradientDescent<Double>(), factor: 1)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(relativeDifference(method.learningRate, 0.5) < 1e-8 && x[0] > 1.9)
  }
}
