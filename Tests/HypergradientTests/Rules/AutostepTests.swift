internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

@Suite struct AutostepTests {
  /// Table 1 from the inputs and the error, against the rule from g and f alone.
  @Test func theRuleIsTheAlgorithm() {
    let (mu, tau) = (0.05, 100.0)
    var task = SuttonTask(seed: 1)
    var learner = SuttonLearner(
      Autostep<Double>(initialRate: 0.3, metaRate: mu, timescale: tau))
    let count = SuttonTask.inputCount
    var w = [Double](repeating: 0, count: count)
    var (h, v, alpha) = (w, w, [Double](repeating: 0.3, count: count))
    var divided = 0
    for step in 0..<2_000 {
      task.next()
      let x = task.inputs
      var delta = task.target
      for i in 0..<count { delta -= w[i] * x[i] }
      for i in 0..<count {
        let d = delta * x[i] * h[i]
        v[i] = max(abs(d), v[i] + 1 / tau * alpha[i] * x[i] * x[i] * (abs(d) - v[i]))
        if v[i] != 0 { alpha[i] *= Portable.exp(mu * d / v[i]) }
      }
      let m = max((0..<count).map { alpha[$0] * x[$0] * x[$0] }.reduce(0, +), 1)
      if m > 1 { divided += 1 }
      for i in 0..<count {
        alpha[i] /= m
        w[i] += alpha[i] * delta * x[i]
        h[i] = h[i] * (1 - alpha[i] * x[i] * x[i]) + alpha[i] * delta * x[i]
      }
      _ = learner.learn(task)
      let difference = zip(w, learner.weights).map { abs($0 - $1) }.max()!
      #expect(difference <= 1e-10, "step \(step): \(difference)")
    }
    #expect(divided > 10, "M is never above 1")
  }

  /// The error of an example never changes its sign at its own step, however large the rates.
  @Test func noStepOvershoots() {
    var task = SuttonTask(seed: 2)
    var learner = SuttonLearner(Autostep<Double>(initialRate: 50, metaRate: 1))
    for _ in 0..<1_000 {
      task.next()
      func error() -> Double {
        zip(learner.weights, task.inputs).reduce(task.target) { $0 - $1.0 * $1.1 }
      }
      let before = error()
      _ = learner.learn(task)
      #expect(error() / before > -1e-9)
    }
  }

  /// M is over all elements, of all strips: n equal ones share the step of one.
  @Test func theSumIsOverTheWholeGradient() {
    let count = 9_000
    // f = ½δ² with δ = −1 and x = 1: Σ α x² = 9000 α.
    let gradient = [[Double](repeating: 1, count: count)]
    for penalty in [0, 0.25] {
      let u = directions(
        Autostep<Double>(initialRate: 1), on: .penalized(by: penalty), gradient, losses: [0.5])
      #expect(u[0].allSatisfy { abs($0 * Double(count) - 1) <= 1e-12 })
    }
  }

  /// Inside a method that keeps the rule's state itself.
  @Test func aMethodSurveysToo() {
    let rule = Autostep<Double>(initialRate: 3, metaRate: 0.1)
    let gradients = [[1.0, -2, 0.5], [0.5, 1, 1], [-1, 1, 2]]
    var maker = RuleState(rule)
    maker.begin(parameterCount: 3)
    var theta = [0.0, 0, 0]
    let expected = directions(rule, gradients, losses: [1, 2, 3])
    for (step, gradient) in gradients.enumerated() {
      maker.make(&theta, gradient, loss: Double(step + 1))
      let u = maker.withDirection { u in (0..<3).map { u[$0] } }
      #expect(u == expected[step])
    }
  }

  /// A loss of 0, or none that is a number, leaves the rates.
  @Test(arguments: [0, -1, .nan, .infinity]) func aLossWithoutMeaningIsNoInput(_ loss: Double) {
    let rule = Autostep<Double>(initialRate: 3)
    #expect(directions(rule, [2.0], losses: [loss]) == [6])
  }
}
