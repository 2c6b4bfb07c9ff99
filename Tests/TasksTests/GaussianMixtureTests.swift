import Hypergradient
import Tasks
import Testing

struct GaussianMixtureTests {
  @Test(arguments: [([], 11 * 3), ([7], 11 * 7 + 8 * 3), ([7, 5], 11 * 7 + 8 * 5 + 6 * 3)])
  func parametersAreCounted(_ hidden: [Int], _ count: Int) {
    #expect(GaussianMixture(hidden: hidden).dimension == count)
  }

  /// With all parameters 0 every class is as likely.
  @Test(arguments: [2, 3, 9]) func zeroIsUndecided(_ classes: Int) {
    let task = GaussianMixture(features: 3, classes: classes, examples: 20, batch: 6)
    let zero = [Double](repeating: 0, count: task.dimension)
    let logarithms = [2: 0.6931471805599453, 3: 1.0986122886681098, 9: 2.1972245773362196]
    #expect((task.loss(at: zero) - logarithms[classes]!).magnitude < 1e-13)
  }

  @Test func everySlope() {
    for (hidden, spread) in [([], 3.0), ([4], 0), ([4, 3], 1)] {
      let task = GaussianMixture(
        features: 4, components: 2, spread: spread, tails: 0.5, labelNoise: 0.2, hidden: hidden,
        examples: 20, batch: 6)
      #expect(task.differenceError(task.start) < 1e-7, "\(hidden)")
    }
  }

  /// Separable classes are learned to a small loss, ones whose labels say nothing are not.
  @Test func labelsMatter() throws {
    let clear = GaussianMixture(separation: 3, instance: 2)
    #expect(clear.loss(at: clear.descended(rate: 0.3, steps: 500)) < 0.02)
    let score = try #require(clear.heldOutScore(at: clear.descended(rate: 0.3, steps: 500)))
    #expect(score.accuracy! > 0.95)
    let noise = GaussianMixture(separation: 3, labelNoise: 1, examples: 2000, instance: 2)
    #expect(noise.loss(at: noise.descended(rate: 0.03, steps: 500)) > 1)
  }

  /// Two components on two sides of the other class need a hidden layer.
  @Test func aPerceptronLearnsWhatARegressionCant() {
    func loss(_ hidden: [Int]) -> Double {
      let task = GaussianMixture(
        features: 2, classes: 2, components: 4, separation: 6, hidden: hidden, instance: 3)
      return task.loss(at: task.descended(rate: 0.1, steps: 3000))
    }
    #expect(loss([32]) < 0.5 * loss([]))
  }

  /// The last feature is 10^−spread times as large as without, the first as large.
  @Test func scalesAreThoseNamed() {
    let plain = GaussianMixture(features: 3, examples: 30, batch: 30, instance: 5)
    let scaled = GaussianMixture(features: 3, spread: 2, examples: 30, batch: 30, instance: 5)
    let zero = [Double](repeating: 0, count: plain.dimension)
    let (a, b) = (plain.exactGradient(at: zero), scaled.exactGradient(at: zero))
    for row in 0..<3 {
      for (j, scale) in [1, 0.1, 0.01].enumerated() {
        let (x, y) = (a[3 * row + j] * scale, b[3 * row + j])
        #expect((x - y).magnitude <= 1e-13 * x.magnitude + 1e-16)
      }
    }
  }
}
