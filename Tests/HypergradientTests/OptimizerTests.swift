internal import Foundation
internal import Hypergradient
internal import PortableMath
internal import Testing

/// What an optimizer promises whatever its rule: strips, skipped and retaken steps, precision.
@Suite struct OptimizerTests {
  /// Lengths around the 4096 elements of a strip.
  private static let lengths = [0, 1, 4095, 4096, 4097, 10_000]

  private static func gradient(_ step: Int, _ count: Int) -> [Double] {
    var draw = RandomStream(RandomKey("tests.optimizer.gradient"), step: step)
    return (0..<count).map { _ in 2 * draw.uniform() - 1 }
  }

  private func end<R: UpdateRule<Double>, C: LearningRateController>(
    _ rule: R, _ controller: C, _ start: [Double], of gradients: [[Double]]
  ) -> [Double] {
    var optimizer = Optimizer(rule, controller, parameterCount: start.count)
    var theta = start
    for gradient in gradients {
      optimizer.step(&theta, gradient: gradient, loss: gradient.reduce(0) { $0 + $1 * $1 })
    }
    return theta
  }

  /// Each element goes its way as if it were alone, at any length.
  @Test(arguments: LawFixtures.rules) func elementsGoAsIfAlone(_ text: String) throws {
    func check<R: UpdateRule<Double>>(_ rule: R) {
      guard rule.requirements.facts.isEmpty else { return }
      for count in Self.lengths {
        let start: [Double] = LawFixtures.start(count)
        let gradients = (0..<2).map { Self.gradient($0, count) }
        let together = end(rule, ConstantRate(0.05), start, of: gradients)
        // The neighbours of every boundary, and some others.
        let chosen = (0..<count).filter { $0 % 997 == 0 || ($0 + 2) % 4096 < 4 }
        for i in chosen {
          let alone = end(rule, ConstantRate(0.05), [start[i]], of: gradients.map { [$0[i]] })
          #expect(together[i] == alone[0], "element \(i) of \(count)")
        }
      }
    }
    check(try LawFixtures.rule(text).rule)
  }

  /// A kept direction, and one that is made before the rate is chosen, change no bit.
  @Test(arguments: LawFixtures.rules) func phasesChangeNoBit(_ text: String) throws {
    func check<R: UpdateRule<Double>>(_ rule: R) {
      for count in [1, 4095, 4097, 9_001] {
        let start: [Double] = LawFixtures.start(count)
        let gradients = (0..<3).map { Self.gradient($0, count) }
        let fused = end(rule, ConstantRate(0.05), start, of: gradients)
        let script = Script([.step(0.05), .step(0.05), .step(0.05)])
        #expect(end(rule, script, start, of: gradients) == fused)
        #expect(end(rule, LooksAhead(0.05), start, of: gradients) == fused)
      }
    }
    check(try LawFixtures.rule(text).rule)
  }

  /// ‖∇f‖ is that of the whole gradient, not of a strip.
  @Test func clippingSeesTheWholeGradient() {
    let count = 5_000
    let gradient = [Double](repeating: 1, count: count)
    let theta = end(
      ClipByNorm<Double>(1), ConstantRate(1), [Double](repeating: 0, count: count), of: [gradient])
    let expected = -1 / Double(count).squareRoot()
    #expect(theta.allSatisfy { abs($0 - expected) <= 1e-15 })
  }

  /// A gradient that is to leave no trace: a guard would not show its controller one that is not finite.
  private static func unwanted<R: UpdateRule>(by rule: R) -> [Double] {
    [Double](repeating: rule.requirements.facts.contains(.guarded) ? 1e6 : .nan, count: 5)
  }

  /// After a skipped step, also the first, all goes on as if its gradient had never been.
  @Test(arguments: LawFixtures.rules) func aSkippedStepLeavesNoTrace(_ text: String) throws {
    func check<R: UpdateRule<Double>>(_ rule: R) {
      let start: [Double] = LawFixtures.start(5)
      let gradients = (0..<4).map { Self.gradient($0, 5) }
      let bad = Self.unwanted(by: rule)
      let steps: [Script.Line] = [.step(0.05), .step(0.02), .step(0.03), .step(0.04)]
      let plain = end(rule, Script(steps), start, of: gradients)
      for position in 0...3 {
        var (lines, shown) = (steps, gradients)
        lines.insert(.skip, at: position)
        shown.insert(bad, at: position)
        #expect(end(rule, Script(lines), start, of: shown) == plain, "skipped step \(position)")
      }
    }
    check(try LawFixtures.rule(text).rule)
  }

  /// After a retaken step all goes on as if it had been taken with the other rate at once.
  @Test(arguments: LawFixtures.rules) func aRetakenStepLeavesNoOtherTrace(_ text: String) throws {
    func check<R: UpdateRule<Double>>(_ rule: R) {
      let start: [Double] = LawFixtures.start(5)
      let gradients = (0..<3).map { Self.gradient($0, 5) }
      let bad = Self.unwanted(by: rule)
      let plain = end(
        rule, Script([.step(0.05), .step(0.02), .step(0.03)]), start, of: gradients)
      let first = end(
        rule, Script([.step(0.5), .retake(0.05), .step(0.02), .step(0.03)]), start,
        of: [gradients[0], bad] + gradients[1...])
      let second = end(
        rule, Script([.step(0.05), .step(0.5), .retake(0.02), .step(0.03)]), start,
        of: [gradients[0], gradients[1], bad, gradients[2]])
      for other in [first, second] {
        #expect(zip(plain, other).allSatisfy { abs($0 - $1) <= 1e-14 }, "\(plain), \(other)")
      }
    }
    check(try LawFixtures.rule(text).rule)
  }

  @Test func countsTellStepsSkippedAndRetaken() {
    var optimizer = Optimizer(
      Adam<Double>(), Script([.step(0.1), .skip, .retake(0.05), .skip, .step(0.2)]),
      parameterCount: 1)
    var theta = [1.0]
    var rates: [Double] = []
    for step in 0..<5 {
      optimizer.step(&theta, gradient: Self.gradient(step, 1))
      rates.append(optimizer.learningRate)
    }
    #expect(optimizer.stepCount == 5)
    #expect(optimizer.skippedSteps == 2)
    #expect(optimizer.retakenSteps == 1)
    #expect(rates == [0.1, 0.1, 0.05, 0.05, 0.2])
  }

  /// Products of Floats are exact in Double: the alignment has no more error than its sum.
  @Test func theAlignmentOfFloatsIsSummedInDouble() {
    let count = 1_003
    var optimizer = Optimizer(
      GradientDescent<Float>(), Script([.step(0.1), .step(0.1)]), parameterCount: count)
    let gradients = (0..<2).map { Self.gradient($0, count).map { Float($0) } }
    var theta = [Float](repeating: 0, count: count)
    for gradient in gradients { optimizer.step(&theta, gradient: gradient) }
    let exact = zip(gradients[0], gradients[1]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(optimizer.controller.alignments[1] - exact) <= 1e-13)
  }

  /// The signals of the new direction: of u_t, with the gradient of this step.
  @Test func aControllerMayLookAtTheNewDirection() {
    var optimizer = Optimizer(HeavyBall<Double>(momentum: 0.5), LooksAhead(1), parameterCount: 2)
    var theta = [0.0, 0]
    optimizer.step(&theta, gradient: [3, 4])
    #expect(optimizer.controller.seen == [25, 5])
    // v = 0.5 · (3, 4) + (1, 0).
    optimizer.step(&theta, gradient: [1, 0])
    #expect(optimizer.controller.seen == [2.5, (2.5 * 2.5 + 4.0).squareRoot()])
    #expect(optimizer.memoryVectors == 2)
  }

  /// A copy and its original go on apart, though they share their memory until one of them steps.
  @Test func copiesGoOnApart() {
    var optimizer = Optimizer(
      Adam<Double>(), HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01),
      parameterCount: 3)
    var theta = [1.0, 2, 3]
    optimizer.step(&theta, gradient: [1, -1, 2])
    var (copy, other) = (optimizer, theta)
    copy.step(&other, gradient: [5, 5, 5])
    var expected = theta
    var untouched = optimizer
    untouched.step(&expected, gradient: [1, 1, 1])
    optimizer.step(&theta, gradient: [1, 1, 1])
    #expect(theta == expected && other != theta)
    #expect(copy.learningRate != optimizer.learningRate)
  }

  /// Threads belong to a machine, not to a checkpoint.
  @Test func aCheckpointHoldsNoThreadsAndIsCheckedForLength() throws {
    var optimizer = Optimizer(Adam<Double>(), ConstantRate(0.1), parameterCount: 2)
    optimizer.threads = 2
    var theta = [1.0, 2]
    optimizer.step(&theta, gradient: [1, 1])
    #expect(try LawFixtures.coded(optimizer).threads == 1)
    let text = try #require(String(data: JSONEncoder().encode(optimizer), encoding: .utf8))
    let longer = text.replacingOccurrences(of: "\"parameterCount\":2", with: "\"parameterCount\":3")
    #expect(longer != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Optimizer<Adam<Double>, ConstantRate>.self, from: Data(longer.utf8))
    }
  }

  @Test func noThreadsStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(GradientDescent<Double>(), ConstantRate(1), parameterCount: 2)
      optimizer.threads = 0
    }
  }

  @Test func otherLengthsStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(GradientDescent<Double>(), ConstantRate(1), parameterCount: 2)
      var theta = [1.0, 2]
      optimizer.step(&theta, gradient: [1])
    }
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(GradientDescent<Double>(), ConstantRate(1), parameterCount: 2)
      var theta = [1.0]
      optimizer.step(&theta, gradient: [1, 2])
    }
  }

  @Test func aSkipAfterTheRuleHasMovedStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(GradientDescent<Double>(), SkipsTooLate(), parameterCount: 1)
      var theta = [1.0]
      optimizer.step(&theta, gradient: [1])
    }
  }

  @Test func aRetakeWithoutAKeptDirectionStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var optimizer = Optimizer(GradientDescent<Double>(), RetakesBlindly(), parameterCount: 1)
      var theta = [1.0]
      optimizer.step(&theta, gradient: [1])
    }
  }
}

/// A fixed rate from a controller that asks for the new direction first.
private struct LooksAhead: LearningRateController {
  var learningRate: Double
  /// ⟨u_t, g_t⟩ and ‖u_t‖ of the last step.
  var seen: [Double] = []

  init(_ learningRate: Double) { self.learningRate = learningRate }

  var requirements: ControllerRequirements {
    ControllerRequirements(signals: [.directionAlignment, .directionNorm])
  }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    seen = [signals.directionAlignment, signals.directionNorm]
    return .step(learningRate)
  }
}

private struct SkipsTooLate: LearningRateController {
  var learningRate = 1.0
  var requirements: ControllerRequirements { ControllerRequirements(signals: [.directionNorm]) }
  mutating func decide(_ signals: StepSignals) -> StepDecision { .skip }
}

private struct RetakesBlindly: LearningRateController {
  var learningRate = 1.0
  var requirements: ControllerRequirements { ControllerRequirements(signals: []) }
  mutating func decide(_ signals: StepSignals) -> StepDecision { .retake(0.5) }
}
