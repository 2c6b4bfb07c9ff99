internal import Hypergradient
internal import Testing

/// Barzilai and Borwein (1988), eqs. 5 and 6, in plain arrays.
@Suite struct BarzilaiBorweinTests {
  typealias Form = BarzilaiBorwein<Double>.Form

  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    let isLong: Bool
    let bounds: ClosedRange<Double>
    var lambda: Double
    var before: (x: [Double], g: [Double])?
    /// How often the last rate was kept, and a bound met.
    var kept = 0
    var lowest = 0
    var highest = 0

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let g = f.gradient(x)
      if let before {
        let s = Plain.difference(x, before.x)
        let y = Plain.difference(g, before.g)
        let (ss, sy, yy) = (Plain.dot(s, s), Plain.dot(s, y), Plain.dot(y, y))
        if sy > 0 {
          lambda = isLong ? ss / sy : sy / yy
          if lambda < bounds.lowerBound { lowest += 1 }
          if lambda > bounds.upperBound { highest += 1 }
          lambda = min(max(lambda, bounds.lowerBound), bounds.upperBound)
        } else {
          kept += 1
        }
      }
      before = (x, g)
      for i in x.indices { x[i] -= lambda * g[i] }
      return lambda
    }
  }

  @Test(arguments: Form.allCases, [0.0, 0.3])
  func recursion(_ form: Form, _ noise: Double) {
    var plain = Recursion(isLong: form == .long, bounds: 1e-10...1e10, lambda: 0.01)
    expectSteps(
      of: BarzilaiBorwein<Double>(initial: 0.01, form: form), from: Self.start, steps: 10,
      noise: noise, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
  }

  /// Under noise ⟨s, y⟩ is not always positive, and narrow bounds are met on both sides.
  @Test(arguments: Form.allCases) func recursionWithinBounds(_ form: Form) {
    let bounds = 0.05...0.3
    var plain = Recursion(isLong: form == .long, bounds: bounds, lambda: 0.1)
    expectSteps(
      of: BarzilaiBorwein<Double>(initial: 0.1, form: form, within: bounds), from: Self.start,
      steps: 40, noise: 2, tolerance: 1e-12
    ) { plain.step(&$0, $1) }
    #expect(plain.kept > 0 && plain.lowest + plain.highest > 0)
  }

  @Test(arguments: BarzilaiBorwein<Float>.Form.allCases)
  func recursionInFloat(_ form: BarzilaiBorwein<Float>.Form) {
    var plain = Recursion(isLong: form == .long, bounds: 1e-10...1e10, lambda: 0.01)
    expectSteps(
      of: BarzilaiBorwein<Float>(initial: 0.01, form: form), from: Self.start, steps: 6, noise: 0,
      tolerance: 1e-4
    ) { plain.step(&$0, $1) }
  }

  /// ½(x² + 4y²) from (1, 1) with λ₀ = 1/8: s = −(1/8, 1/2), y = −(1/8, 2).
  @Test func theSecondRateInFractions() {
    for (form, rate) in [(Form.long, 17.0 / 65), (.short, 65.0 / 257)] {
      var oracle = quadratic([1, 4])
      var method = BarzilaiBorwein<Double>(initial: 0.125, form: form)
      var x = [1.0, 1]
      method.begin(at: x)
      method.step(&x, &oracle)
      #expect(x == [0.875, 0.5] && method.learningRate == 0.125)
      method.step(&x, &oracle)
      #expect(relativeDifference(method.learningRate, rate) < 1e-15)
      #expect(relativeDifference(x, [0.875 * (1 - rate), 0.5 - 2 * rate]) < 1e-15)
    }
  }

  /// Gradients 1, 2, −2, −1 from 0 with λ₀ = 1/4. On one parameter both forms are s/y: −1/4 over 1,
  /// which keeps the rate, then −1/2 over −4, then 1/4 over 1.
  @Test func negativeCurvatureKeepsTheRate() {
    for form in Form.allCases {
      let steps = stepsOnScript(
        of: BarzilaiBorwein<Double>(initial: 0.25, form: form), from: 0, gradients: [1, 2, -2, -1])
      #expect(steps.map(\.rate) == [0.25, 0.25, 0.125, 0.25])
      #expect(steps.map(\.parameter) == [-0.25, -0.75, -0.5, -0.25])
    }
  }

  /// Gradients 1, 9/10, −81/10 from 0 with λ₀ = 1/4: s/y is 5/2, then 1/20.
  @Test func bothBoundsHold() {
    for form in Form.allCases {
      let steps = stepsOnScript(
        of: BarzilaiBorwein<Double>(initial: 0.25, form: form, within: 0.1...0.5), from: 0,
        gradients: [1, 0.9, -8.1])
      #expect(steps.map(\.rate) == [0.25, 0.5, 0.1])
      #expect(relativeDifference(steps.map(\.parameter), [-0.25, -0.7, 0.11]) < 1e-15)
    }
  }
}
