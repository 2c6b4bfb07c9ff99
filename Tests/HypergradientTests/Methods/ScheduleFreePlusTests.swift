internal import Hypergradient
internal import Testing

/// The equations of ScheduleFree+ in plain arrays.
@Suite struct ScheduleFreePlusTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    var z: [Double]
    var (m, v): ([Double], [Double])
    let beta = 0.8
    let lowerBound = -20.0
    var (t, sum, largest, norm) = (0, 0.0, 0.0, 0.0)

    init() {
      z = ScheduleFreePlusTests.start
      (m, v) = (z.map { _ in 0 }, z.map { _ in 0 })
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let y = x.indices.map { beta * x[$0] + (1 - beta) * z[$0] }
      let (loss, g) = (f.value(y), f.gradient(y))
      t += 1
      norm = 0.5 * norm + 0.5 * (Double.pi / 2).squareRoot() * g.reduce(0) { $0 + abs($1) }
      let powers = (0..<t).reduce((1.0, 1.0, 1.0)) { p, _ in (p.0 * 0.9, p.1 * 0.95, p.2 * 0.5) }
      let height = loss - lowerBound + beta * Plain.dot(g, Plain.difference(z, x))
      let a = 0.4 * max(0, height) / (norm / (1 - powers.2))
      largest = max(largest, a)
      for i in x.indices {
        m[i] = 0.9 * m[i] + 0.1 * g[i]
        v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i]
        z[i] -=
          a * a * 0.3 * y[i]
          + a * m[i] / (1 - powers.0) / ((v[i] / (1 - powers.1)).squareRoot() + 1e-8)
      }
      let w = Double(t * t) * largest * largest
      sum += w
      for i in x.indices { x[i] = (1 - w / sum) * x[i] + w / sum * z[i] }
      return a
    }
  }

  @Test(arguments: [0.0, 0.3]) func recursion(_ noise: Double) {
    var plain = Recursion()
    expectSteps(
      of: ScheduleFreePlus<Double>(
        factor: 0.4, interpolation: 0.8, weightDecay: 0.3, power: 2, normDecay: 0.5,
        lowerBound: -20), from: Self.start, steps: 20, noise: noise, tolerance: 1e-10
    ) { plain.step(&$0, $1) }
  }

  /// ½x² from 2: a = 2/(√(π/2)·2), x = z = 2 − a.
  @Test func theFirstStepByHand() {
    var oracle = quadratic([1])
    var method = ScheduleFreePlus<Double>()
    var x = [2.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    let a = 0.7978845608028654  // √(2/π)
    #expect(relativeDifference(method.learningRate, a) < 1e-14)
    #expect(relativeDifference(x[0], 2 - a) < 1e-8)
  }

  /// While the average has not begun, x is z: the parameters are those of Adam with the Polyak
  /// rate.
  @Test func theWarmUpFollowsZ() {
    var oracle = quadratic([1, 3])
    var (plain, slow) = (
      ScheduleFreePlus<Double>(warmupSteps: 1000), ScheduleFreePlus<Double>(interpolation: 0)
    )
    var (x, w) = ([2.0, -1], [2.0, -1])
    plain.begin(at: x)
    slow.begin(at: w)
    plain.step(&x, &oracle)
    slow.step(&w, &oracle)
    #expect(x == w)
    for _ in 0..<5 { slow.step(&w, &oracle) }
    for _ in 0..<5 { plain.step(&x, &oracle) }
    // An average lags behind what it is of.
    #expect(x != w)
  }

  @Test func aGradientOfZeroStays() {
    var oracle = FunctionOracle<Double>(parameterCount: 2) { _, g, _ in
      (g[0], g[1]) = (0, 0)
      return 1
    }
    var method = ScheduleFreePlus<Double>()
    var x = [1.0, 2]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(x == [1, 2] && method.learningRate == 0)
  }
}
