internal import Hypergradient
internal import Testing

@Suite struct LionTests {
  /// By hand: the sign is of one mean, the state another.
  @Test func equationsByHand() {
    let rule = Lion<Double>(beta1: 0.5, beta2: 0.75)
    // m: 1, ½, ⅜; interpolations: 2, ½·1 − ½·1 = 0, ½·½ + 0 = ¼.
    #expect(directions(rule, [4, -1, 0]) == [1, 0, 1])
  }

  @Test func theSizeOfAGradientDoesNotMatter() {
    let gradients = [1.0, -2, 0.5, -3, 0.25]
    let u = directions(Lion<Double>(), gradients)
    #expect(directions(Lion<Double>(), gradients.map { 0x1p-900 * $0 }) == u)
    #expect(Set(u) == [1, -1])
  }

  @Test func whatIsNotANumberDoesNotMove() {
    #expect(directions(Lion<Double>(), [.nan]) == [0])
  }
}
