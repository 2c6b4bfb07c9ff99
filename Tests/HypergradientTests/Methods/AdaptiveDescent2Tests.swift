internal import Hypergradient
internal import Testing

/// Malitsky and Mishchenko (2024), Algorithm 2, in plain arrays.
@Suite struct AdaptiveDescent2Tests {
  private static let start = [0.9, -1.1, 0.6, 1.3, -0.4]

  private struct Recursion {
    var lambda: Double
    let searches: Bool
    var theta = 1.0 / 3
    var before: (x: [Double], g: [Double])?
    var (grown, estimated, tens, halves) = (0, 0, 0, 0)

    init(initial: Double, searches: Bool) { (lambda, self.searches) = (initial, searches) }

    mutating func step(_ x: inout [Double], _ f: PlainObjective) -> Double {
      let g = f.gradient(x)
      func curvature(_ a: [Double], _ b: [Double]) -> Double {
        Plain.norm(Plain.difference(f.gradient(a), f.gradient(b)))
          / Plain.norm(Plain.difference(a, b))
      }
      if let before {
        let l =
          Plain.norm(Plain.difference(g, before.g)) / Plain.norm(Plain.difference(x, before.x))
        let growth = (2.0 / 3 + theta).squareRoot()
        let below = 2 * lambda * lambda * l * l - 1
        let bound = below > 0 ? 1 / below.squareRoot() : .infinity
        if growth < bound { grown += 1 } else { estimated += 1 }
        theta = min(growth, bound)
        lambda *= theta
      } else if searches {
        var isLarge = true
        while true {
          let trial = x.indices.map { x[$0] - lambda * g[$0] }
          if lambda * curvature(trial, x) > 2 {
            isLarge = false
            lambda /= 2
            halves += 1
          } else if isLarge {
            lambda *= 10
            tens += 1
          } else {
            break
          }
        }
      }
      before = (x, g)
      for i in x.indices { x[i] -= lambda * g[i] }
      return lambda
    }
  }

  @Test(arguments: [(0.0, 1e-3, false), (0.3, 0.2, false), (0.0, 1e-2, true), (0.3, 3, true)])
  func recursion(_ noise: Double, _ initial: Double, _ searches: Bool) {
    var plain = Recursion(initial: initial, searches: searches)
    expectSteps(
      of: AdaptiveDescent2<Double>(initial: initial, searching: searches), from: Self.start,
      steps: 15, noise: noise, tolerance: 1e-11
    ) { plain.step(&$0, $1) }
    #expect(plain.grown + plain.estimated == 14 && plain.grown > 0)
    if searches { #expect(plain.halves > 0) }
  }

  /// λ = ⅛ and gradients 2, 1, 1, −1, by hand: λL = ½ gives growth √(⅔ + ⅓); y = 0 gives √(⅔ + 1);
  /// then λL = 2/1.
  @Test func ratesByHand() {
    let steps = stepsOnScript(
      of: AdaptiveDescent2<Double>(initial: 0.125, searching: false), from: 0,
      gradients: [2, 1, 1, -1])
    let third = 0.125 * (5.0 / 3).squareRoot()
    // λL = 2 of s = −third and y = −2: 2·4 − 1 = 7.
    let expected = [0.125, 0.125, third, third / 7.0.squareRoot()]
    for (step, rate) in zip(steps, expected) {
      #expect(relativeDifference(step.rate, rate) < 1e-14)
    }
  }

  /// On ½hx² the first rate has λh in (1, 2], within four tens of what it begins with.
  @Test(arguments: [1e-8, 1e-2, 1, 1e6], [3e-4, 0.07, 1, 1e5])
  func theSearchFindsTheCurvature(_ h: Double, _ first: Double) {
    var oracle = quadratic([h])
    var method = AdaptiveDescent2<Double>(initial: first / h)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(method.learningRate * h > 1 - 1e-9 && method.learningRate * h <= 2 + 1e-9)
  }

  /// Where gradients are bounded λL never passes 2, and the search ends after four tens.
  @Test func theSearchEnds() {
    var oracle = FunctionOracle<Double>(parameterCount: 1, isDeterministic: true) { x, g, _ in
      g[0] = x[0] > 0 ? 1 : -1
      return x[0].magnitude
    }
    var method = AdaptiveDescent2<Double>(initial: 0.5)
    var x = [1.0]
    method.begin(at: x)
    method.step(&x, &oracle)
    #expect(method.learningRate == 5000 && oracle.counts.gradients == 6)
  }
}
