/// Sums of products in Double: their definition, which the kernels repeat bit for bit.
///
/// A vector is cut into blocks of 16384 elements, the last one shorter. In a block, element i belongs
/// to lane i mod 16, and the lanes are added pairwise: j and j + 8, then j + 4, j + 2, j + 1. Blocks
/// are added in order. The bits depend on neither the machine, the threads nor the caller's strips.
///
/// Products of Floats are exact in Double; those of Doubles are rounded before they are added.
@usableFromInline package enum Reductions {
  /// Elements of a block.
  package static let blockLength = 16_384

  /// Σ aᵢ·bᵢ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    sumOfBlocks(count) { i in Double(a[i]) * Double(b[i]) }
  }

  /// Σ aᵢ·(gᵢ + λ·θᵢ), the sum in brackets rounded to Scalar as the step sees it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, penalty: Scalar,
    _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    sumOfBlocks(count) { i in Double(a[i]) * Double(g[i] + penalty * parameters[i]) }
  }

  /// Σ (gᵢ + λ·θᵢ)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func sumOfSquares<Scalar: ParameterScalar>(
    _ g: UnsafePointer<Scalar>, penalty: Scalar, _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    sumOfBlocks(count) { i in
      let value = Double(g[i] + penalty * parameters[i])
      return value * value
    }
  }

  /// The wanted sums; zero for the others.
  @usableFromInline
  package static func sums<Scalar: ParameterScalar>(
    _ wanted: VectorKernels.Wanted, _ u: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    penalty: Scalar, _ theta: UnsafePointer<Scalar>, count: Int
  ) -> VectorKernels.Sums {
    var sums = VectorKernels.Sums()
    if wanted.contains(.alignment) {
      sums.alignment =
        penalty == 0
        ? dot(u, g, count: count) : dot(u, g, penalty: penalty, theta, count: count)
    }
    if wanted.contains(.gradientSquare) {
      sums.gradientSquare =
        penalty == 0
        ? dot(g, g, count: count) : sumOfSquares(g, penalty: penalty, theta, count: count)
    }
    if wanted.contains(.directionSquare) { sums.directionSquare = dot(u, u, count: count) }
    return sums
  }

  /// The sum of `product(i)` over all elements.
  @inline(__always)
  private static func sumOfBlocks(_ count: Int, _ product: (_ element: Int) -> Double) -> Double {
    var sum = 0.0
    for start in stride(from: 0, to: count, by: blockLength) {
      let end = min(start + blockLength, count)
      var lanes = SIMD16<Double>.zero
      var i = start
      while i + 16 <= end {
        var products = SIMD16<Double>.zero
        for lane in 0..<16 { products[lane] = product(i + lane) }
        lanes += products
        i += 16
      }
      for lane in 0..<(end - i) { lanes[lane] += product(i + lane) }
      let eight = lanes.lowHalf + lanes.highHalf
      let four = eight.lowHalf + eight.highHalf
      let two = four.lowHalf + four.highHalf
      sum += two[0] + two[1]
    }
    return sum
  }
}
