import Hypergradient
import Tasks
import Testing

struct DiracGANTests {
  /// Mescheder, Geiger and Nowozin, lemma 2.3 and 3.1: the linearised game turns around the
  /// equilibrium with eigenvalues ±½i for c = 0 and no penalty; with data at c the discriminator's
  /// curvature ½c² damps it, and the penalty does.
  @Test(arguments: [0, 0.1, 1, 3], [1, 2, 3])
  func jacobianAtTheEquilibrium(_ penalty: Double, _ instance: Int) {
    let task = DiracGAN(dimension: 1, penalty: penalty, instance: instance)
    let c = task.equilibrium[0]
    let width = 1e-5
    func column(_ i: Int) -> [Double] {
      var (above, below) = (task.equilibrium, task.equilibrium)
      above[i] += width
      below[i] -= width
      return zip(task.exactGradient(at: above), task.exactGradient(at: below)).map {
        ($0 - $1) / (2 * width)
      }
    }
    let expected: [[Double]] = [[0, 0.5], [-0.5, c * c / 2 + penalty]]
    for i in 0..<2 {
      for (found, known) in zip(column(i), expected[i]) {
        #expect((found - known).magnitude < 1e-8)
      }
    }
  }

  @Test(arguments: [1, 2, 3]) func smallStepsConverge(_ instance: Int) {
    let task = DiracGAN(dimension: 3, penalty: 1, instance: instance)
    #expect(task.loss(at: task.descended(rate: 0.25, steps: 3000)) < 1e-12)
  }
}
