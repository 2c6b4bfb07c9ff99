/// Sums in the order of the optimizer's: blocks of 16384 elements; element i of a block belongs to
/// lane i mod 16; lanes j and j + 8 are added, then j and j + 4, j + 2, j + 1; block sums are added
/// in order. The bits depend on neither the machine nor the compiler.
enum Lanes {
  /// Σ aᵢ·bᵢ, products rounded before they are added.
  static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      var lanes = SIMD16<Double>.zero
      let end = min(count, start + blockLength)
      var i = start
      while i + 16 <= end {
        let x = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD16<Double>.self)
        let y = UnsafeRawPointer(b + i).loadUnaligned(as: SIMD16<Double>.self)
        lanes += x * y
        i += 16
      }
      for lane in 0..<(end - i) { lanes[lane] += a[i + lane] * b[i + lane] }
      total += folded(lanes)
    }
    return total
  }

  /// Σ aᵢ.
  static func sum(_ a: UnsafePointer<Double>, count: Int) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      var lanes = SIMD16<Double>.zero
      let end = min(count, start + blockLength)
      var i = start
      while i + 16 <= end {
        lanes += UnsafeRawPointer(a + i).loadUnaligned(as: SIMD16<Double>.self)
        i += 16
      }
      for lane in 0..<(end - i) { lanes[lane] += a[i + lane] }
      total += folded(lanes)
    }
    return total
  }

  private static let blockLength = 16_384

  private static func folded(_ lanes: SIMD16<Double>) -> Double {
    let eight = lanes.lowHalf + lanes.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
