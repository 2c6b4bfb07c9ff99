internal import HypergradientRecipes

/// Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations.
///
/// > Source: G. H. Golub and C. F. Van Loan, Matrix computations (1996), algorithm 8.4.3.
package struct SymmetricEigen {
  /// In falling order.
  package let values: [Double]
  /// A row is the unit eigenvector of the value with its number, row-major.
  package let vectors: [Double]

  /// - Parameter matrix: row-major, symmetric.
  /// - Complexity: O(dimension³) a sweep; fewer than ten sweeps are usual.
  package init(_ matrix: [Double], dimension n: Int) {
    require(matrix.count == n * n, "\(matrix.count) elements are no \(n) × \(n) matrix")
    var a = matrix
    var v = [Double](repeating: 0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    let size = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var off = 0.0
      for i in 0..<n {
        for j in 0..<i { off += a[i * n + j] * a[i * n + j] }
      }
      if off <= 1e-40 * size { break }
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) where a[p * n + q] != 0 {
          let theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
          let t =
            (theta < 0 ? -1 : 1) / (theta.magnitude + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for k in 0..<n {
            let (x, y) = (a[k * n + p], a[k * n + q])
            (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y)
          }
          for k in 0..<n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y)
            let (u, w) = (v[p * n + k], v[q * n + k])
            (v[p * n + k], v[q * n + k]) = (c * u - s * w, s * u + c * w)
          }
        }
      }
    }
    let order = (0..<n).sorted { (a[$0 * n + $0], -$0) > (a[$1 * n + $1], -$1) }
    values = order.map { a[$0 * n + $0] }
    vectors = order.flatMap { v[$0 * n..<($0 + 1) * n] }
  }
}
