import Statistics
import Testing

@Suite struct WilsonIntervalTests {
  /// scipy 1.17.1, `scipy.stats.binomtest(k, n).proportion_ci(confidence, method="wilson")`.
  @Test(arguments: [
    (3, 10, 0.95, 0.10779126740630102, 0.6032218525388546),
    (0, 5, 0.95, 0.0, 0.43448246478317476),
    (8, 8, 0.9, 0.7472764025762368, 1.0),
    (45, 100, 0.99, 0.3289768378700213, 0.577245230901561),
  ])
  func agreesWithScipy(
    successes: Int, trials: Int, confidence: Double, low: Double, high: Double
  ) {
    let interval = wilsonInterval(successes: successes, trials: trials, confidence: confidence)
    #expect(abs(interval.low - low) < 1e-14)
    #expect(abs(interval.high - high) < 1e-14)
  }

  /// Where nothing else is said it is that of 95 %.
  @Test func theConfidence() {
    #expect(
      wilsonInterval(successes: 3, trials: 10)
        == wilsonInterval(successes: 3, trials: 10, confidence: 0.95))
  }

  @Test func noTrialsSayNothing() {
    #expect(wilsonInterval(successes: 0, trials: 0) == Interval(0, 1))
  }
}
