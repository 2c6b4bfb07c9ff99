internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct IDBDTests {
  /// The paper's algorithm from the inputs and the error, against the rule from g and f alone.
  @Test func theRuleIsTheAlgorithm() {
    let theta = 0.02
    var task = SuttonTask(seed: 1)
    var learner = SuttonLearner(IDBD<Double>(initialRate: 0.05, metaRate: theta))
    let count = SuttonTask.inputCount
    var (w, h) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    var beta = [Double](repeating: Portable.log(0.05), count: count)
    for step in 0..<2_000 {
      task.next()
      let x = task.inputs
      var delta = task.target
      for i in 0..<count { delta -= w[i] * x[i] }
      for i in 0..<count {
        beta[i] += theta * delta * x[i] * h[i]
        let alpha = Portable.exp(beta[i])
        w[i] += alpha * delta * x[i]
        h[i] = h[i] * max(1 - alpha * x[i] * x[i], 0) + alpha * delta * x[i]
      }
      _ = learner.learn(task)
      let difference = zip(w, learner.weights).map { abs($0 - $1) }.max()!
      #expect(difference <= 1e-11, "step \(step): \(difference)")
    }
    #expect(w.contains { abs($0) > 0.5 })
  }

  /// Changes of β are cut at `largestChange`, and β at `lowestLogRate`.
  @Test func boundsHold() {
    let rule = IDBD<Double>(
      initialRate: 1, metaRate: 1, lowestLogRate: -0.5, largestChange: 0.25)
    // h after the first step is −α g = −4 (f so large that x² is 0); then β changes by −4·4·(±1).
    let up = directions(rule, [4, 4], losses: [1e300, 1e300])
    #expect(agree(up, [4, 4 * Portable.exp(0.25)]))
    let down = directions(rule, [4, -4, -4, -4], losses: [1e300, 1e300, 1e300, 1e300])
    #expect(agree(Array(down.prefix(2)), [4, -4 * Portable.exp(-0.25)]))
    let lowest = directions(
      IDBD<Double>(initialRate: 1, metaRate: 1, lowestLogRate: -0.125, largestChange: 0.25),
      [4, -4], losses: [1e300, 1e300])
    #expect(agree(lowest, [4, -4 * Portable.exp(-0.125)]))
  }

  /// A loss of 0, or none that is a number, forgets nothing.
  @Test(arguments: [0, -1, .nan, .infinity]) func aLossWithoutMeaningIsNoInput(_ loss: Double) {
    let rule = IDBD<Double>(initialRate: 0.5, metaRate: 0.1)
    // h = −1, then β += 0.1·2·1.
    #expect(
      agree(directions(rule, [2, 2], losses: [loss, loss]), [1, 2 * 0.5 * Portable.exp(0.2)]))
  }

  /// 250,000 examples at θ = 0.001: rates of 0.13 ± 0.015 for relevant inputs, below 0.009 for others.
  @Test func ratesAreThePublished() throws {
    var task = SuttonTask(seed: 11)
    var learner = SuttonLearner(IDBD<Double>(initialRate: 0.05, metaRate: 0.001))
    for _ in 0..<250_000 {
      task.next()
      _ = learner.learn(task)
    }
    let rates = try rates(of: learner.optimizer)
    for (input, rate) in rates.enumerated() {
      if input < SuttonTask.relevantCount {
        #expect(abs(rate - 0.13) <= 0.015, "input \(input): \(rate)")
      } else {
        #expect(rate < 0.009, "input \(input): \(rate)")
      }
    }
  }

  /// exp β, from a checkpoint.
  private func rates(of optimizer: Optimizer<IDBD<Double>, ConstantRate>) throws -> [Double] {
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(optimizer))
    let host = try #require((object as? [String: Any])?["host"] as? [String: Any])
    let state = try #require(host["state"] as? [Double])
    return state.prefix(optimizer.parameterCount).map { Portable.exp($0) }
  }
}
