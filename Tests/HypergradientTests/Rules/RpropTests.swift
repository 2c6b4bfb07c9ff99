internal import Hypergradient
internal import Testing

@Suite struct RpropTests {
  private static let gradients = [1.0, 3, -2, -0.5, 4]

  private func rule(_ variant: Rprop<Double>.Variant) -> Rprop<Double> {
    Rprop(initialStep: 1, within: 1e-3...50, variant: variant)
  }

  /// The table of variants, by hand.
  @Test func variantsByHand() {
    #expect(agree(directions(rule(.minus), Self.gradients), [1, 1.2, -0.6, -0.72, 0.36]))
    #expect(agree(directions(rule(.improvedMinus), Self.gradients), [1, 1.2, 0, -0.6, 0]))
    #expect(agree(directions(rule(.plus), Self.gradients), [1, 1.2, -1.2, -0.6, 0.6]))
    // The loss rises to the third step and falls to the fifth.
    #expect(
      agree(
        directions(rule(.improvedPlus), Self.gradients, losses: [5, 4, 6, 3, 2]),
        [1, 1.2, -1.2, -0.6, 0]))
    // A loss that is not a number has risen.
    #expect(
      agree(
        directions(rule(.improvedPlus), Self.gradients, losses: [5, 6, 5, 3, .nan]),
        [1, 1.2, 0, -0.6, 0.6]))
  }

  @Test func backtrackingReturnsToTheParametersBeforeTheStep() {
    var optimizer = Optimizer(rule(.plus), ConstantRate(0.25), parameterCount: 1)
    var theta = [2.0]
    optimizer.step(&theta, gradient: [1])
    let before = theta
    optimizer.step(&theta, gradient: [1])
    #expect(theta != before)
    optimizer.step(&theta, gradient: [-1])
    #expect(theta == before)
  }

  @Test func sizesStayWithinTheirBounds() {
    let rule = Rprop<Double>(initialStep: 1, within: 0.4...1.3, variant: .minus)
    let u = directions(rule, [1, 1, 1, -1, 1, -1, 1])
    #expect(agree(u.map(abs), [1, 1.2, 1.3, 0.65, 0.4, 0.4, 0.4]))
  }

  /// Only signs count: gradients whose products underflow or overflow are no exception.
  @Test(arguments: Rprop<Double>.Variant.allCases)
  func theSizeOfAGradientDoesNotMatter(_ variant: Rprop<Double>.Variant) {
    let losses = [5.0, 4, 6, 3, 2]
    let u = directions(rule(variant), Self.gradients, losses: losses)
    for scale in [1e-200, 1e200] {
      #expect(
        directions(rule(variant), Self.gradients.map { scale * $0 }, losses: losses) == u)
    }
  }
}
