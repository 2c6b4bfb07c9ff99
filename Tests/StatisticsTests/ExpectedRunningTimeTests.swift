import Statistics
import Testing

@Suite struct ExpectedRunningTimeTests {
  @Test func failuresCostTheirBudget() {
    #expect(expectedRunningTime(evaluationsToTarget: [100, 300], budget: 1000) == 200)
    #expect(expectedRunningTime(evaluationsToTarget: [100, nil, 300, nil], budget: 1000) == 1200)
  }

  @Test func neverAndNothing() {
    #expect(expectedRunningTime(evaluationsToTarget: [nil, nil], budget: 10) == .infinity)
    #expect(expectedRunningTime(evaluationsToTarget: [], budget: 10) == nil)
  }
}
