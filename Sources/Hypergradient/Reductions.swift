/// Sums in Double over sixteen fixed lanes, in blocks of 16384 elements: element i of a block belongs
/// to lane i mod 16; lanes j and j + 8 are added, then j and j + 4, j + 2, j + 1; block sums are
/// added in order. The bits depend on neither the machine nor the caller's strips.
enum Reductions {
  /// Σ aᵢ·bᵢ; products of Floats are exact.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      var lanes = SIMD16<Double>.zero
      let end = min(count, start + blockLength)
      var i = start
      while i + 16 <= end {
        var x = SIMD16<Double>.zero
        var y = SIMD16<Double>.zero
        for lane in 0..<16 {
          x[lane] = Double(a[i + lane])
          y[lane] = Double(b[i + lane])
        }
        lanes += x * y
        i += 16
      }
      for lane in 0..<(end - i) { lanes[lane] += Double(a[i + lane]) * Double(b[i + lane]) }
      total += folded(lanes)
    }
    return total
  }

  /// Σ aᵢ·(gᵢ + λ·θᵢ), the sum in brackets rounded to Scalar as the step sees it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, penalty: Scalar,
    _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      var lanes = SIMD16<Double>.zero
      for i in start..<min(count, start + blockLength) {
        lanes[i & 15] += Double(a[i]) * Double(g[i] + penalty * parameters[i])
      }
      total += folded(lanes)
    }
    return total
  }

  /// Σ (gᵢ + λ·θᵢ)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func sumOfSquares<Scalar: ParameterScalar>(
    _ g: UnsafePointer<Scalar>, penalty: Scalar, _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      var lanes = SIMD16<Double>.zero
      for i in start..<min(count, start + blockLength) {
        let value = Double(g[i] + penalty * parameters[i])
        lanes[i & 15] += value * value
      }
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
