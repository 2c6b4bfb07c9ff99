internal import Hypergradient
internal import PortableMath
internal import Testing

/// A controller on the trace of directions, against its equations by hand.
@Suite struct TraceGuardTests {
  /// α_t = α_{t−1}(1 + β cos(T_{t−1}, g_t)), T_t = d_t T_{t−1} + u_t, d_t = 1 − 1/max(least, share·t).
  @Test func itFollowsItsEquations() {
    let (beta, share, least) = (0.25, 0.5, 3.0)
    var optimizer = Optimizer(
      HeavyBall<Double>(momentum: 0.5),
      HypergradientDescent(initial: 0.02, hyperLearningRate: beta, form: .multiplicative)
        .guardedByTrace(share: share, atLeast: least),
      parameterCount: 5)
    var theta: [Double] = LawFixtures.start(5)
    var expected = theta
    var (alpha, v, trace) = (
      0.02, [Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5)
    )
    for step in 0..<40 {
      let g = LawFixtures.gradient(expected)
      if step > 0 { alpha *= 1 + beta * dot(trace, g) / norm(trace) / norm(g) }
      let decay = 1 - 1 / max(least, share * Double(step + 1))
      for i in 0..<5 {
        v[i] = 0.5 * v[i] + g[i]
        expected[i] -= alpha * v[i]
        trace[i] = (step == 0 ? 0 : decay * trace[i]) + v[i]
      }
      optimizer.step(&theta, gradient: LawFixtures.gradient(theta))
      #expect(optimizer.controller.requirements.traceDecay == decay)
      #expect(relativeDifference(optimizer.learningRate, alpha) < 1e-12, "step \(step)")
    }
    #expect(zip(theta, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(optimizer.memoryVectors == 3)
  }

  /// A window of one step is the last direction alone: the controller by itself, up to rounding of
  /// nothing.
  @Test func aWindowOfOneStepIsTheControllerItself() {
    func run(_ control: some LearningRateController) -> [Double] {
      var optimizer = Optimizer(GradientDescent<Double>(), control, parameterCount: 9)
      var theta: [Double] = LawFixtures.start(9)
      for _ in 0..<30 { optimizer.step(&theta, gradient: LawFixtures.gradient(theta)) }
      return theta
    }
    let control = HypergradientDescent(initial: 0.02, hyperLearningRate: 1e-3)
    #expect(run(control.guardedByTrace(share: 1e-6, atLeast: 1)) == run(control))
    #expect(run(control.guardedByTrace()) != run(control))
  }

  /// With d = 1 from the start the additive form's alignment is −∂f/∂η of the rate that all steps
  /// share, where the gradient does not change: a linear function.
  @Test func onALinearFunctionTheAlignmentIsTheDerivativeByTheSharedRate() {
    let slope = [1.0, -2, 0.5]
    var optimizer = Optimizer(
      GradientDescent<Double>(),
      Script([Script.Line](repeating: .step(0.1), count: 12)).guardedByTrace(
        share: 1, atLeast: 1e300), parameterCount: 3)
    var theta = [0.0, 0, 0]
    for _ in 0..<12 { optimizer.step(&theta, gradient: slope) }
    // f = −η·t‖slope‖² after t steps.
    for (step, alignment) in optimizer.controller.base.alignments.enumerated() {
      #expect(abs(alignment - Double(step) * dot(slope, slope)) < 1e-12)
    }
  }

  @Test func whatReadsTheTraceItselfIsRefused() throws {
    let text = "constant(0.1).guardedByTrace()"
    #expect(try LawFixtures.controller(text).requirements.signals == [])
    let twice =
      "hypergradient(initial: 0.1, hyperLearningRate: 1e-3).guardedByTrace().guardedByTrace()"
    #expect {
      _ = try LawFixtures.controller(twice)
    } throws: { "\($0)".contains("reads no trace itself") }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
  private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
