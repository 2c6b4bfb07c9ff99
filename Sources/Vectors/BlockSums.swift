/// Sums in Double in a fixed order: their definition, which the kernels repeat bit for bit.
///
/// A vector is cut into blocks of 16384 elements, the last one shorter. In a block, element i belongs
/// to lane i mod 16, and the lanes are added pairwise: j and j + 8, then j + 4, j + 2, j + 1. Blocks
/// are added in order. The bits depend on neither the machine nor the compiler.
package enum BlockSums {
  /// Elements of a block.
  @inlinable package static var blockLength: Int { 16_384 }

  /// The sum of `term(i)` over `count` elements.
  @inlinable @inline(__always)
  package static func sum(_ count: Int, _ term: (_ element: Int) -> Double) -> Double {
    var sum = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      let end = min(start + blockLength, count)
      var lanes = SIMD16<Double>.zero
      var i = start
      while i + 16 <= end {
        var terms = SIMD16<Double>.zero
        for lane in 0..<16 { terms[lane] = term(i + lane) }
        lanes += terms
        i += 16
      }
      for lane in 0..<(end - i) { lanes[lane] += term(i + lane) }
      let eight = lanes.lowHalf + lanes.highHalf
      let four = eight.lowHalf + eight.highHalf
      let two = four.lowHalf + four.highHalf
      sum += two[0] + two[1]
    }
    return sum
  }

  /// Σ aᵢ·bᵢ, products rounded before they are added.
  package static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int
  ) -> Double {
    sum(count) { i in a[i] * b[i] }
  }

  /// Σ aᵢ.
  package static func sum(_ a: UnsafePointer<Double>, count: Int) -> Double {
    sum(count) { i in a[i] }
  }
}
