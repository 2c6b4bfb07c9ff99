internal import Foundation
internal import Hypergradient
internal import Testing

/// The trace, ⟨u, g⟩ of the last step, the best parameters and the loss of a rule, by hand.
@Suite struct OptimizerTracesTests {
  private static let gradients = [[1.0, -2], [0.5, 3], [-4, 1], [2, 2]]

  @Test func signalsOfTheTraceAreThoseOfItsEquation() {
    let decay = 0.75
    var optimizer = Optimizer(
      HeavyBall<Double>(momentum: 0.5), Watcher(traceDecay: decay), parameterCount: 2)
    var theta = [0.0, 0.0]
    var (v, trace, lastUG) = ([0.0, 0.0], [0.0, 0.0], 0.0)
    for (step, g) in Self.gradients.enumerated() {
      optimizer.step(&theta, gradient: g)
      let along = trace[0] * g[0] + trace[1] * g[1]
      let norm = (trace[0] * trace[0] + trace[1] * trace[1]).squareRoot()
      #expect(optimizer.controller.seen[step] == [along, norm, lastUG])
      // Heavy ball's first direction is the gradient.
      for i in 0..<2 { v[i] = step == 0 ? g[i] : 0.5 * v[i] + g[i] }
      for i in 0..<2 { trace[i] = decay * trace[i] + v[i] }
      lastUG = v[0] * g[0] + v[1] * g[1]
    }
    #expect(optimizer.memoryVectors == 3)
  }

  /// With a penalty the sums are of ∇f + λθ at the parameters before the step.
  @Test func thePenaltyIsInTheSums() {
    var optimizer = Optimizer(
      GradientDescent<Double>(), Watcher(traceDecay: 1), on: .penalized(by: 0.5),
      parameterCount: 1)
    var theta = [2.0]
    optimizer.step(&theta, gradient: [1])
    #expect(theta == [2 - 0.125 * 2])
    optimizer.step(&theta, gradient: [1])
    // u₀ = g₀ = 1 + ½·2 = 2; g₁ = 1 + ½·1.75.
    #expect(optimizer.controller.seen[1] == [2 * 1.875, 2, 4])
  }

  @Test func copiesAndCheckpointsKeepTheTrace() throws {
    var optimizer = Optimizer(
      GradientDescent<Float>(), Watcher(traceDecay: 0.5), parameterCount: 2)
    var theta: [Float] = [1, 1]
    optimizer.step(&theta, gradient: [1, 2])
    optimizer.step(&theta, gradient: [3, -1])
    var copy = optimizer
    var stored = try LawFixtures.coded(optimizer)
    optimizer.step(&theta, gradient: [1, 1])
    var other = theta
    copy.step(&other, gradient: [1, 1])
    stored.step(&other, gradient: [1, 1])
    // T = ½·(1, 2) + (3, −1) = (3.5, 0).
    #expect(optimizer.controller.seen[2] == [3.5, 3.5, 10])
    #expect(copy.controller.seen == optimizer.controller.seen)
    #expect(stored.controller.seen == optimizer.controller.seen)
  }

  @Test func restoringBringsBackTheBestParameters() throws {
    var optimizer = Optimizer(
      GradientDescent<Double>(), Restorer(restoreAt: 3, bestAt: [0, 1]), parameterCount: 2)
    var theta = [1.0, 1.0]
    var before: [[Double]] = []
    for step in 0..<3 {
      before.append(theta)
      optimizer.step(&theta, gradient: Self.gradients[step])
    }
    var stored = try LawFixtures.coded(optimizer)
    #expect(optimizer.step(&theta, gradient: [9, 9]) == .restore(0.0625))
    #expect(theta == before[1])
    #expect(optimizer.learningRate == 0.0625 && optimizer.restoredSteps == 1)
    #expect(optimizer.memoryVectors == 2)
    var other = [0.0, 0.0]
    stored.step(&other, gradient: [9, 9])
    #expect(other == before[1])
    optimizer.step(&theta, gradient: [1, 1])
    // No direction led here: the alignment is zero again.
    #expect(optimizer.controller.alignments == [0, -5.5, 1, -27, 0])
  }

  @Test func restoringWithoutABestMovesNothing() {
    var optimizer = Optimizer(
      GradientDescent<Double>(), Restorer(restoreAt: 0, bestAt: []), parameterCount: 1)
    var theta = [1.0]
    optimizer.step(&theta, gradient: [5])
    #expect(theta == [1])
  }

  @Test func aRuleThatNeedsTheLossIsGivenIt() async {
    var optimizer = Optimizer(LossRule(), ConstantRate(1), parameterCount: 1)
    var theta = [0.0]
    optimizer.step(&theta, gradient: [1], loss: 0.25)
    #expect(theta == [-0.25])
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(LossRule(), ConstantRate(1), parameterCount: 1)
      var theta = [0.0]
      optimizer.step(&theta, gradient: [1])
    }
  }
}

/// Steps by 0.125 and remembers ⟨T, g⟩, ‖T‖ and ⟨u_{t−1}, g_{t−1}⟩.
private struct Watcher: LearningRateController {
  var traceDecay: Double
  var seen: [[Double]] = []
  var learningRate: Double { 0.125 }
  var requirements: ControllerRequirements {
    ControllerRequirements(
      signals: [.traceAlignment, .traceNorm, .previousDirectionAlignment], traceDecay: traceDecay)
  }

  init(traceDecay: Double) { self.traceDecay = traceDecay }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    seen.append([signals.traceAlignment, signals.traceNorm, signals.previousDirectionAlignment])
    return .step(learningRate)
  }
}

private struct Restorer: LearningRateController {
  var restoreAt: Int
  var bestAt: [Int]
  var alignments: [Double] = []
  var learningRate = 0.125
  var isBest = false

  init(restoreAt: Int, bestAt: [Int]) {
    self.restoreAt = restoreAt
    self.bestAt = bestAt
  }

  var requirements: ControllerRequirements {
    ControllerRequirements(
      signals: [.alignment], alwaysSteps: false, keepsBest: true, isBest: isBest)
  }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    alignments.append(signals.alignment)
    isBest = bestAt.contains(signals.step)
    guard signals.step == restoreAt else { return .step(learningRate) }
    learningRate /= 2
    return .restore(learningRate)
  }
}

/// u = f·g.
private struct LossRule: UpdateRule {
  typealias Scalar = Double
  var requirements: RuleRequirements { RuleRequirements(facts: .loss) }
  func direction(_ strip: Strip<Double>, _ step: RuleStep) {
    for i in 0..<strip.count { strip.direction[i] = step.loss * strip.gradient[i] }
  }
}
