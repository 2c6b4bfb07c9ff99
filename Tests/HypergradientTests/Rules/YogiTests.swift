internal import Hypergradient
internal import Testing

@Suite struct YogiTests {
  /// The paper's equations by hand; v rises, falls, and stays.
  @Test func equationsByHand() {
    let rule = Yogi<Double>(beta1: 0.5, beta2: 0.75, epsilon: 0.125, initialAccumulator: 1)
    // v: 1 + ¼·4 = 2, 2 − ¼·1 = 1.75, 1.75 − ¼·0 = 1.75; m: 1, 1, ½.
    let expected = [1 / (2.0.squareRoot() + 0.125), 1 / (1.75.squareRoot() + 0.125)]
    let last = 0.5 / (1.75.squareRoot() + 0.125)
    #expect(agree(directions(rule, [2, 1, 0]), expected + [last]))
    #expect(agree(directions(rule, [1]), [0.5 / 1.125]), "v = g² does not move")
  }
}
