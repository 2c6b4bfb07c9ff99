internal import Foundation
internal import Hypergradient
internal import HypergradientRecipes
internal import Testing

/// A rule that reads a part of the state that it has not declared stops the program, which says which and
/// where: it would read and write what is not its own.
@Suite struct UndeclaredStateTests {
  private func check(_ result: ExitTest.Result?, _ messages: String...) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for message in messages { #expect(text.contains(message), "\(text)") }
  }

  private static func takeStep<R: UpdateRule<Double>>(_ rule: R) {
    var optimizer = Optimizer(rule, ConstantRate(0.1), parameterCount: 2)
    var theta = [1.0, 2]
    optimizer.step(&theta, gradient: [1, 2])
  }

  @Test func aVectorStopsTheProgram() async {
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(Forgetful(reads: .vector))
      }, "the rule reads state vector 0 and declares none", "UndeclaredStateTests.swift:")
  }

  @Test func aScalarStopsTheProgram() async {
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(Forgetful(reads: .scalar))
      }, "the rule reads scalar 0 and declares none", "UndeclaredStateTests.swift:")
  }

  #if DEBUG
    @Test func aKernelStopsTheProgram() async {
      check(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          Self.takeStep(Forgetful(reads: .vectorByKernel))
        }, "the kernel reads more state than the rule declares")
    }
  #endif

  /// What stands beside a rule has a state of its own.
  @Test func anothersStateStopsTheProgram() async {
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(Forgetful(reads: .vector).then(Adam()))
      }, "the rule reads state vector 0 and declares none")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(Forgetful(reads: .scalar).then(Adam()))
      }, "the rule reads scalar 0 and declares none")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(HeavyBall().then(Forgetful(reads: .vector)))
      }, "the rule reads state vector 0 and declares none")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(Forgetful(reads: .vector).cautious())
      }, "the rule reads state vector 0 and declares none")
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        Self.takeStep(Forgetful(reads: .scalar).cautious())
      }, "the rule reads scalar 0 and declares none")
  }

  @Test func aTangentStopsTheProgram() async {
    check(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var method = ForwardHypergradient(
          Forgetful(reads: .tangent), initial: 0.1, hyperLearningRate: 0.1)
        var oracle = FunctionOracle<Double>(parameterCount: 1) { x, gradient, _ in
          gradient[0] = x[0]
          return x[0] * x[0] / 2
        }
        var theta = [1.0]
        method.begin(at: theta)
        for _ in 0..<3 { method.step(&theta, &oracle) }
      }, "the rule reads state vector 0 and declares none", "UndeclaredStateTests.swift:")
  }
}

/// Momentum whose state is not declared.
private struct Forgetful: TangentRule {
  enum Part: String, Codable { case vector, scalar, vectorByKernel, tangent }
  typealias Scalar = Double
  let reads: Part

  func kernel(_ step: RuleStep) -> RuleKernel? {
    reads == .vectorByKernel ? HeavyBall<Double>().kernel(step) : nil
  }

  func direction(_ strip: Strip<Double>, _ step: RuleStep) {
    for i in 0..<strip.count { strip.direction[i] = strip.gradient[i] }
    if reads == .vector { strip.state(0)[0] += strip.gradient[0] }
    if reads == .scalar { step.scalars[0] += 1 }
  }

  func directionTangent(_ strip: TangentStrip<Double>, _ step: RuleStep) {
    if reads == .tangent { strip.stateTangent(0)[0] = 0 }
  }
}
