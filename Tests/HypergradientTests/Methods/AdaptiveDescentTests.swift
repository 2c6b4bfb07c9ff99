internal import Hypergradient
internal import Testing

/// Malitsky and Mishchenko (2020), Algorithm 1, in plain arrays.
@Suite struct AdaptiveDescentTests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    var lambda: Double
    var theta = Double.infinity
    var before: (x: [Double], g: [Double])?
    /// How often each of the two bounds was the smaller one.
    var (grown, estimated) = (0, 0)

    init(initial: Double) { lambda = initial }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let g = f.gradient(x)
      if let before {
        let moved = Plain.norm(Plain.difference(x, before.x))
        let changed = Plain.norm(Plain.difference(g, before.g))
        let growth = (1 + theta).squareRoot() * lambda
        let estimate = moved / (2 * changed)
        if growth < estimate { grown += 1 } else { estimated += 1 }
        let next = min(growth, estimate)
        theta = next / lambda
        lambda = next
      }
      before = (x, g)
      for i in x.indices { x[i] -= lambda * g[i] }
      return lambda
    }
  }

  @Test(arguments: [(0.0, 1e-3), (0.3, 1e-3), (0.3, 0.2)])
  func recursion(_ noise: Double, _ initial: Double) {
    var plain = Recursion(initial: initial)
    expectSteps(
      of: AdaptiveDescent<Double>(initial: initial), from: Self.start, steps: 15, noise: noise,
      tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.estimated > 1)
    if noise > 0 { #expect(plain.grown > 0) }
  }

  @Test func recursionInFloat() {
    var plain = Recursion(initial: 1e-3)
    expectSteps(
      of: AdaptiveDescent<Float>(initial: 1e-3), from: Self.start, steps: 10, noise: 0.3,
      tolerance: 1e-4
    ) { plain.step(&$0, $1) }
  }

  /// λ₀ = 1/8 and gradients 2, 1, 1, 1, −1: the estimate; where y is zero, two times the growth; the
  /// estimate again.
  @Test func ratesByHand() {
    let steps = stepsOnScript(
      of: AdaptiveDescent<Double>(initial: 0.125), from: 0, gradients: [2, 1, 1, 1, -1])
    // s = −1/4, y = −1.
    let (first, second) = (0.125, 0.125)
    // θ = 1, then √2.
    let third = 2.0.squareRoot() / 8
    let fourth = (1 + 2.0.squareRoot()).squareRoot() * third
    // |s| = the fourth rate, |y| = 2; less than the growth.
    let fifth = fourth / 4
    let rates = [first, second, third, fourth, fifth]
    #expect(relativeDifference(steps.map(\.rate), rates) < 1e-15)
    let points = [-0.25, -0.375, -0.375 - third, -0.375 - third - fourth]
    #expect(relativeDifference(Array(steps.map(\.parameter).prefix(4)), points) < 1e-15)
  }

  /// On ½hx² the second step takes the estimate 1/(2h), though λ₀ is a billionth of it.
  @Test func theSecondStepTakesTheEstimateAlone() {
    var oracle = quadratic([4])
    var method = AdaptiveDescent<Double>(initial: 1e-10)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(method.learningRate == 1e-10)
    method.step(&x, &oracle)
    #expect(abs(method.learningRate - 0.125) < 1e-6)
  }

  /// Where x and g are what they were, the rate grows by √(1 + θ); before the first estimate, where
  /// that is infinite, it stays.
  @Test func zeroDifferences() {
    let steps = stepsOnScript(
      of: AdaptiveDescent<Double>(initial: 0.25), from: 3, gradients: [1, 1, 2, 0, 0, 0])
    // θ stays infinite at the second; then |s| = 1/4, |y| = 1: 1/8 and θ = 1/2; |s| = 1/4, |y| = 2:
    // 1/16 and θ = 1/2; then √(3/2).
    let growth = 1.5.squareRoot() / 16
    let rates = [0.25, 0.25, 0.125, 0.0625, growth, (1 + 1.5.squareRoot()).squareRoot() * growth]
    #expect(relativeDifference(steps.map(\.rate), rates) < 1e-15)
  }
}
