internal import Hypergradient
internal import Testing

/// Cutkosky, Defazio and Mehta (2023), Algorithm 1, in plain arrays. m follows |h|, as in the
/// authors' code.
@Suite struct MechanicTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]
  private static let betas = [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]

  private struct Recursion {
    let (rate, lambda, first): (Double, Double, Double)
    let epsilon = 1e-8
    let betas: [Double]
    var (m, v, r, s): ([Double], [Double], [Double], [Double])
    var reference: [Double]?
    var delta: [Double] = []
    /// How often a reward was held at zero, and m was its decayed self.
    var (ruined, decayed) = (0, 0)

    init(rate: Double, lambda: Double, first: Double, betas: [Double]) {
      (self.rate, self.lambda, self.first, self.betas) = (rate, lambda, first, betas)
      let zero = betas.map { _ in 0.0 }
      (m, v, r, s) = (zero, zero, zero, zero)
    }

    mutating func step(
      _ x: inout [Double], _ f: PlainObjective, _ direction: ([Double]) -> [Double]
    ) -> Double {
      if reference == nil { (reference, delta) = (x, x.map { _ in 0 }) }
      let g = f.gradient(x)
      let scale = lambda * s.reduce(0, +) * Plain.norm(g) / Plain.norm(x)
      let h = Plain.dot(delta, x.indices.map { g[$0] + scale * x[$0] })
      for k in betas.indices {
        if betas[k] * m[k] > abs(h) { decayed += 1 }
        m[k] = max(betas[k] * m[k], abs(h))
        v[k] = betas[k] * betas[k] * v[k] + h * h
        let reward = betas[k] * r[k] - s[k] * h
        if reward < 0 { ruined += 1 }
        r[k] = max(0, reward)
        let wealth = first / Double(betas.count) * m[k] + r[k]
        s[k] = wealth / (v[k].squareRoot() + epsilon)
      }
      let u = direction(g)
      for i in x.indices {
        delta[i] -= rate * u[i]
        x[i] = reference![i] + s.reduce(0, +) * delta[i]
      }
      return s.reduce(0, +) * rate
    }
  }

  @Test(arguments: [0.0, 0.3]) func recursionOverGradientDescent(_ noise: Double) {
    var plain = Recursion(rate: 0.5, lambda: 0.01, first: 0.5, betas: Self.betas)
    expectSteps(
      of: Mechanic(GradientDescent<Double>(), rate: 0.5, initialScale: 0.5), from: Self.start,
      steps: 20, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1, Plain.gradientDescent) }
    #expect(plain.ruined > 0 && plain.decayed > 0)
  }

  @Test(arguments: [0.0, 0.3]) func recursionOverAdam(_ noise: Double) {
    var adam = Plain.Adam()
    var plain = Recursion(rate: 0.1, lambda: 0.3, first: 0.1, betas: [0.9, 0.99, 0.999])
    expectSteps(
      of: Mechanic(Adam<Double>(), rate: 0.1, decay: 0.3, initialScale: 0.1, betas: 3),
      from: Self.start, steps: 30, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) { adam.direction($0) } }
    #expect(plain.decayed > 0)
  }

  @Test func recursionInFloat() {
    var plain = Recursion(rate: 0.5, lambda: 0.01, first: 0.02, betas: Self.betas)
    expectSteps(
      of: Mechanic(GradientDescent<Float>(), rate: 0.5, initialScale: 0.02), from: Self.start,
      steps: 12, noise: 0.3, tolerance: 1e-4
    ) { plain.step(&$0, $1, Plain.gradientDescent) }
  }

  /// ½x² from 1 with one β, s₀ = λ = 1/2 and ε = 1.
  @Test func threeStepsByHand() {
    var oracle = quadratic([1])
    var method = Mechanic(
      GradientDescent<Double>(), decay: 0.5, initialScale: 0.5, betas: 1, epsilon: 1)
    var x = [1.0]
    method.begin(at: x)
    // Δ₁ = 0, so h = 0 and the scale too: the first step does not move.
    method.step(&x, &oracle)
    #expect(x == [1] && method.learningRate == 0)
    // h = −1, m = v = 1, r = 0: s = 1/2 / 2; Δ = −2.
    method.step(&x, &oracle)
    #expect(x == [0.5] && method.learningRate == 0.25)
    // h = −2 (1/2 + 1/2 · 1/4 · 1/2) = −9/8, m = 9/8, v = 0.81 + 81/64, r = 9/32; Δ = −5/2.
    method.step(&x, &oracle)
    let s = 27.0 / 32 / ((0.81 + 81.0 / 64).squareRoot() + 1)
    #expect(relativeDifference(method.learningRate, s) < 1e-15)
    #expect(relativeDifference(x, [1 - 2.5 * s]) < 1e-14)
  }
}
