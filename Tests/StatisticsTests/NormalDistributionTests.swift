import Statistics
import Testing

@Suite struct NormalDistributionTests {
  /// scipy 1.17.1, `scipy.stats.norm`.
  @Test func agreesWithScipy() {
    #expect(abs(normalCumulative(1.3) - 0.9031995154143897) < 1e-15)
    #expect(abs(normalQuantile(0.975) - 1.959963984540054) < 1e-15 * 4)
    #expect(normalCumulative(0) == 0.5)
  }

  @Test func endsAreInfinite() {
    #expect(normalQuantile(0) == -.infinity)
    #expect(normalQuantile(1) == .infinity)
    #expect(normalCumulative(.infinity) == 1)
    #expect(normalCumulative(-.infinity) == 0)
  }
}
