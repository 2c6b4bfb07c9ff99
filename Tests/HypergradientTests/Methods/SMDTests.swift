internal import Hypergradient
internal import Testing

@Suite struct SMDTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  /// Three steps on ½xᵀAx with A = ((2, 1), (1, 3)), in plain numbers.
  @Test func equationsByHandOnAQuadratic() {
    var oracle = FunctionOracle<Double>(parameterCount: 2) { point, gradient, _ in
      gradient[0] = 2 * point[0] + point[1]
      gradient[1] = point[0] + 3 * point[1]
      return 0
    }
    let (mu, lambda, rho) = (0.3, 0.9, 0.5)
    var method = SMD<Double>(
      initial: 0.1, metaRate: mu, discount: lambda, leastFactor: rho)
    var x = [1.0, -2.0]
    method.begin(at: x)
    var (w, v, p) = ([1.0, -2.0], [0.0, 0.0], [0.1, 0.1])
    for _ in 0..<25 {
      method.step(&x, &oracle)
      let d = [-(2 * w[0] + w[1]), -(w[0] + 3 * w[1])]
      let curved = [2 * v[0] + v[1], v[0] + 3 * v[1]]
      for i in 0..<2 {
        p[i] *= max(rho, 1 + mu * d[i] * v[i])
        w[i] += p[i] * d[i]
        v[i] = lambda * v[i] + p[i] * (d[i] - lambda * curved[i])
      }
      #expect(relativeDifference(x, w) < 1e-7)
      #expect(relativeDifference(method.gains, p) < 1e-7)
      #expect(relativeDifference(method.trace, v) < 1e-6)
    }
    // The first step has no trace yet; the gains of both coordinates have moved apart.
    #expect(oracle.counts.hessianVectorProducts == 24)
    #expect(abs(method.gains[0] - method.gains[1]) > 0.01)
  }

  /// With fixed gains and λ = 1, v is dθ_t/d ln p for one logarithm added to all gains: differences of
  /// whole runs of plain gradient descent, on a function that is not quadratic.
  @Test func theTraceIsTheDerivativeByTheLogarithmOfTheGains() {
    let (gain, steps) = (0.05, 15)
    var oracle = SmoothOracle()
    var method = SMD<Double>(initial: gain, metaRate: 0, discount: 1)
    var x = Self.start
    method.begin(at: x)
    for step in 0..<steps {
      oracle.step = step
      method.step(&x, &oracle)
    }
    // dθ/d ln p = p dθ/dp.
    let expected = derivative(at: gain, step: 1e-3 * gain) { gain in
      var oracle = SmoothOracle()
      var w = Self.start
      for step in 0..<steps {
        oracle.step = step
        let g = oracle.gradient(w, draw: 0)
        for i in w.indices { w[i] -= gain * g[i] }
      }
      return w
    }.map { gain * $0 }
    let error = relativeDifference(method.trace, expected)
    print("SMD trace against differences: \(error)")
    #expect(error < 1e-8)
    #expect(method.gains == [gain, gain, gain, gain, gain])
  }

  /// The factor of a gain is never less than ρ, and the gain stays within its bounds.
  @Test func gainsAreBounded() {
    var oracle = FunctionOracle<Double>(parameterCount: 1) { point, gradient, _ in
      gradient[0] = 10 * point[0]
      return 5 * point[0] * point[0]
    }
    var method = SMD<Double>(
      initial: 0.15, metaRate: 1e3, discount: 0, leastFactor: 0.25, within: 0.02...0.2)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(x[0] == -0.5)
    // d·v = 5 · (−1.5) < 0: the factor would be negative.
    method.step(&x, &oracle)
    #expect(method.gains == [0.15 * 0.25])
    method.step(&x, &oracle)
    // d·v > 0 now.
    #expect(method.gains == [0.2])
  }

  @Test(arguments: [Double.nan, .infinity])
  func badAnswersAreSurvived(_ fault: Double) {
    var oracle = SmoothOracle()
    var method = SMD<Double>(initial: 0.05)
    var x = Self.start
    method.begin(at: x)
    for _ in 0..<3 { method.step(&x, &oracle) }
    let (before, gains, trace) = (x, method.gains, method.trace)
    oracle.faults.gradient = fault
    method.step(&x, &oracle)
    #expect(x == before && method.gains == gains && method.trace == trace)
    oracle.faults.gradient = nil
    oracle.faults.product = fault
    method.step(&x, &oracle)
    #expect(x != before && method.trace == [0, 0, 0, 0, 0] && method.traceRestarts == 1)
  }
}
