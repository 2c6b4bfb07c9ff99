internal import Hypergradient
internal import PortableMath
internal import Testing

/// Zhang and Mitliagkas (2017) in plain arrays; a recorded run is among ``RivalConformanceTests``.
@Suite struct YellowFinTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let beta = 0.9
    var squares: [Double] = []
    var logs: [(low: Double, high: Double)] = []
    var gradients: [[Double]] = []
    var ratios: [Double] = []
    var v = [Double](repeating: 0, count: 5)
    var most = 0.0

    /// Σ (1 − β) βⁱ x over the past.
    private func average(_ list: [Double]) -> Double {
      list.reduce(0) { beta * $0 + (1 - beta) * $1 }
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      var g = f.gradient(x)
      let t = squares.count
      if t > 1, Plain.norm(g) > (100 * most).squareRoot() {
        let factor = (100 * most).squareRoot() / Plain.norm(g)
        g = g.map { factor * $0 }
      }
      let h = Plain.dot(g, g)
      let before = most
      squares.append(h)
      gradients.append(g)
      let window = squares.suffix(20)
      logs.append((window.min()!, window.max()!))
      let correction = 1 - (0...t).reduce(1.0) { power, _ in power * beta }
      func geometric(_ list: [Double]) -> Double {
        Portable.exp(average(list.map { Portable.log($0) }) / correction)
      }
      let low = geometric(logs.map(\.low))
      most = geometric(logs.map(\.high))
      ratios.append(average(squares.map { $0.squareRoot() }) / average(squares))
      let mean = x.indices.map { i in average(gradients.map { $0[i] }) / correction }
      let c = average(squares) / correction - Plain.dot(mean, mean)
      let d = average(ratios) / correction
      var (rate, mu) = (0.05, 0.0)
      if t > 0 {
        let p = d * d * low * low / (2 * c)
        // Bisection.
        var (a, b) = (0.0, 1.0)
        if c > 0 {
          for _ in 0..<100 {
            let m = (a + b) / 2
            if (m - 1) * (m - 1) * (m - 1) + p * m > 0 { b = m } else { a = m }
          }
        }
        let range = (most / low).squareRoot()
        let root = max(a, (range - 1) / (range + 1))
        mu = root * root
        rate = (1 - root) * (1 - root) / low * min(1, Double(t + 1) / 200)
      }
      if t > 0, h >= before {
        let factor = min(1, (before / h).squareRoot())
        g = g.map { factor * $0 }
      }
      for i in x.indices {
        v[i] = (t > 1 ? mu * v[i] : 0) + g[i]
        x[i] -= rate * v[i]
      }
      return rate
    }
  }

  @Test(arguments: [0.0, 0.3]) func recursion(_ noise: Double) {
    var plain = Recursion()
    expectSteps(
      of: YellowFin<Double>(initial: 0.05, decay: 0.9), from: Self.start, steps: 45, noise: noise,
      tolerance: 1e-8
    ) { plain.step(&$0, $1) }
  }

  /// A gradient is measured as at most √(100 h_max), and moves as at most √h_max: of the last one
  /// here nothing counts beyond 10, and beyond 1.
  @Test func anExplodingGradientIsCut() {
    let ones = [1.0, 1, 1]
    func end(_ last: Double) -> (parameter: Double, rate: Double) {
      stepsOnScript(of: YellowFin<Double>(decay: 0.5), from: 0, gradients: ones + [last]).last!
    }
    #expect(relativeDifference(end(1e6).parameter, end(10).parameter) < 1e-14)
    #expect(relativeDifference(end(1e6).rate, end(10).rate) < 1e-14)
    // Without noise and with one curvature there is no momentum, v is 1 before it: the move is
    // η (μ + 1), μ < 1.
    let before = stepsOnScript(of: YellowFin<Double>(decay: 0.5), from: 0, gradients: ones).last!
    let moved = (before.parameter - end(1e6).parameter) / end(1e6).rate
    #expect(moved > 1 && moved < 2)
  }

  /// The root of the cubic, for any p.
  @Test func roots() {
    for e in stride(from: -300.0, through: 300, by: 7) {
      let p = Portable.exp(e * 2.302585092994046)
      let x = YellowFin<Double>.root(of: p)
      #expect(x >= 0 && x <= 1)
      // p = (1 − x)³/x.
      if e > -30, e < 250 {
        #expect(relativeDifference((1 - x) * (1 - x) * (1 - x) / x, p) < 1e-5, "\(p): \(x)")
      }
    }
    #expect(YellowFin<Double>.root(of: .infinity) == 0)
    // (½)³/½ = ¼.
    #expect(relativeDifference(YellowFin<Double>.root(of: 0.25), 0.5) < 1e-15)
  }
}
