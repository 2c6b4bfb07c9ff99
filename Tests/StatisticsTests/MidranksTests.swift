import Statistics
import Testing

@Suite struct MidranksTests {
  /// scipy 1.17.1, `scipy.stats.rankdata`.
  @Test func tiesShareTheirMeanRank() {
    #expect(midranks([3.1, -1.2, 0.4, 7.7, 2.2, 2.2, 5.0]) == [5, 1, 2, 7, 3.5, 3.5, 6])
    #expect(midranks([.infinity, 0, .infinity, .infinity]) == [3, 1, 3, 3])
    #expect(midranks([]) == [])
  }

  @Test func ranksAddUp() {
    for count in 1...7 {
      let values = (0..<count).map { Double($0 * $0 % 5) }
      #expect(midranks(values).reduce(0, +) == Double(count * (count + 1)) / 2)
    }
  }
}
