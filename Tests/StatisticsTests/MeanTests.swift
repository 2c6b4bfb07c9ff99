import Statistics
import Testing

@Suite struct MeanTests {
  @Test func meanOfNothingIsNil() {
    #expect(mean([]) == nil)
    #expect(interquartileMean([]) == nil)
    #expect(mean([1, 2, 6]) == 3)
  }

  /// scipy 1.17.1, `scipy.stats.trim_mean(values, 0.25)`, where the cut goes between values.
  @Test func interquartileMeanTrimsAQuarterAtEachEnd() {
    #expect(interquartileMean([8, 1, 7, 2, 6, 3, 5, 4]) == 4.5)
    #expect(interquartileMean([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 50]) == 6.5)
  }

  @Test func aCutThroughAValueKeepsAPartOfIt() {
    // Of five values a quarter is 1.25: weights 0, 3/4, 1, 3/4, 0 over 2.5.
    #expect(interquartileMean([0, 10, 20, 40, 1000]) == (7.5 + 20 + 30) / 2.5)
    #expect(interquartileMean([3]) == 3)
  }

  @Test func infinitiesOutsideTheMiddleHalfDoNotCount() {
    #expect(interquartileMean([1, 2, 3, .infinity]) == 2.5)
    #expect(interquartileMean([1, 2, .infinity, .infinity]) == .infinity)
    #expect(interquartileMean([-.infinity, 2, 4, .infinity]) == 3)
  }
}
