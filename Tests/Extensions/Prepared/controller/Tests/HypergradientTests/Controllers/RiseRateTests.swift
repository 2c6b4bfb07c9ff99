internal import Hypergradient
internal import Testing

@Suite struct RiseRateTests {
  @Test func equationByHand() {
    var control = RiseRate(initial: 3)
    let rates = [5.0, 4, 6, 6, 7, 8, 1].enumerated().map { step, loss in
      control.learningRate(for: StepSignals(step: step, loss: loss))
    }
    let (one, two, three) = (3 / 2.0.squareRoot(), 3 / 3.0.squareRoot(), 1.5)
    #expect(rates == [3, 3, one, one, two, three, three])
  }

  @Test func theLawsRunOverIt() {
    #expect(LawFixtures.controllers.contains("riseRate(initial: 0.1)"))
  }
}
