internal import Hypergradient
internal import Testing

/// Kenneweg et al. (2024) as their package has it, in plain arrays.
@Suite struct SaLSATests {
  private struct Recursion {
    let c = 0.3
    let beta = 0.6
    var (h, decrease, eta, fast, slow) = (0.0, 0.0, 0.4, 1e-8, 1e-8)
    var (t, since, searches, backtracked) = (0, 100, 0, 0)
    var adam = Plain.Adam()

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let (loss, g) = (f.value(x), f.gradient(x))
      let u = adam.direction(g)
      t += 1
      since += 1
      var r = fast / slow
      if r < 1 { r = 1 / r }
      var rate = 1.1 * eta
      if t < 10 || Double(since) >= min(10, 1 / (r - 1 + 1e-8)) {
        searches += 1
        since = 0
        h = beta * h + (1 - beta) * Plain.dot(g, u)
        while true {
          let reached = f.value(x.indices.map { x[$0] - rate * u[$0] })
          let mean = beta * decrease + (1 - beta) * (loss - reached)
          if mean >= rate * c * h {
            decrease = mean
            break
          }
          rate *= 0.8
          backtracked += 1
        }
        eta = rate
        fast = 0.9 * fast + 0.1 * eta
        slow = 0.99 * slow + 0.01 * eta
      }
      for i in x.indices { x[i] -= rate * u[i] }
      return rate
    }
  }

  @Test func recursion() {
    var plain = Recursion()
    expectSteps(
      of: SaLSA(Adam<Double>(), initial: 0.4, decrease: 0.3, smoothing: 0.6),
      from: [0.9, -1.1, 0.6, 1.3, -0.4], steps: 40, noise: 0, tolerance: 1e-9
    ) { plain.step(&$0, $1) }
    #expect(plain.backtracked > 0 && plain.searches > 9)
  }

  /// Steps without a search take no loss.
  @Test func searchesAreRarerThanSteps() {
    var oracle = quadratic([1, 2])
    var method = SaLSA(GradientDescent<Double>(), initial: 0.1)
    var x = [1.0, 1]
    method.begin(at: x)
    for _ in 0..<200 { method.step(&x, &oracle) }
    #expect(oracle.counts.gradients == 200)
    #expect(oracle.counts.losses >= 20 && oracle.counts.losses < 400)
    #expect(x.allSatisfy { abs($0) < 1e-3 }, "\(x)")
  }
}
