internal import HypergradientRecipes
internal import Kernels
public import PortableMath
internal import Vectors

/// Random orthogonal matrices, uniform over the orthogonal group (Haar measure).
public enum HaarRotation {
  /// A `dimension` × `dimension` orthogonal matrix, row-major.
  ///
  /// From a 1 × 1 block of random sign, each larger block is diag(1, block) reflected so that its
  /// first column becomes a uniform point of the sphere.
  ///
  /// - Complexity: O(dimension³).
  /// - Precondition: `dimension` is at least 1.
  ///
  /// > Source: P. Diaconis and M. Shahshahani, The subgroup algorithm for generating uniform random
  /// > variables (1987); by Householder reflections G. W. Stewart, The efficient generation of
  /// > random orthogonal matrices with an application to condition estimators (1980).
  public static func matrix(dimension: Int, key: RandomKey) -> [Double] {
    require(dimension >= 1, "dimension is \(dimension), not at least 1")
    var stream = RandomStream(key)
    var matrix = [Double](repeating: 0, count: dimension * dimension)
    for i in 0..<dimension { matrix[i * dimension + i] = 1 }
    if stream.normal() < 0 { matrix[dimension * dimension - 1] = -1 }
    matrix.withUnsafeMutableBufferPointer { matrix in
      for size in stride(from: 2, through: dimension, by: 1) {
        let corner = (dimension - size) * (dimension + 1)
        reflect(
          matrix.baseAddress! + corner, stride: dimension, toward: stream.normals(size))
      }
    }
    return matrix
  }

  /// Multiplies a block from the left by the orthogonal matrix −s·(I − 2vvᵀ/‖v‖²) with
  /// v = x/‖x‖ + s·e₁, s the sign of x₁: its first column is x/‖x‖.
  private static func reflect(
    _ block: UnsafeMutablePointer<Double>, stride: Int, toward x: [Double]
  ) {
    let size = x.count
    let norm = BlockSums.dot(x, x, count: size).squareRoot()
    let sign = x[0] < 0 ? -1.0 : 1.0
    var v = x.map { $0 / norm }
    v[0] += sign
    let factor = -2 / BlockSums.dot(v, v, count: size)
    let scaled = v.map { $0 * factor }
    var row = [Double](repeating: 0, count: size)
    hg_matmul_f64(false, false, 1, size, size, v, size, block, stride, &row, size, false)
    hg_matmul_f64(false, false, size, size, 1, scaled, 1, row, size, block, stride, true)
    for i in 0..<size {
      for j in 0..<size { block[i * stride + j] *= -sign }
    }
  }
}
