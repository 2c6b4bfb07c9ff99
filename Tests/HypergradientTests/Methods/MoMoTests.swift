internal import Hypergradient
internal import Testing

/// Schaipp et al. (2024), Algorithm 1, in plain arrays.
@Suite struct MoMoTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    var maximum = 1.0
    var beta = 0.9
    var lowerBound = 0.0
    /// f̄, γ and d.
    var averages: (loss: Double, product: Double, d: [Double])?
    /// How often the rate was the largest one, zero, and the model's.
    var largest = 0
    var zero = 0
    var inside = 0

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let (loss, g) = (f.value(x), f.gradient(x))
      // The averages of before the first step are the first values.
      var (fbar, gamma, d) = averages ?? (loss, Plain.dot(g, x), g)
      fbar = (1 - beta) * loss + beta * fbar
      gamma = (1 - beta) * Plain.dot(g, x) + beta * gamma
      d = d.indices.map { (1 - beta) * g[$0] + beta * d[$0] }
      averages = (fbar, gamma, d)
      let h = fbar + Plain.dot(d, x) - gamma
      let model = max(h - lowerBound, 0) / Plain.dot(d, d)
      let tau = min(maximum, model)
      if tau == 0 { zero += 1 } else if tau < model { largest += 1 } else { inside += 1 }
      for i in x.indices { x[i] -= tau * d[i] }
      return tau
    }
  }

  @Test(arguments: [0.0, 0.3]) func recursion(_ noise: Double) {
    var plain = Recursion(maximum: 0.05, beta: 0.8)
    expectSteps(
      of: MoMo<Double>(maximum: 0.05, momentum: 0.8), from: Self.start, steps: 20,
      noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.largest > 0 && plain.inside > 0)
  }

  /// A lower bound above the losses that are reached: the positive part is zero, and x stays.
  @Test func recursionAboveAHighBound() {
    var plain = Recursion(maximum: 1, beta: 0.9, lowerBound: 0.7)
    expectSteps(
      of: MoMo<Double>(maximum: 1, momentum: 0.9, lowerBound: 0.7), from: Self.start,
      steps: 30, noise: 0.3, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.zero > 0 && plain.inside > 0)
  }

  @Test func recursionInFloat() {
    var plain = Recursion(maximum: 0.2, beta: 0.9, lowerBound: -0.5)
    expectSteps(
      of: MoMo<Float>(maximum: 0.2, momentum: 0.9, lowerBound: -0.5), from: Self.start,
      steps: 10, noise: 0.3, tolerance: 1e-4
    ) { plain.step(&$0, $1) }
  }

  /// ½x² from 2 with β = 1/2: f̄ = 2, 5/4, 115/144; d = 2, 3/2, 7/6; γ = 4, 5/2, 115/72.
  @Test func threeStepsInFractions() {
    var oracle = quadratic([1])
    var method = MoMo<Double>(maximum: 1, momentum: 0.5)
    var x = [2.0]
    method.begin(at: x)
    for (rate, point) in [(1.0 / 2, 1.0), (1.0 / 9, 5.0 / 6), (25.0 / 196, 115.0 / 168)] {
      method.step(&x, &oracle)
      #expect(relativeDifference(method.learningRate, rate) < 1e-14)
      #expect(relativeDifference(x, [point]) < 1e-15)
    }
  }
}
