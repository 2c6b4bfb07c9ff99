import Hypergradient
import Tasks
import Testing

struct SparseParityTests {
  /// An epoch's draws hold each example once: bits, then labels.
  @Test(arguments: [2, 3, 4]) func labelsAreTheParity(_ relevant: Int) {
    let task = SparseParity(bits: 6, relevant: relevant, hidden: 2, examples: 32, batch: 8)
    let draws = task.draws(seed: 1, steps: 0..<4)
    var labels: Set<Double> = []
    for step in 0..<4 {
      for slot in 0..<8 {
        let bits = (0..<6).map { draws.values[step * 56 + $0 * 8 + slot] }
        #expect(bits.allSatisfy { $0.magnitude == 1 })
        let label = draws.values[step * 56 + 48 + slot]
        #expect(label == bits.prefix(relevant).reduce(1, *))
        labels.insert(label)
      }
    }
    #expect(labels == [-1, 1])
  }

  @Test func zeroOutputIsUndecided() {
    let task = SparseParity()
    #expect(task.dimension == 10 * 32 + 32 + 32 + 1)
    let zero = [Double](repeating: 0, count: task.dimension)
    #expect((task.loss(at: zero) - 0.6931471805599453).magnitude < 1e-14)
  }

  /// Two tanh units make the parity of two bits: tanh(a(x+y)+a) etc. saturate to its table.
  @Test func aNetworkHoldsIt() {
    let task = SparseParity(bits: 2, hidden: 3, examples: 16, batch: 16)
    // xy = tanh(a(x+y−1)) − tanh(a(x+y+1)) + 1 for large a, the 1 from the third unit.
    let a = 20.0
    let theta = [a, a, a, a, 0, 0] + [-a, a, a] + [10, -10, 10] + [0]
    #expect(task.loss(at: theta) < 1e-4)
  }
}
