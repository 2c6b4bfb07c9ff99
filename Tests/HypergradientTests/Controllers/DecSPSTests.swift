internal import Hypergradient
internal import Testing

@Suite struct DecSPSTests {
  /// c = 2, 2√2, 2√3, 4 and Polyak's 3, 8, 1, 5: c η = min over the past of them and of 2·2.
  @Test func ratesByHand() {
    var control = DecSPS(maximum: 2, scale: 2)
    let rates = [(3.0, 1.0), (2.0, 0.5), (1.0, 1.0), (5.0, 1.0)].enumerated().map {
      control.learningRate(for: StepSignals(step: $0, loss: $1.0, gradientNorm: $1.1))
    }
    let expected: [Double] = [
      3.0 / 2, 3 / (2 * 2.0.squareRoot()), 1 / (2 * 3.0.squareRoot()), 1.0 / 4,
    ]
    for (a, b) in zip(rates, expected) { #expect(relativeDifference(a, b) < 1e-15) }
  }

  /// With a rate that Polyak never holds down it is η_max/√(t + 1).
  @Test func fallsAsTheRoot() {
    var control = DecSPS(maximum: 0.5, optimalLoss: -1)
    for t in 0..<20 {
      let rate = control.learningRate(for: StepSignals(step: t, loss: 0, gradientNorm: 1e-3))
      #expect(relativeDifference(rate, 0.5 / Double(t + 1).squareRoot()) < 1e-15)
    }
  }

  @Test func aLossAtTheBoundIsNoEnd() {
    var control = DecSPS(maximum: 2)
    func rate(_ loss: Double) -> Double {
      control.learningRate(for: StepSignals(step: 0, loss: loss, gradientNorm: 1))
    }
    #expect(rate(0) == 0 && rate(-3) == 0)
    #expect(relativeDifference(rate(1), 1 / 3.0.squareRoot()) < 1e-15)
    #expect(rate(.nan) == control.learningRate && control.heldSteps == 1)
  }
}
