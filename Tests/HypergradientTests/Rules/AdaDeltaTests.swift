internal import Hypergradient
internal import Testing

@Suite struct AdaDeltaTests {
  /// Algorithm 1 of the paper, line by line.
  @Test func equationsByHand() {
    let (rho, epsilon) = (0.75, 0.01)
    var (square, steps) = (0.0, 0.0)
    let gradients = [1.0, -2, 0.5, 3]
    let expected = gradients.map { g in
      square = rho * square + (1 - rho) * g * g
      let change = -(steps + epsilon).squareRoot() / (square + epsilon).squareRoot() * g
      steps = rho * steps + (1 - rho) * change * change
      return -change
    }
    #expect(
      agree(directions(AdaDelta<Double>(decay: rho, epsilon: epsilon), gradients), expected))
  }
}
