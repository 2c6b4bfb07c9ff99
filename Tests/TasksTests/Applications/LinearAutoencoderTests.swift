import Hypergradient
import Tasks
import Testing

struct LinearAutoencoderTests {
  /// The least loss is ½ Σ of the smallest eigenvalues of XᵀX/N, so over all widths of the code the
  /// references fall by halves of the eigenvalues, and their sum with no code is half the trace.
  @Test(arguments: [1, 2, 3]) func referencesAreThoseOfPrincipalComponents(_ instance: Int) {
    let references = (1...5).map {
      LinearAutoencoder(inputs: 6, code: $0, examples: 40, batch: 8, instance: instance)
    }
    // With both matrices zero the loss is ½ tr XᵀX/N.
    let trace = references[0].loss(at: [Double](repeating: 0, count: 12))
    let values = references.map(\.reference.value)
    let falls = zip([trace] + values, values).map { $0 - $1 }
    #expect(zip(falls, falls.dropFirst()).allSatisfy { $0 >= $1 - 1e-12 })
    #expect(falls.allSatisfy { $0 > 0 } && references[4].reference.value > 0)
    #expect(falls[4] >= references[4].reference.value - 1e-12)
  }

  /// Descent from the start finds no less, and gets there: no local minimum is in the way.
  @Test(arguments: [1, 2]) func descentReachesTheReference(_ instance: Int) {
    let task = LinearAutoencoder(inputs: 5, code: 2, examples: 30, batch: 30, instance: instance)
    let gap = task.loss(at: task.descended(rate: 0.25, steps: 4000)) - task.reference.value
    #expect(gap > -1e-13 && gap < 1e-6, "\(gap)")
  }

  /// W₂G and G⁻¹W₁ do the same as W₂ and W₁.
  @Test func codesMayBeMixed() {
    let task = LinearAutoencoder(inputs: 4, code: 2, examples: 20, batch: 10)
    let w = task.start
    // G = (2 1; 0 1), G⁻¹ = (½ −½; 0 1)
    var mixed = w
    for i in 0..<4 {
      mixed[i] = (w[i] - w[4 + i]) / 2
      mixed[8 + 2 * i] = 2 * w[8 + 2 * i]
      mixed[9 + 2 * i] = w[8 + 2 * i] + w[9 + 2 * i]
    }
    let difference = task.loss(at: mixed) - task.loss(at: w)
    #expect(difference.magnitude < 1e-14)
  }
}
