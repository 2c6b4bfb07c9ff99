internal import Vectors

/// Sums of products in Double, in the order of ``BlockSums``: their definition, which the kernels
/// repeat bit for bit. The bits depend on neither the machine, the threads nor the caller's strips.
///
/// Products of Floats are exact in Double; those of Doubles are rounded before they are added.
@usableFromInline package enum Reductions {
  /// Σ aᵢ·bᵢ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    BlockSums.sum(count) { i in Double(a[i]) * Double(b[i]) }
  }

  /// Σ aᵢ·(gᵢ + λ·θᵢ), the sum in brackets rounded to Scalar as the step sees it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, penalty: Scalar,
    _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    BlockSums.sum(count) { i in Double(a[i]) * Double(g[i] + penalty * parameters[i]) }
  }

  /// Σ (gᵢ + λ·θᵢ)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func sumOfSquares<Scalar: ParameterScalar>(
    _ g: UnsafePointer<Scalar>, penalty: Scalar, _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    BlockSums.sum(count) { i in
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
}
