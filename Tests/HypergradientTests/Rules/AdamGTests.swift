internal import Hypergradient
internal import Testing

@Suite struct AdamGTests {
  /// β₁ = β₃ = ½, β₂ = ¾, p = 3, q = ½: v: 4, ¾·4 + ¼·4 = 4; r: ½·3·2 = 3, 1.5 + 3 = 4.5.
  @Test func equationsByHand() {
    let rule = AdamG<Double>(
      beta1: 0.5, beta2: 0.75, beta3: 0.5, scale: 3, power: 0.5, epsilon: 0.25)
    // m: ½·3·4 = 6, 3 + ½·4.5·(−2) = −1.5; v̂: 16, 4/(7/16) = 64/7.
    let second = (-1.5 / 0.75) / ((64.0 / 7).squareRoot() + 0.25)
    #expect(agree(directions(rule, [4, -2]), [12 / 4.25, second]))
  }
}
