internal import Hypergradient
internal import Testing

/// Islamov et al. (2025), Algorithm 1, in plain arrays.
@Suite struct NGNMomentumTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let c: Double
    let beta: Double
    var lowerBound = 0.0
    var before: [Double]?

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let (loss, g) = (f.value(x) - lowerBound, f.gradient(x))
      let gamma = c / (1 + c / (2 * loss) * Plain.dot(g, g))
      let last = before ?? x
      before = x
      for i in x.indices { x[i] += -(1 - beta) * gamma * g[i] + beta * (x[i] - last[i]) }
      return gamma
    }
  }

  /// The noise makes losses below 0, so that the bound is far below.
  @Test(arguments: [0.0, 0.3], [0.0, 0.8]) func recursion(_ noise: Double, _ beta: Double) {
    var plain = Recursion(c: 0.3, beta: beta, lowerBound: -20)
    expectSteps(
      of: NGNMomentum<Double>(maximum: 0.3, momentum: beta, lowerBound: -20), from: Self.start,
      steps: 25, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
  }

  @Test func recursionInFloat() {
    var plain = Recursion(c: 0.3, beta: 0.9, lowerBound: -20)
    expectSteps(
      of: NGNMomentum<Float>(maximum: 0.3, lowerBound: -20), from: Self.start, steps: 10,
      noise: 0.3, tolerance: 1e-4
    ) { plain.step(&$0, $1) }
  }

  /// ½x² from 2, σ = 1, β = ½: γ = ½ always, x: 2 − ½ = 3/2, 3/2 − 3/8 − ¼ = 7/8.
  @Test func stepsInFractions() {
    var oracle = quadratic([1])
    var method = NGNMomentum<Double>(momentum: 0.5)
    var x = [2.0]
    method.begin(at: x)
    for point in [1.5, 0.875] {
      method.step(&x, &oracle)
      #expect(method.learningRate == 0.5 && x == [point])
    }
  }
}
