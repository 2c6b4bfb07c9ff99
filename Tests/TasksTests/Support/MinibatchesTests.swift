import Tasks
import Testing

struct MinibatchesTests {
  private let batches = Minibatches(examples: 24, batch: 6, name: "test.order", instance: 1)

  @Test func epochSeesEachExampleOnce() {
    #expect(batches.stepsPerEpoch == 4)
    for epoch in 0..<3 {
      let order = batches.indices(seed: 1, steps: (4 * epoch)..<(4 * epoch + 4))
      #expect(order.sorted() == Array(0..<24))
    }
  }

  @Test func epochsSeedsAndInstancesDiffer() {
    let order = batches.indices(seed: 1, steps: 0..<4)
    #expect(order != batches.indices(seed: 1, steps: 4..<8))
    #expect(order != batches.indices(seed: 2, steps: 0..<4))
    let other = Minibatches(examples: 24, batch: 6, name: "test.order", instance: 2)
    #expect(order != other.indices(seed: 1, steps: 0..<4))
  }

  @Test func blocksDoNotMatter() {
    let whole = batches.indices(seed: 3, steps: 0..<20)
    for (first, second) in [(0, 7), (3, 4), (5, 20), (0, 20), (8, 8)] {
      #expect(
        batches.indices(seed: 3, steps: first..<second)
          == Array(whole[(first * 6)..<(second * 6)]))
    }
  }

  @Test func remainderIsLeftOut() {
    let uneven = Minibatches(examples: 10, batch: 4, name: "test.order", instance: 1)
    #expect(uneven.stepsPerEpoch == 2)
    var seen = Set<Int>()
    for epoch in 0..<10 {
      let order = uneven.indices(seed: 1, steps: (2 * epoch)..<(2 * epoch + 2))
      #expect(order.count == 8 && Set(order).count == 8)
      seen.formUnion(order)
    }
    #expect(seen == Set(0..<10))
  }
}
