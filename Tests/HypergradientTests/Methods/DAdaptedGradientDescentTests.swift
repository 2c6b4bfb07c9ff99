internal import Hypergradient
internal import Testing

/// Defazio and Mishchenko (2023), the SGD variant, in plain arrays.
@Suite struct DAdaptedGradientDescentTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let (factor, beta): (Double, Double)
    var d: Double
    var firstNorm: Double?
    /// Every λ⟨g, s⟩ so far.
    var products: [Double] = []
    var s: [Double] = []
    var z: [Double] = []
    /// How often d grew, and was kept.
    var (grown, kept) = (0, 0)

    init(factor: Double = 1, beta: Double = 0, d: Double) {
      (self.factor, self.beta, self.d) = (factor, beta, d)
    }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let g = f.gradient(x)
      if firstNorm == nil { (firstNorm, s, z) = (Plain.norm(g), x.map { _ in 0 }, x) }
      let lambda = d * factor / firstNorm!
      products.append(lambda * Plain.dot(g, s))
      for i in x.indices {
        s[i] += lambda * g[i]
        z[i] -= lambda * g[i]
        x[i] = beta * x[i] + (1 - beta) * z[i]
      }
      let estimate = 2 * products.reduce(0, +) / Plain.norm(s)
      if estimate > d { grown += 1 } else { kept += 1 }
      d = max(d, estimate)
      return lambda
    }
  }

  @Test(arguments: [0.0, 0.3], [0, 0.7]) func recursion(_ noise: Double, _ momentum: Double) {
    var plain = Recursion(factor: 0.8, beta: momentum, d: 0.02)
    expectSteps(
      of: DAdaptedGradientDescent<Double>(factor: 0.8, momentum: momentum, initialDistance: 0.02),
      from: Self.start, steps: 25, noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.grown > 5 && plain.kept > 0 && plain.d > 0.3)
  }

  @Test func recursionInFloat() {
    var plain = Recursion(beta: 0.5, d: 0.05)
    expectSteps(
      of: DAdaptedGradientDescent<Float>(momentum: 0.5, initialDistance: 0.05), from: Self.start,
      steps: 12, noise: 0.3, tolerance: 1e-4
    ) { plain.step(&$0, $1) }
  }

  /// ½x² from 1 with d₀ = 1/4 and μ = 1/2: s = 1/4, 15/32, 165/256; n = 0, 7/128, 1123/8192;
  /// d̂ = 0, 7/30, which is less than d₀, 1123/2640, which is not.
  @Test func threeStepsInFractions() {
    var oracle = quadratic([1])
    var method = DAdaptedGradientDescent<Double>(momentum: 0.5, initialDistance: 0.25)
    var x = [1.0]
    method.begin(at: x)
    for (distance, point) in [
      (0.25, 7.0 / 8), (0.25, 45.0 / 64), (1123.0 / 2640, 271.0 / 512),
    ] {
      method.step(&x, &oracle)
      #expect(relativeDifference(method.distance, distance) < 1e-15)
      #expect(relativeDifference(x, [point]) < 1e-15)
      #expect(method.learningRate == 0.25)
    }
    method.step(&x, &oracle)
    #expect(relativeDifference(method.learningRate, 1123.0 / 2640) < 1e-15)
  }

  /// The paper ends where g₀ is zero; here the first gradient that is not zero is g₀.
  @Test func aZeroFirstGradient() {
    let steps = stepsOnScript(
      of: DAdaptedGradientDescent<Double>(initialDistance: 0.5), from: 3,
      gradients: [0, 4, 8])
    #expect(steps.map(\.parameter) == [3, 2.5, 1.5])
    #expect(steps.map(\.rate) == [0, 0.125, 0.125])
  }
}
