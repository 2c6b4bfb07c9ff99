internal import Hypergradient
internal import Testing

@Suite struct DeltaBarDeltaTests {
  /// ε and δ̄ by hand: agreement adds, disagreement multiplies, the first step does neither.
  @Test func equationsByHand() {
    let rule = DeltaBarDelta<Double>(initialRate: 1, increase: 0.25, decrease: 0.5, decay: 0.5)
    // δ̄ after each step: 2, 3, 0.5, −0.75, −0.875; ε: 1, 1.25, 0.625, 0.3125, 0.5625.
    let gradients = [4.0, 4, -2, -2, -1]
    let rates = [1, 1.25, 0.625, 0.3125, 0.5625]
    #expect(directions(rule, gradients) == zip(rates, gradients).map(*))
  }

  @Test func aGradientOfZeroChangesNoRate() {
    let rule = DeltaBarDelta<Double>(initialRate: 1, increase: 1, decrease: 0.5, decay: 0.5)
    #expect(directions(rule, [1, 0, 1]) == [1, 0, 2])
  }

  /// Signs alone decide, also of gradients whose products underflow.
  @Test func ratesDoNotDependOnTheGradientsSize() {
    let rule = DeltaBarDelta<Double>(initialRate: 1, increase: 0.25, decrease: 0.5)
    let gradients = [4.0, 4, -2, -2, 1]
    let u = directions(rule, gradients)
    let small = directions(rule, gradients.map { 0x1p-700 * $0 })
    #expect(small == u.map { 0x1p-700 * $0 })
  }
}
