import HypergradientTraining
import Testing

/// Other libraries' suggestions, against what their own functions give.
@Suite struct RateFormulasTests {
  @Test(arguments: PeerCurve.all)
  func agreesWithTheirs(_ curve: PeerCurve) {
    #expect(RateFormulas.steepest(curve.rates, curve.losses) == curve.steepest)
    #expect(RateFormulas.valley(curve.rates, curve.losses) == curve.valley)
    #expect(RateFormulas.minimumOverTen(curve.rates, curve.losses) == curve.minimumOverTen)
    #expect(RateFormulas.slide(curve.rates, curve.losses) == curve.slide)
  }

  @Test func theCurvesTellTheFormulasApart() {
    for curve in PeerCurve.all where !["rising", "from the first"].contains(curve.name) {
      let all = [curve.steepest, curve.valley, curve.minimumOverTen]
      #expect(Set(all).count == 3, "\(curve.name)")
    }
  }
}
