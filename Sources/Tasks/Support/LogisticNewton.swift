internal import HypergradientRecipes
internal import Hypergradient
internal import Vectors

/// The least value of ℓ2-regularised logistic regression, by Newton's method from θ = 0.
struct LogisticNewton {
  /// Rows times their labels.
  let examples: DenseExamples
  let regularisation: Double

  /// The minimum, with the gradient's norm at most 10⁻¹³ as its certificate.
  ///
  /// A step is halved until the loss does not grow, and the iteration goes on as long as the
  /// gradient's norm falls.
  func minimum() -> ReferenceValue {
    let d = examples.dimension
    var theta = [Double](repeating: 0, count: d)
    var now = evaluate(theta)
    for _ in 0..<100 {
      let newton = Cholesky(now.hessian(), dimension: d).solve(now.gradient)
      var fraction = 1.0
      var next = theta
      var then = now
      repeat {
        for i in 0..<d { next[i] = theta[i] - fraction * newton[i] }
        then = evaluate(next)
        fraction /= 2
      } while then.loss > now.loss + 1e-15 * now.loss && fraction > 1e-6
      // At the limit of rounding a step no longer shortens the gradient.
      if then.gradientNorm >= now.gradientNorm && now.gradientNorm <= 1e-13 { break }
      theta = next
      now = then
    }
    require(
      now.gradientNorm <= 1e-13, "Newton's method stopped at gradient norm \(now.gradientNorm)")
    return ReferenceValue(now.loss, .certified, minimiser: theta)
  }

  private struct Evaluation {
    let loss: Double
    let gradient: [Double]
    let gradientNorm: Double
    /// The Hessian, made only where it is used.
    let hessian: () -> [Double]
  }

  private func evaluate(_ theta: [Double]) -> Evaluation {
    let d = examples.dimension
    let count = examples.count
    var slopes = examples.products(theta)
    let losses = withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count) { scratch in
      LogisticLoss.evaluate(&slopes, count: count, scratch: scratch.baseAddress!)
    }
    var gradient = examples.combination(slopes.map { $0 / Double(count) })
    for i in 0..<d { gradient[i] += regularisation * theta[i] }
    let penalty = 0.5 * regularisation * BlockSums.dot(theta, theta, count: d)
    return Evaluation(
      loss: losses / Double(count) + penalty, gradient: gradient,
      gradientNorm: BlockSums.dot(gradient, gradient, count: d).squareRoot(),
      hessian: { [slopes] in
        // Slope s = −σ(−m), curvature σ(m)σ(−m) = −s(1 + s).
        var hessian = examples.secondMoment(
          weights: slopes.map { -$0 * (1 + $0) / Double(count) })
        for i in 0..<d { hessian[i * d + i] += regularisation }
        return hessian
      })
  }
}
