internal import Hypergradient
internal import Testing

/// Galli et al. (2023) in plain arrays.
@Suite struct PoNoSTests {
  private struct Recursion {
    let c = 0.4
    let cp = 0.02
    let delta = 0.5
    let xi = 0.7
    var (mean, weight, l) = (0.0, 0.0, 0)
    var (backtracked, remembered, nonMonotone) = (0, 0, 0)

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let (loss, g) = (f.value(x), f.gradient(x))
      mean = (xi * weight * mean + loss) / (xi * weight + 1)
      weight = xi * weight + 1
      let square = Plain.dot(g, g)
      var rate = (loss + 20) / (cp * square)
      for _ in 0..<l { rate *= delta }
      if l > 0 { remembered += 1 }
      rate = min(max(rate, 1e-3), 5)
      var k = 0
      while true {
        let trial = x.indices.map { x[$0] - rate * g[$0] }
        let reached = f.value(trial)
        if reached <= max(mean, loss) - c * rate * square {
          if reached > loss { nonMonotone += 1 }
          break
        }
        rate *= delta
        k += 1
      }
      backtracked += k
      l = max(l + k - 1, 0)
      for i in x.indices { x[i] -= rate * g[i] }
      return rate
    }
  }

  @Test(arguments: [0.0, 0.3]) func recursion(_ noise: Double) {
    var plain = Recursion()
    expectSteps(
      of: PoNoS<Double>(
        decrease: 0.4, scale: 0.02, memory: 0.7, within: 1e-3...5, optimalLoss: -20),
      from: [0.9, -1.1, 0.6, 1.3, -0.4], steps: 25, noise: noise, tolerance: 1e-8
    ) { plain.step(&$0, $1) }
    #expect(plain.backtracked > 3 && plain.remembered > 0)
  }

  /// Where no rate passes, the least one is taken, and the search ends.
  @Test func aSearchThatFailsTakesTheLeastRate() {
    var asked = 0
    var oracle = FunctionOracle<Double>(parameterCount: 1) { x, g, _ in
      asked += 1
      g[0] = 1
      return asked == 1 ? 1 : 2
    }
    var method = PoNoS<Double>(within: 0.25...8, maximumTrials: 6)
    var x = [0.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(asked == 7 && method.learningRate == 0.25 && x == [-0.25])
  }

  @Test func atAGradientOfZeroNothingMoves() {
    var oracle = quadratic([1])
    var method = PoNoS<Double>()
    var x = [0.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(x == [0] && method.stepCounts.skipped == 1)
  }
}
