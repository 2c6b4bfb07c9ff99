internal import Hypergradient
internal import Testing

/// dθ_T/dη of every rule that has a tangent, against differences of whole runs of the rule itself.
@Suite struct RuleTangentTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  /// θ_T of the plain optimizer at a constant rate.
  private func end<R: UpdateRule<Double>>(_ rule: R, rate: Double, steps: Int) -> [Double] {
    var oracle = SmoothOracle()
    var optimizer = Optimizer(rule, ConstantRate(rate), parameterCount: Self.start.count)
    var x = Self.start
    for step in 0..<steps {
      oracle.step = step
      optimizer.step(&x, &oracle)
    }
    return x
  }

  private func check<R: TangentRule<Double>>(
    _ name: String, _ rule: R, rate: Double
  ) {
    for steps in [1, 5, 12, 20] {
      var oracle = SmoothOracle()
      var method = ForwardHypergradient(rule, initial: rate, hyperLearningRate: 0)
      var x = Self.start
      method.begin(at: x)
      for step in 0..<steps {
        oracle.step = step
        method.step(&x, &oracle)
      }
      #expect(x == end(rule, rate: rate, steps: steps), "\(name): another trajectory")
      let expected = derivative(at: rate, step: 1e-3 * rate) {
        end(rule, rate: $0, steps: steps)
      }
      let error = relativeDifference(method.tangent, expected)
      print("tangent of \(name), \(steps) steps: relative difference \(error)")
      #expect(error < 1e-8, "\(name), \(steps) steps: \(error)")
      #expect(oracle.counts.gradients == 2 * steps)
      #expect(oracle.counts.hessianVectorProducts == steps - 1)
    }
  }

  @Test func gradientDescent() { check("sgd", GradientDescent(), rate: 0.05) }

  @Test func heavyBall() {
    check("heavyBall", HeavyBall(momentum: 0.9), rate: 0.02)
    check("heavyBall with dampening", HeavyBall(momentum: 0.8, dampening: 0.3), rate: 0.02)
  }

  @Test func nesterov() { check("nesterov", Nesterov(momentum: 0.9), rate: 0.02) }

  @Test func adam() {
    check("adam", Adam(), rate: 0.03)
    check("adam with a large ε", Adam(beta1: 0.8, beta2: 0.95, epsilon: 0.1), rate: 0.03)
    check(
      "adam with ε on √v", Adam(epsilon: 1e-3, epsilonPlace: .onUncorrectedRoot), rate: 0.03)
  }

  /// With g = 0 so far, u = k₁m/ε near it: u̇ = k₁ṁ/ε, and nothing is infinite.
  @Test func adamAtZeroGradients() {
    let rule = Adam<Double>(epsilon: 0.5)
    var (g, dg, du) = ([0.0], [0.25], [0.0])
    var scalars = rule.requirements.scalars
    var state = [0.0, 0.0]
    var tangents = [0.0, 0.0]
    scalars.withUnsafeMutableBufferPointer { scalars in
      let step = RuleStep(index: 0, gradientNorm: .nan, scalars: RuleScalars(scalars))
      rule.begin(step)
      rule.directionTangent(
        TangentStrip(
          count: 1, gradient: &g, gradientTangent: &dg, directionTangent: &du, state: &state,
          stateTangent: &tangents, stride: 1, stateVectors: 2), step)
    }
    #expect(abs(du[0] - 0.25 / 0.5) < 1e-15)
  }

  /// ẋ of a quadratic ½a x² under gradient descent: x_T = (1 − ηa)ᵀ x₀, dx_T/dη = −T a (1 − ηa)ᵀ⁻¹ x₀.
  @Test func closedFormOnAQuadratic() {
    let (a, rate, start) = (1.5, 0.2, 3.0)
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = a * point[0]
      return 0.5 * a * point[0] * point[0]
    }
    var method = ForwardHypergradient(
      GradientDescent<Double>(), initial: rate, hyperLearningRate: 0)
    var x = [start]
    method.begin(at: x)
    for step in 1...15 {
      method.step(&x, &oracle)
      var power = 1.0
      for _ in 1..<step { power *= 1 - rate * a }
      let expected = -Double(step) * a * power * start
      #expect(abs(method.tangent[0] - expected) <= 1e-8 * abs(expected), "step \(step)")
      // h = ⟨∇E(θ_T), Z⟩ with E = f.
      let hypergradient = a * power * (1 - rate * a) * start * expected
      #expect(abs(method.hypergradient - hypergradient) <= 1e-8 * abs(hypergradient))
    }
  }
}
