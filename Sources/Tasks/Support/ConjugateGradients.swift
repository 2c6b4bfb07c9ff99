internal import Vectors

/// Conjugate gradients for A x = r with A symmetric and positive definite, from x = 0; A is known by
/// its products alone.
enum ConjugateGradients {
  /// - Parameters:
  ///   - share: of ‖r‖² at which the square of the residual is small enough.
  ///   - most: products at most.
  ///   - goesOn: is asked before each product.
  static func solve(
    _ right: [Double], share: Double, most: Int, while goesOn: () -> Bool = { true },
    product: ([Double]) -> [Double]
  ) -> [Double] {
    let count = right.count
    var solution = [Double](repeating: 0, count: count)
    var residual = right
    var direction = right
    var square = BlockSums.dot(residual, residual, count: count)
    let goal = share * square
    for _ in 0..<most where square > goal && goesOn() {
      let image = product(direction)
      let curvature = BlockSums.dot(direction, image, count: count)
      guard curvature > 0 else { break }
      let length = square / curvature
      for j in 0..<count {
        solution[j] += length * direction[j]
        residual[j] -= length * image[j]
      }
      let next = BlockSums.dot(residual, residual, count: count)
      let ratio = next / square
      for j in 0..<count { direction[j] = residual[j] + ratio * direction[j] }
      square = next
    }
    return solution
  }
}
