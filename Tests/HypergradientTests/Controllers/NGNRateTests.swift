internal import Hypergradient
internal import Testing

@Suite struct NGNRateTests {
  /// σ/(1 + σ‖g‖²/2f): 1/(1 + 4/6), of a bound −1 1/(1 + 4/8).
  @Test func ratesByHand() {
    let signals = StepSignals(step: 0, loss: 3, gradientNorm: 2)
    var control = NGNRate(maximum: 1)
    #expect(relativeDifference(control.learningRate(for: signals), 0.6) < 1e-15)
    var bounded = NGNRate(maximum: 1, optimalLoss: -1)
    #expect(relativeDifference(bounded.learningRate(for: signals), 2.0 / 3) < 1e-15)
  }

  /// For ½hx² Polyak's 2f/‖g‖² is 1/h: the rate is σ/(1 + σh), below both, and near one far away.
  @Test(arguments: [1e-6, 1, 1e6], [1e-9, 0.5, 1e9]) func isBelowBoth(_ h: Double, _ sigma: Double)
  {
    var control = NGNRate(maximum: sigma)
    let rate = control.learningRate(
      for: StepSignals(step: 0, loss: h * 4.5, gradientNorm: 3 * h))
    #expect(relativeDifference(rate, sigma / (1 + sigma * h)) < 1e-14)
    #expect(rate < sigma && rate < 1 / h)
  }

  /// Whatever finite numbers come, the rate is a number.
  @Test func lossesNearTheLargestNumber() {
    for maximum in [1e-300, 1, 1e300] {
      for loss in [0x1p-1063, 1e-300, 1, 1e308, .greatestFiniteMagnitude] {
        for norm in [0, 0x1p-1063, 1e-200, 1, 1e200, .greatestFiniteMagnitude] {
          var control = NGNRate(maximum: maximum)
          let rate = control.learningRate(
            for: StepSignals(step: 0, loss: loss, gradientNorm: norm))
          #expect(rate >= 0 && rate <= maximum, "\(maximum), \(loss), \(norm)")
        }
      }
    }
  }

  @Test func heldAndZero() {
    var control = NGNRate(maximum: 1)
    let rate = control.learningRate(for: StepSignals(step: 0, loss: 3, gradientNorm: 2))
    for (loss, norm) in [(Double.nan, 1.0), (1, .infinity), (.infinity, 1)] {
      #expect(
        control.learningRate(for: StepSignals(step: 1, loss: loss, gradientNorm: norm)) == rate)
    }
    #expect(control.heldSteps == 3)
    #expect(control.learningRate(for: StepSignals(step: 4, loss: -1, gradientNorm: 2)) == 0)
    #expect(control.learningRate(for: StepSignals(step: 5, loss: 1, gradientNorm: 0)) == 1)
  }
}
