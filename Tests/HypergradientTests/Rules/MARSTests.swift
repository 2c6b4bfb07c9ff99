internal import Hypergradient
internal import Testing

@Suite struct MARSTests {
  /// With β₁ = ½ and γ = ½ the correction's weight is ½: c = (1.5·0.3, 1.5·0.4), of norm ¾, then
  /// (0, 4) + ½(−0.3, 3.6) = (−0.15, 5.8), of norm above 1.
  @Test func equationsByHand() {
    let rule = MARS<Double>(beta1: 0.5, beta2: 0.75, gamma: 0.5, epsilon: 0.125)
    let u = directions(rule, [[0.3, 0.4], [0, 4]])
    // m̂ and √v̂ are c and |c| at first.
    #expect(agree(u[0], [0.45 / 0.575, 0.6 / 0.725]))
    let norm = (0.15 * 0.15 + 5.8 * 5.8).squareRoot()
    let expected = zip([0.45, 0.6], [-0.15 / norm, 5.8 / norm]).map { first, c in
      let m = (0.25 * first + 0.5 * c) / 0.75
      let v = (0.1875 * first * first + 0.25 * c * c) / 0.4375
      return m / (v.squareRoot() + 0.125)
    }
    #expect(agree(u[1], expected, to: 1e-13))
  }

  /// With γ = 0 and gradients shorter than 1 it is Adam.
  @Test func withoutCorrectionItIsAdam() {
    let gradients = [[0.5, -0.3], [0.1, 0.4], [-0.6, 0.2]]
    let adam = directions(Adam<Double>(beta1: 0.95, beta2: 0.99), gradients)
    let mars = directions(MARS<Double>(gamma: 0), gradients)
    for (a, b) in zip(mars, adam) { #expect(agree(a, b)) }
  }

  /// The norm is that of all elements, over more than one part of a survey.
  @Test func theNormIsOfTheWholeVector() {
    let count = 9000
    let gradient = [Double](repeating: 0.1, count: count)
    // c = 0.11, of norm 0.11·√9000 = 10.4; u is 1/(1 + ε/|c̃|).
    let u = directions(MARS<Double>(beta1: 0.5, gamma: 0.1, epsilon: 1), [gradient])[0]
    let c = 0.11 / (0.11 * 9000.0.squareRoot())
    for x in u { #expect(abs(x - c / (c + 1)) <= 1e-14) }
  }
}
