internal import Hypergradient
internal import Testing

@Suite struct AdEMAMixTests {
  /// With β₁ = ½, β₂ = ¾, β₃ = ⅞ and α = 2; ε outside the root.
  @Test func equationsByHand() {
    let rule = AdEMAMix<Double>(beta1: 0.5, beta2: 0.75, beta3: 0.875, alpha: 2, epsilon: 0.25)
    // m̂: 2, (½·1 + ½·4)/¾ = 10/3. s: ¼, ⅞·¼ + ⅛·4 = 23/32. v̂: 4, (¾·1 + ¼·16)/(7/16) = 76/7.
    let first = (2 + 2 * 0.25) / 2.25
    let second = (10.0 / 3 + 2 * 23.0 / 32) / ((76.0 / 7).squareRoot() + 0.25)
    #expect(agree(directions(rule, [2, 4]), [first, second]))
  }

  /// With α = 0 it is Adam.
  @Test func withoutTheSlowMeanItIsAdam() {
    let gradients = [1.0, -0.3, 2, 0.01, -1]
    #expect(
      agree(
        directions(AdEMAMix<Double>(alpha: 0), gradients), directions(Adam<Double>(), gradients)))
  }
}
