internal import Hypergradient
internal import Testing

@Suite struct SignumTests {
  @Test func equationsByHand() {
    // m: 2, 2/2 − 1/2 = ½, ¼ − 1 = −¾, −⅜ + ⅜ = 0.
    #expect(directions(Signum<Double>(momentum: 0.5), [4, -1, -2, 0.75]) == [1, 1, -1, 0])
  }

  @Test func theSizeOfAGradientDoesNotMatter() {
    let gradients = [1.0, -2, 0.5, -3, 0.25]
    let u = directions(Signum<Double>(momentum: 0.6), gradients)
    #expect(directions(Signum<Double>(momentum: 0.6), gradients.map { 0x1p-900 * $0 }) == u)
    #expect(Set(u) == [1, -1])
  }

  /// Without momentum it is signSGD.
  @Test func signSGD() {
    #expect(directions(Signum<Double>(momentum: 0), [3, -1e-300, 0]) == [1, -1, 0])
  }
}
