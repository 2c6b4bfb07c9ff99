import Statistics
import Testing

@Suite struct QuantileTests {
  let sample = [3.1, -1.2, 0.4, 7.7, 2.2, 2.2, 5.0]

  /// numpy 2.4.6, `numpy.quantile(sample, p)`.
  @Test(arguments: [
    (0, -1.2), (0.1, -0.23999999999999988), (0.25, 1.3), (0.5, 2.2), (0.9, 6.080000000000001),
    (1, 7.7),
  ])
  func agreesWithNumpy(probability: Double, expected: Double) throws {
    let value = try #require(quantile(sample, at: probability))
    #expect(abs(value - expected) <= 1e-15 * abs(expected))
  }

  @Test func medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    #expect(median([4, 1, 3, 2]) == 2.5)
    #expect(median([7]) == 7)
    #expect(median([]) == nil)
  }

  @Test func infinitiesSortAtTheEnds() {
    #expect(median([1, .infinity, 2]) == 2)
    #expect(median([1, .infinity]) == .infinity)
    #expect(median([.infinity, .infinity, 1]) == .infinity)
    #expect(median([-.infinity, 1]) == -.infinity)
    #expect(median([-.infinity, .infinity]) == .infinity)
    #expect(quantile([1, 2, .infinity], at: 0.5) == 2)
    #expect(quantile([.infinity, .infinity], at: 0.25) == .infinity)
  }

  @Test func quartilesAreThreeQuantiles() throws {
    let quartiles = try #require(Quartiles(sample))
    #expect(quartiles.lower == quantile(sample, at: 0.25))
    #expect(quartiles.median == quantile(sample, at: 0.5))
    #expect(quartiles.upper == quantile(sample, at: 0.75))
    #expect(Quartiles([]) == nil)
  }
}
