internal import Hypergradient
internal import Testing

@Suite struct QuasiHyperbolicTests {
  @Test func equationByHand() {
    // m = 2, 3, 1.5.
    let rule = QuasiHyperbolic<Double>(nu: 0.5, momentum: 0.5)
    #expect(directions(rule, [4, 4, 0]) == [3, 3.5, 0.75])
  }

  @Test func theLawsRunOverIt() {
    #expect(LawFixtures.rules.contains("quasiHyperbolic(nu: 0.6, momentum: 0.8)"))
  }
}
