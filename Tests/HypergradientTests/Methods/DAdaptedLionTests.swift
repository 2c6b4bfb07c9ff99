internal import Hypergradient
internal import Testing

@Suite struct DAdaptedLionTests {
  /// Gradients 3, 3, −1 with β₁ = ½ and β₂ = ¼, √β₂ = ½, d₀ = 1.
  @Test func stepsByHand() {
    let steps = stepsOnScript(
      of: DAdaptedLion<Double>(beta1: 0.5, beta2: 0.25, initialDistance: 1), from: 0,
      gradients: [3, 3, -1])
    // 1: u = 1, n = 0, s = ½, d = max(1, 0/(½·½)) = 1.
    // 2: u = 1, n = ½·1·½ = ¼, s = ¼ + ½ = ¾, d = max(1, ¼/(½·¾) = ⅔) = 1.
    // 3: m = ¾·3·(1, 1 + ¼) → 2.8125; ½·2.8125 − ½ > 0: u = 1, n = ⅛ + ½·¾ = ½, s = ⅜ + ½ = ⅞,
    //    d = max(1, ½/(½·⅞) = 8/7).
    #expect(steps.map(\.parameter) == [-1, -2, -3] && steps.map(\.rate) == [1, 1, 1])
  }

  /// d grows to 8/7, and the rate with it.
  @Test func theEstimateGrows() {
    var oracle = FunctionOracle<Double>(parameterCount: 1) { _, g, _ in
      g[0] = 3
      return 0
    }
    var method = DAdaptedLion<Double>(beta1: 0.5, beta2: 0.25, initialDistance: 1)
    var x = [0.0]
    method.begin(at: x)
    for _ in 0..<3 { method.step(&x, &oracle) }
    #expect(relativeDifference(method.distance, 8.0 / 7) < 1e-15)
    method.step(&x, &oracle)
    #expect(relativeDifference(method.learningRate, 8.0 / 7) < 1e-15)
    #expect(relativeDifference(x[0], -3 - 8.0 / 7) < 1e-15)
  }

  @Test func weightDecayIsDecoupled() {
    let steps = stepsOnScript(
      of: DAdaptedLion<Double>(weightDecay: 0.5, initialDistance: 0.25), from: 8,
      gradients: [1])
    #expect(steps[0].parameter == 8 * (1 - 0.125) - 0.25)
  }
}
