import Benchmarks
import Testing

@Suite struct GoalTests {
  @Test func timesAsFast() {
    let goal = Goal.timesAsFast(15)
    #expect(goal.isMet(ours: 2, peer: 30) && !goal.isMet(ours: 2, peer: 29))
    #expect(goal.ratio(ours: 2, peer: 30) == 15 && goal.text == "≥ 15 ×")
    #expect(Goal.timesAsFast(1.5).text == "≥ 1.5 ×")
  }

  @Test func shareOfSpeed() {
    let goal = Goal.shareOfSpeed(0.95)
    #expect(goal.isMet(ours: 100, peer: 95) && !goal.isMet(ours: 100, peer: 94))
    #expect(goal.ratio(ours: 100, peer: 95) == 0.95 && goal.text == "≥ 95 %")
  }

  @Test func timesTheFloor() {
    let goal = Goal.timesTheFloor(1.25)
    #expect(goal.isMet(ours: 5, peer: 4) && !goal.isMet(ours: 5.1, peer: 4))
    #expect(goal.ratio(ours: 5, peer: 4) == 1.25 && goal.text == "≤ 1.25 × floor")
  }
}
