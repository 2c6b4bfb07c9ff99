import Tasks
import Testing

struct QuarticBowlTests {
  @Test func lossAndGradientByHand() {
    let task = QuarticBowl(dimension: 2, steepness: 0.5)
    // ½·1 + ½·1 + ½·4 + ½·16; θ + 2θ³.
    #expect(task.loss(at: [1, 2]) == 11)
    #expect(task.exactGradient(at: [1, 2]) == [3, 18])
  }

  @Test func theLawsRunOverIt() {
    #expect(syntheticTasks.contains { $0.description == "quarticBowl(dimension: 4)" })
  }
}
