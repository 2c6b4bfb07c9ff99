internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct CenteredRMSPropTests {
  @Test func equationsByHand() {
    let rule = CenteredRMSProp<Double>(decay: 0.5, epsilon: 0.25)
    // v: 2, 9, m: 1, −1.5: √(2 − 1) = 1, √(9 − 2.25).
    #expect(agree(directions(rule, [2, -4]), [2 / 1.25, -4 / (6.75.squareRoot() + 0.25)]))
  }

  /// A constant gradient has no variance, and rounding must not make it negative.
  @Test func aConstantGradientGivesNumbers() {
    var optimizer = Optimizer(
      CenteredRMSProp<Float>(decay: 0.3), ConstantRate(1e-9), parameterCount: 3)
    var theta: [Float] = [0, 0, 0]
    for _ in 0..<500 { optimizer.step(&theta, gradient: [0.1, 0.7, 1.3]) }
    #expect(theta.allSatisfy { $0.isFinite && $0 < 0 })
  }

  /// Where rounding makes v − m² negative, as for gradients that are nearly constant, it counts as 0,
  /// in the plain form and in the kernel's: no move is longer than η|g|/ε.
  @Test(arguments: [0, 1e-8, 0.01, 0.3, 0.99])
  func aVarianceThatRoundingMakesNegativeCountsAsZero(_ decay: Double) {
    func check<S: ParameterScalar>(_: S.Type, count: Int) {
      var optimizer = Optimizer(
        CenteredRMSProp<S>(decay: decay, epsilon: 0.5), ConstantRate(1), parameterCount: count)
      var theta = [S](repeating: 0, count: count)
      var draw = RandomStream(RandomKey("tests.centered", count))
      let mean = (0..<count).map { _ in draw.normal() }
      for step in 0..<200 {
        let noise = step % 2 == 0 ? 0 : 1e-7
        let g = mean.map { S.nearest(to: $0 * (1 + noise * draw.normal())) }
        theta = theta.map { _ in 0 }
        optimizer.step(&theta, gradient: g)
        for i in 0..<count {
          #expect(theta[i].isFinite && abs(theta[i]) <= 2.0001 * abs(g[i]), "\(theta[i]), \(g[i])")
        }
      }
    }
    for count in [1, 3, 40] {
      check(Float.self, count: count)
      check(Double.self, count: count)
    }
  }
}
