internal import Hypergradient
internal import PortableMath
internal import Testing

/// Muppidi et al. (2024), Algorithms 1 and 2, in plain arrays.
@Suite struct TRACTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let rate: Double
    let s0: Double
    let epsilon: Double
    let betas: [Double]
    var delta = [Double](repeating: 0, count: 5)
    var (v, sigma): ([Double], [Double])
    var s = 0.0
    var adam = Plain.Adam()
    var zeros = 0

    init(rate: Double, s0: Double, count: Int, epsilon: Double) {
      (self.rate, self.s0, self.epsilon) = (rate, s0, epsilon)
      betas = (1...count).map { 1 - [1, 0.1, 0.01, 0.001, 1e-4][$0] }
      (v, sigma) = (betas.map { _ in 0 }, betas.map { _ in 1e-8 })
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let g = f.gradient(x)
      // (θ − θ₀)/(s + ε).
      delta = x.indices.map { (x[$0] - TRACTests.start[$0]) / (s + epsilon) }
      let h = Plain.dot(g, delta)
      let u = adam.direction(g)
      for i in x.indices { delta[i] -= rate * u[i] }
      s = 0
      for k in betas.indices {
        v[k] = betas[k] * betas[k] * v[k] + h * h
        sigma[k] = betas[k] * sigma[k] - h
        s +=
          s0 * Portable.erfi(sigma[k] / ((2 * v[k]).squareRoot() + epsilon))
          / Portable.erfi(0.5.squareRoot())
      }
      s = max(0, s)
      if s == 0 { zeros += 1 }
      for i in x.indices { x[i] = TRACTests.start[i] + s * delta[i] }
      return s * rate
    }
  }

  @Test(arguments: [0.0, 0.3], [1e-8, 1e-3]) func recursion(_ noise: Double, epsilon: Double) {
    var plain = Recursion(rate: 0.1, s0: 0.01, count: 3, epsilon: epsilon)
    expectSteps(
      of: TRAC(Adam<Double>(), rate: 0.1, initialScale: 0.01, betas: 3, epsilon: epsilon),
      from: Self.start, steps: 40, noise: noise, tolerance: 1e-6
    ) { plain.step(&$0, $1) }
  }

  /// The first scale: bets of s₀ erfi(β)/erfi(1/√2), by mpmath.
  @Test func theFirstScaleByHand() {
    var oracle = quadratic([1])
    var method = TRAC(GradientDescent<Double>(), rate: 0.5, initialScale: 0.01, betas: 2)
    var x = [2.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    let s = 0.01 * (1.3715432015722875 + 1.6200569163157349) / 0.9534382692512608
    #expect(relativeDifference(method.learningRate, 0.5 * s) < 1e-6)
    #expect(relativeDifference(x[0], 2 - s) < 1e-6)
  }

  /// Gradients that turn for good make the bets fail, and the parameters go back to the start.
  @Test func whereTheBetsFailItGoesBack() {
    var sign = 1.0
    var oracle = FunctionOracle<Double>(parameterCount: 1) { _, g, _ in
      g[0] = sign
      return 0
    }
    var method = TRAC(GradientDescent<Double>(), rate: 1, initialScale: 1e-3, betas: 1)
    var x = [0.0]
    method.begin(at: x)
    for _ in 0..<10 { method.step(&x, &oracle) }
    #expect(x[0] < -0.01)
    sign = -1
    var hasReturned = false
    for _ in 0..<40 {
      method.step(&x, &oracle)
      if x[0] == 0 { hasReturned = true }
    }
    #expect(hasReturned && x[0].isFinite)
  }
}
