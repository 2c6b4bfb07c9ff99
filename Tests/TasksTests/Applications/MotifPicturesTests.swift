import Hypergradient
import Tasks
import Testing

struct MotifPicturesTests {
  @Test func parametersAreCounted() {
    // 8 kernels of 9 and their biases; one value of each of 8 maps, 4 classes and their biases.
    #expect(MotifPictures().dimension == 8 * 9 + 8 + 4 * 8 + 4)
  }

  /// With all parameters 0 every class is as likely.
  @Test(arguments: [2, 3, 9]) func zeroIsUndecided(_ classes: Int) {
    let task = MotifPictures(side: 6, classes: classes, filters: 2, examples: 20, batch: 5)
    let zero = [Double](repeating: 0, count: task.dimension)
    let logarithms = [2: 0.6931471805599453, 3: 1.0986122886681098, 9: 2.1972245773362196]
    #expect((task.loss(at: zero) - logarithms[classes]!).magnitude < 1e-13)
  }

  /// Every component of the gradient against differences: a fault in one place can't hide.
  @Test(arguments: [4, 5, 8]) func everySlope(_ side: Int) {
    let task = MotifPictures(side: side, classes: 3, filters: 2, examples: 10, batch: 4)
    #expect(task.differenceError(task.start) < 1e-8)
  }

  /// A network that learned where the motifs are not told tells them in other pictures.
  @Test func learnsWhatItHasNotSeen() throws {
    let task = MotifPictures(examples: 256, batch: 16, instance: 2)
    let before = try #require(task.heldOutScore(at: task.start))
    let after = try #require(task.heldOutScore(at: task.descended(rate: 0.5, steps: 600)))
    #expect(before.accuracy! < 0.6 && after.accuracy! > 0.9, "\(before) \(after)")
    #expect(after.loss < before.loss)
  }
}
