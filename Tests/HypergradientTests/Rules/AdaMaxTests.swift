internal import Hypergradient
internal import Testing

@Suite struct AdaMaxTests {
  /// The paper's equations: the maximum decays until a gradient exceeds it.
  @Test func equationsByHand() {
    let rule = AdaMax<Double>(beta1: 0.5, beta2: 0.5, epsilon: 0)
    // m: 4, 2.5, −0.25; m̂: 8, 10/3, −2/7; w: 8, 4, 3.
    #expect(agree(directions(rule, [8, 1, -3]), [1, 10.0 / 3 / 4, -2.0 / 7 / 3]))
  }

  /// The corrections make a constant gradient's u its sign from the first step.
  @Test func aConstantGradientMovesByItsSign() {
    let u = directions(AdaMax<Double>(epsilon: 0), [Double](repeating: -3, count: 30))
    #expect(agree(u, [Double](repeating: -1, count: 30), to: 1e-12))
  }

  @Test func withoutEpsilonZerosStayZero() {
    #expect(directions(AdaMax<Double>(epsilon: 0), [0, 0, 2])[..<2] == [0, 0])
  }
}
