internal import Hypergradient
internal import Testing

@Suite struct ADOPTTests {
  /// v: 4, ¾·4 + ¼·1 = 3.25, …; the first step moves nothing.
  @Test func equationsByHand() {
    let rule = ADOPT<Double>(beta1: 0.5, beta2: 0.75, epsilon: 0.5)
    // t = 1: 1/2; t = 2: −8/√3.25 = −4.4 is cut to −2^¼; v = ¾·3.25 + 16 = 18.4375.
    let root = 2.0.squareRoot().squareRoot()
    let third = 0.25 / 2 - root / 2
    let last = third / 2 + 0.5 * (3 / 18.4375.squareRoot())
    #expect(agree(directions(rule, [2, 1, -8, 3]), [0, 0.25, third, last]))
  }

  /// The root is at least ε.
  @Test func epsilonBoundsTheRoot() {
    let rule = ADOPT<Double>(beta1: 0, beta2: 0.5, epsilon: 8)
    #expect(directions(rule, [1, 2, 4]) == [0, 0.25, 0.5])
  }

  /// Quotients are cut at t^¼ from either side.
  @Test func theBoundGrows() {
    let rule = ADOPT<Double>(beta1: 0, beta2: 0.999, epsilon: 1e-6)
    let gradients = [1e-3] + (1..<20).map { $0 % 2 == 0 ? 1e9 : -1e9 }
    // The mean square is near 10^15 from the second on, and the quotients near 30.
    let u = directions(rule, gradients)
    for t in 1..<20 {
      let bound = Double(t).squareRoot().squareRoot()
      #expect(u[t] == (t % 2 == 0 ? bound : -bound), "\(t)")
    }
  }
}
