internal import HypergradientRecipes
internal import Vectors

/// The factor L of a symmetric positive definite matrix A = L·Lᵀ, and solutions of A·x = b.
struct Cholesky {
  private let dimension: Int
  private var factor: [Double]

  /// - Parameter matrix: row-major; its lower triangle is read.
  /// - Precondition: positive definite.
  /// - Complexity: O(dimension³).
  init(_ matrix: [Double], dimension: Int) {
    self.dimension = dimension
    factor = matrix
    factor.withUnsafeMutableBufferPointer { buffer in
      let l = buffer.baseAddress!
      for i in 0..<dimension {
        for j in 0...i {
          let remainder =
            l[i * dimension + j]
            - BlockSums.dot(l + i * dimension, l + j * dimension, count: j)
          if i == j {
            require(remainder > 0, "the matrix is not positive definite")
            l[i * dimension + i] = remainder.squareRoot()
          } else {
            l[i * dimension + j] = remainder / l[j * dimension + j]
          }
        }
      }
    }
  }

  func solve(_ right: [Double]) -> [Double] {
    var x = right
    for i in 0..<dimension {
      var sum = x[i]
      for j in 0..<i { sum -= factor[i * dimension + j] * x[j] }
      x[i] = sum / factor[i * dimension + i]
    }
    for i in stride(from: dimension - 1, through: 0, by: -1) {
      var sum = x[i]
      for j in (i + 1)..<dimension { sum -= factor[j * dimension + i] * x[j] }
      x[i] = sum / factor[i * dimension + i]
    }
    return x
  }
}
