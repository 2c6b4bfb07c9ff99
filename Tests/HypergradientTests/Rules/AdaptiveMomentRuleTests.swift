import Hypergradient
import Testing

/// What Adam's family shares serves a rule of one's own: Adam written again is Adam.
@Suite struct AdaptiveMomentRuleTests {
  struct Own: AdaptiveMomentRule {
    var beta1 = 0.8, beta2 = 0.95

    func direction(_ strip: Strip<Double>, _ step: RuleStep) {
      let (b1, rest1, b2, rest2) = decays
      let (k1, k2, epsilon) = rounded(biasCorrections(step), 1e-3)
      let (m, v) = (strip.state(0), strip.state(1))
      for i in 0..<strip.count {
        let g = strip.gradient[i]
        m[i] = b1 * m[i] + rest1 * g
        v[i] = b2 * v[i] + rest2 * (g * g)
        strip.direction[i] = (m[i] * k1) / ((v[i] * k2).squareRoot() + epsilon)
      }
    }
  }

  @Test func adamWrittenAgainIsAdam() {
    func run<R: UpdateRule<Double>>(_ rule: R) -> [Double] {
      var theta = [1.0, -2, 0.5]
      var optimizer = Optimizer(rule, ConstantRate(0.1), parameterCount: 3)
      for _ in 0..<20 {
        optimizer.step(&theta, gradient: [theta[0], 10 * theta[1], theta[2] - 1], loss: 0)
      }
      return theta
    }
    #expect(run(Own()) == run(Adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3)))
  }

  /// By hand, from β₁ᵗ = 0.8ᵗ and β₂ᵗ = 0.95ᵗ: with one gradient for ever m̂ is it, and v̂ its square.
  @Test func aConstantGradientIsCorrectedWhole() {
    var theta = [0.0]
    var optimizer = Optimizer(Own(), ConstantRate(1), parameterCount: 1)
    for step in 1...5 {
      optimizer.step(&theta, gradient: [2], loss: 0)
      #expect(abs(theta[0] + Double(step) * 2 / (2 + 1e-3)) < 1e-12)
    }
  }
}
