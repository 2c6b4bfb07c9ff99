internal import Hypergradient
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
}
