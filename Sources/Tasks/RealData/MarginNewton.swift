internal import Datasets
internal import Vectors

/// The least value of a linear model's loss with an ℓ2 penalty, by Newton's method from θ = 0 with
/// conjugate gradients for each system, so that no matrix is made.
struct MarginNewton {
  private let loss: MarginLoss
  private let data: SparseDataset
  private let regularisation: Double

  init(_ loss: MarginLoss, data: SparseDataset, regularisation: Double) {
    self.loss = loss
    self.data = data
    self.regularisation = regularisation
  }

  /// A value whose excess over f* is at most 10⁻¹² of it by strong convexity, with its minimiser;
  /// where rounding prevents that, the lower bound f − ‖∇f‖²/(2λ).
  func reference() -> ReferenceValue {
    let dimension = data.featureCount
    var theta = [Double](repeating: 0, count: dimension)
    var now = evaluate(theta)
    for _ in 0..<200 where now.gradientSquare > 0 {
      let direction = solve(curvatures: now.curvatures, now.gradient)
      var fraction = 1.0
      var next = theta
      var then = now
      repeat {
        for j in 0..<dimension { next[j] = theta[j] - fraction * direction[j] }
        then = evaluate(next)
        fraction /= 2
      } while then.value > now.value * (1 + 1e-15) && fraction > 1e-9
      // At the limit of rounding a step no longer shortens the gradient.
      if then.value >= now.value * (1 - 1e-15) && then.gradientSquare >= now.gradientSquare {
        break
      }
      theta = next
      now = then
    }
    let excess = now.gradientSquare / (2 * regularisation)
    return excess <= 1e-12 * now.value
      ? ReferenceValue(now.value, .certified, minimiser: theta)
      : ReferenceValue(bound: now.value - excess, reached: now.value)
  }

  private struct Evaluation {
    let value: Double
    let gradient: [Double]
    let gradientSquare: Double
    /// φ″ of every example.
    let curvatures: [Double]
  }

  private func evaluate(_ theta: [Double]) -> Evaluation {
    SparseRows.with(data) { rows in
      let weight = 1 / Double(rows.count)
      var slopes = (0..<rows.count).map { rows.margin($0, theta) }
      var curvatures = slopes
      var scratch = [Double](repeating: 0, count: 2 * rows.count)
      let sum = loss.evaluate(
        &slopes, count: rows.count, scratch: &scratch, curvatures: &curvatures)
      var gradient = theta.map { regularisation * $0 }
      for row in 0..<rows.count { rows.addSigned(row, slopes[row] * weight, to: &gradient) }
      return Evaluation(
        value: sum * weight + 0.5 * regularisation
          * BlockSums.dot(theta, theta, count: theta.count),
        gradient: gradient,
        gradientSquare: BlockSums.dot(gradient, gradient, count: gradient.count),
        curvatures: curvatures
      )
    }
  }

  /// The solution of (λI + (1/N) Σ φ″ x xᵀ)·d = right by conjugate gradients.
  private func solve(curvatures: [Double], _ right: [Double]) -> [Double] {
    SparseRows.with(data) { rows in
      let weight = 1 / Double(rows.count)
      return ConjugateGradients.solve(right, share: 1e-26, most: 4 * right.count + 20) {
        direction in
        var product = direction.map { regularisation * $0 }
        for row in 0..<rows.count where curvatures[row] != 0 {
          let curved = rows.product(row, direction) * (curvatures[row] * weight)
          rows.add(row, curved, to: &product)
        }
        return product
      }
    }
  }
}
