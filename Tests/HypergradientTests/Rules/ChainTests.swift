internal import Hypergradient
internal import Testing

@Suite struct ChainTests {
  /// Two rules with state of their own, against both equations written out.
  @Test func secondRuleSeesWhatTheFirstWroteAndKeepsItsOwnState() {
    let (mu, rho, epsilon, rate) = (0.75, 0.5, 1e-3, 0.125)
    var optimizer = Optimizer(
      HeavyBall<Double>(momentum: mu).then(RMSProp(decay: rho, epsilon: epsilon)),
      ConstantRate(rate), parameterCount: 3)
    #expect(optimizer.memoryVectors == 2)
    var theta = [1.0, -2, 0.5]
    var expected = theta
    var (v, s) = ([0.0, 0, 0], [0.0, 0, 0])
    for _ in 0..<6 {
      let gradient = theta.map { 2 * $0 }
      optimizer.step(&theta, gradient: gradient)
      for i in 0..<3 {
        v[i] = mu * v[i] + gradient[i]
        s[i] = rho * s[i] + (1 - rho) * (v[i] * v[i])
        expected[i] -= rate * (v[i] / (s[i].squareRoot() + epsilon))
      }
      #expect(theta == expected)
    }
  }

  /// Scalar states side by side: two Adams with different betas, the second on the first's output.
  @Test func runningProductsDoNotMix() {
    let (first, second) = (
      Adam<Double>(beta1: 0.5, beta2: 0.9), Adam<Double>(beta1: 0.8, beta2: 0.95)
    )
    var chained = Optimizer(first.then(second), ConstantRate(1), parameterCount: 2)
    var (inner, outer) = (
      Optimizer(first, ConstantRate(1), parameterCount: 2),
      Optimizer(second, ConstantRate(1), parameterCount: 2)
    )
    for step in 0..<6 {
      let gradient = [1 - 0.3 * Double(step), 0.2 * Double(step) - 0.7]
      // From zero, a step of rate 1 lands on −u.
      var (a, b, c) = ([0.0, 0], [0.0, 0], [0.0, 0])
      chained.step(&a, gradient: gradient)
      inner.step(&b, gradient: gradient)
      outer.step(&c, gradient: b.map { -$0 })
      #expect(a == c)
    }
  }
}
