internal import Hypergradient
internal import HypergradientCatalogue
internal import Testing

@Suite struct CautiousTests {
  /// Momentum ½: v = (4, 4, 4, 0), then (4, 4, 4, 0)/2 + (−1, −8, 2, 0) = (1, −6, 4, 0): the first
  /// has the other sign than its gradient, and zero agrees with nothing. d/(kept + 1) = 4/4, then
  /// 4/3.
  @Test func equationsByHand() {
    let rule = HeavyBall<Double>(momentum: 0.5).cautious()
    let u = directions(rule, [[4, 4, 4, 0], [-1, -8, 2, 0]])
    #expect(u[0] == [4, 4, 4, 0])
    #expect(agree(u[1], [0, -8, 16.0 / 3, 0]))
  }

  /// The state does not know of the mask: what is kept is the base's own direction, times d/(k +
  /// 1).
  @Test func theStateIsTheBases() {
    let gradients = (0..<30).map { t in (0..<7).map { i in Double((t * 5 + i * 3) % 11) - 4.5 } }
    let plain = directions(Adam<Double>(), gradients)
    let cautious = directions(Adam<Double>().cautious(), gradients)
    var masked = 0
    for t in gradients.indices {
      let keeps = zip(plain[t], gradients[t]).map { $0 * $1 > 0 }
      let factor = 7 / Double(keeps.count { $0 } + 1)
      masked += keeps.count { !$0 }
      for i in 0..<7 {
        #expect(cautious[t][i] == (keeps[i] ? factor * plain[t][i] : 0), "\(t), \(i)")
      }
    }
    #expect(masked > 20)
  }

  /// Signs are compared, not products that may vanish.
  @Test func smallNumbersAgree() {
    let u = directions(GradientDescent<Double>().cautious(), [[1e-200, -1e-300, 1]])
    #expect(agree(u[0], [0.75e-200, -0.75e-300, 0.75]))
  }

  /// Counted over all parts of a long vector.
  @Test func countsTheWholeVector() {
    let count = 10_000
    var optimizer = Optimizer(
      HeavyBall<Float>(momentum: 0.5).cautious(), ConstantRate(1), parameterCount: count)
    var theta = [Float](repeating: 0, count: count)
    optimizer.step(&theta, gradient: [Float](repeating: 1, count: count))
    theta = [Float](repeating: 0, count: count)
    // Every fourth gradient turns by less than the momentum.
    optimizer.step(&theta, gradient: (0..<count).map { $0 % 4 == 0 ? -0.25 : 1 })
    let factor = Float(10_000.0 / 7_501)
    for i in 0..<count { #expect(theta[i] == (i % 4 == 0 ? 0 : -1.5 * factor), "\(i)") }
  }

  @Test func aRuleThatSurveysIsRefused() {
    for text in ["mars().cautious()", "autostep().cautious()", "adam.cautious().cautious()"] {
      #expect {
        let _: RuleOnObjective<Double> = try Catalogue.standard.rule(text)
      } throws: { error in
        "\(error)".contains("can't be cautious")
      }
    }
  }
}
