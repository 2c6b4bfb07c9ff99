internal import Hypergradient
internal import StationarityGuard
internal import Testing

@Suite struct SignificanceGateTests {
  private func decide(_ gate: inout SignificanceGate, _ cosine: Double, norm: Double = 2) {
    let decision = gate.decide(
      StepSignals(
        step: 1, alignment: cosine * norm * norm, gradientNorm: norm, previousDirectionNorm: norm))
    #expect(decision == .step(gate.learningRate))
  }

  /// Windows of two: mean m, standard error |c₁ − c₂|/(2√2).
  @Test func theRateMovesWhereTheMeanIsFarFromZero() {
    var gate = SignificanceGate(initial: 1, hyperLearningRate: 0.5, window: 2, threshold: 2)
    decide(&gate, 0.6)
    #expect(gate.learningRate == 1)
    decide(&gate, 0.8)  // 0.7 is above twice 0.0707.
    #expect((gate.learningRate - 1.35 * 1.35).magnitude < 1e-12)
    decide(&gate, 0.6)
    decide(&gate, -0.2)  // 0.2 is below twice 0.283.
    #expect((gate.learningRate - 1.35 * 1.35).magnitude < 1e-12)
    decide(&gate, -0.3)
    decide(&gate, -0.3)
    #expect((gate.learningRate - 1.35 * 1.35 * 0.85 * 0.85).magnitude < 1e-12)
  }

  /// Steps without a direction, and those that are not finite, are in no window.
  @Test func emptyStepsDoNotCount() {
    var gate = SignificanceGate(initial: 1, hyperLearningRate: 0.5, window: 2, threshold: 2)
    decide(&gate, 0.5)
    decide(&gate, 0.5, norm: 0)
    decide(&gate, .nan)
    decide(&gate, 0.5, norm: .infinity)
    #expect(gate.learningRate == 1)
    decide(&gate, 0.5)
    #expect(gate.learningRate == 1.25 * 1.25)
  }
}
