internal import Hypergradient
internal import Testing

/// Schaipp et al. (2024), Algorithms 2 and 3, in plain arrays.
@Suite struct MoMoAdamTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let maximum: Double
    let adapts: Bool
    let least: Double
    var bound: Double?
    var (m, v): ([Double], [Double]) = ([], [])
    var (loss, product) = (0.0, 0.0)
    var t = 0
    var (largest, zero, inside, cut) = (0, 0, 0, 0)

    init(maximum: Double, adapts: Bool = false, least: Double = 0) {
      (self.maximum, self.adapts, self.least) = (maximum, adapts, least)
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let g = f.gradient(x)
      if m.isEmpty { (m, v) = (g.map { _ in 0 }, g.map { _ in 0 }) }
      t += 1
      loss = 0.9 * loss + 0.1 * f.value(x)
      product = 0.9 * product + 0.1 * Plain.dot(g, x)
      var (power1, power2) = (1.0, 1.0)
      for _ in 0..<t { (power1, power2) = (power1 * 0.9, power2 * 0.999) }
      let rho = 1 - power1
      for i in g.indices {
        m[i] = 0.9 * m[i] + 0.1 * g[i]
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
      }
      let u = g.indices.map { m[$0] / (1e-8 + (v[$0] / (1 - power2)).squareRoot()) }
      let h = loss + Plain.dot(m, x) - product
      var low = bound ?? least
      if adapts, h < rho * low {
        low = max(h / (2 * rho), least)
        cut += 1
      }
      let model = max(0, h - rho * low) / Plain.dot(m, u)
      let tau = min(maximum / rho, model)
      if tau == 0 { zero += 1 } else if tau < model { largest += 1 } else { inside += 1 }
      if adapts { bound = max((h - tau * Plain.dot(m, u) / 2) / rho, least) }
      for i in x.indices { x[i] -= tau * u[i] }
      return rho * tau
    }
  }

  @Test(arguments: [0.0, 0.3]) func recursion(_ noise: Double) {
    var plain = Recursion(maximum: 0.3)
    expectSteps(
      of: MoMoAdam<Double>(maximum: 0.3), from: Self.start, steps: 25, noise: noise,
      tolerance: 1e-11
    ) { plain.step(&$0, $1) }
    #expect(plain.largest > 0 && plain.inside > 0)
  }

  @Test(arguments: [0.0, 0.3]) func recursionWithABoundThatIsLearned(_ noise: Double) {
    var plain = Recursion(maximum: 0.5, adapts: true, least: -3)
    expectSteps(
      of: MoMoAdam<Double>(maximum: 0.5, lowerBound: -3, adapting: true), from: Self.start,
      steps: 40, noise: noise, tolerance: 1e-10
    ) { plain.step(&$0, $1) }
    #expect(plain.inside > 0 && plain.cut > 0)
  }

  /// A bound above the losses that are reached: x stays.
  @Test func recursionAboveAHighBound() {
    var plain = Recursion(maximum: 1, least: 0.7)
    expectSteps(
      of: MoMoAdam<Double>(maximum: 1, lowerBound: 0.7), from: Self.start, steps: 30, noise: 0.3,
      tolerance: 1e-11
    ) { plain.step(&$0, $1) }
    #expect(plain.zero > 0)
  }

  /// On ½x² + 5 the bound 0 leaves the largest rate, and the learned one comes near 5.
  @Test func theBoundIsLearned() {
    var oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, g, _ in
      g[0] = x[0]
      return x[0] * x[0] / 2 + 5
    }
    var method = MoMoAdam<Double>(maximum: 0.1, adapting: true)
    var x = [3.0]
    method.begin(at: x)
    for _ in 0..<300 { method.step(&x, &oracle) }
    #expect(abs(method.lowerBound - 5) < 0.1, "\(method.lowerBound)")
  }
}
