import Testing
import Vectors

/// The order of a sum, shown by numbers that only some orders keep: 1 is lost beside 2⁵³, and kept
/// where 2⁵³ and −2⁵³ meet first.
struct BlockSumsTests {
  private static let big = 0x1p53

  /// The sum of `count` elements, all zero but for these.
  private func sum(_ count: Int, _ elements: [Int: Double]) -> Double {
    var terms = [Double](repeating: 0, count: count)
    for (place, value) in elements { terms[place] = value }
    let sum = BlockSums.sum(terms, count: count)
    #expect(sum == BlockSums.sum(count) { terms[$0] })
    #expect(sum == BlockSums.dot(terms, [Double](repeating: 1, count: count), count: count))
    return sum
  }

  /// Lanes j and j + 8 first, then j and j + 4, then j and j + 2.
  @Test(arguments: [8, 4, 2])
  func lanesAreAddedByHalves(_ distance: Int) {
    for base in 0..<distance {
      for other in 0..<distance where other != base {
        #expect(sum(16, [base: Self.big, base + distance: -Self.big, other: 1]) == 1)
        #expect(sum(16, [base: Self.big, base + distance: 1, other: -Self.big]) == 0)
      }
    }
  }

  /// Element i belongs to lane i mod 16, in order, also where the last sixteen are not full.
  @Test func elementsOfALaneAreAddedInOrder() {
    for (count, last) in [(48, 32), (35, 32), (33, 32)] {
      #expect(sum(count, [0: Self.big, 16: 1, last: -Self.big]) == 0)
      #expect(sum(count, [0: Self.big, 16: -Self.big, last: 1]) == 1)
      #expect(sum(count, [0: Self.big, 17: 1, last: -Self.big]) == 1)
    }
  }

  /// A block is summed before the next one is begun.
  @Test func blocksAreAddedInOrder() {
    let block = BlockSums.blockLength
    #expect(block == 16_384)
    #expect(sum(block + 1, [0: Self.big, 16: -Self.big, block: 1]) == 1)
    #expect(sum(block + 1, [0: Self.big, 16: 1, block: -Self.big]) == 0)
    #expect(sum(block, [0: Self.big, 16: 1, 32: -Self.big, block - 1: 1]) == 1)
    // Of two blocks, the sums: the 1 of the first is kept by its own block and lost by the total.
    #expect(sum(block + 17, [1: 1, block: Self.big, block + 16: -Self.big]) == 1)
    #expect(sum(2 * block + 1, [1: 1, block: Self.big, 2 * block: -Self.big]) == 0)
  }

  /// Σ over 0..<n of i, exact in every order.
  @Test func everyElementIsCountedOnce() {
    for count in [0, 1, 15, 16, 17, 100, 16_383, 16_384, 16_385, 40_000] {
      #expect(BlockSums.sum(count) { Double($0) } == Double(count * (count - 1) / 2))
    }
  }
}
