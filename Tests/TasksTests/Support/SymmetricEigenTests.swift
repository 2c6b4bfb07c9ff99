import PortableMath
import Testing

import Tasks

struct SymmetricEigenTests {
  /// A = V diag(λ) Vᵀ of known parts, repeated and negative eigenvalues among them.
  @Test(arguments: [
    [3.0], [2, 1], [1, 1], [5, 0, -2], [4, 4, 1, 1e-8], [1e6, 1, 1e-6, -1e3, 0],
    [Double](
      repeating: 7, count: 6), (0..<12).map { Double(12 - $0) },
  ])
  func recoversItsParts(_ spectrum: [Double]) {
    let n = spectrum.count
    let rotation = HaarRotation.matrix(dimension: n, key: RandomKey("tests.eigen", n))
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n {
        for k in 0..<n {
          matrix[i * n + j] += rotation[k * n + i] * spectrum[k] * rotation[k * n + j]
        }
      }
    }
    let eigen = SymmetricEigen(matrix, dimension: n)
    let size = spectrum.map(\.magnitude).max()!
    for (found, known) in zip(eigen.values, spectrum.sorted(by: >)) {
      #expect((found - known).magnitude < 1e-13 * size)
    }
    for i in 0..<n {
      let v = Array(eigen.vectors[i * n..<(i + 1) * n])
      var image = [Double](repeating: 0, count: n)
      for row in 0..<n {
        image[row] = -eigen.values[i] * v[row]
        for k in 0..<n { image[row] += matrix[row * n + k] * v[k] }
      }
      #expect(norm(image) < 1e-12 * size)
      for j in 0..<n {
        var product = 0.0
        for k in 0..<n { product += v[k] * eigen.vectors[j * n + k] }
        #expect((product - (i == j ? 1 : 0)).magnitude < 1e-13)
      }
    }
  }
}
