internal import Hypergradient
internal import Testing

@Suite struct AlmeidaTests {
  /// v and α by hand, with the floor at the third step.
  @Test func equationsByHand() {
    let rule = Almeida<Double>(initialRate: 1, metaRate: 0.25, decay: 0.5, floor: 0.5)
    // v: 0, ½·4 = 2, ½·2 + ½·16 = 9; factors: none, 1 + ¼·8/2 = 2, 1 − ¼·36/9 = 0 → ½.
    #expect(directions(rule, [2, 4, -9]) == [2, 2 * 4, -9])
  }

  /// The rates do not see the units of the gradient.
  @Test func ratesDoNotDependOnTheGradientsSize() {
    let rule = Almeida<Double>(initialRate: 0.5, metaRate: 0.1)
    let gradients = [2.0, 4, -9, 1, 1, 3]
    let u = directions(rule, gradients)
    #expect(directions(rule, gradients.map { 0x1p-60 * $0 }) == u.map { 0x1p-60 * $0 })
    #expect(u != gradients.map { 0.5 * $0 })
  }

  @Test func zerosChangeNothing() {
    let rule = Almeida<Double>(initialRate: 0.5, metaRate: 0.1)
    #expect(directions(rule, [0, 0, 3]) == [0, 0, 1.5])
  }
}
