package import Datasets
package import Hypergradient
internal import PortableMath
internal import Vectors

/// The least value of a penalised multinomial logistic regression,
///
///     f(θ) = (1/N) Σ −log softmax(W xᵢ + b)_yᵢ + (λ/2) ‖θ‖²,
///
/// by Newton's method from θ = 0 with conjugate gradients for each system, so that no matrix is made,
/// until the residual is at most η of the right side,
///
///     η² = min(0.01, ‖∇f(θ)‖/‖∇f(0)‖)
///
/// as far from the minimum a system is not worth more. f is λ-strongly convex, so that
/// f(θ) − ‖∇f(θ)‖²/(2λ) is a lower bound of f* at every θ: work is bounded, and the bound holds however
/// far it got.
///
/// > Source: R. Dembo, S. Eisenstat and T. Steihaug, Inexact Newton Methods (1982), for η that falls
/// > with the gradient.
package struct SoftmaxNewton {
  private let features: [Double]
  private let labels: [Int32]
  private let width, classes: Int
  private let regularisation: Double

  package init<Scalar: ParameterScalar>(_ data: Dataset<Scalar>, regularisation: Double) {
    features = data.features.map { Double($0) }
    labels = data.labels
    (width, classes) = (data.featureCount, data.classCount)
    self.regularisation = regularisation
  }

  private var dimension: Int { classes * (width + 1) }

  /// A lower bound of f*, to about 10⁻¹² of it where the work suffices.
  ///
  /// - Parameter work: products of a feature and a parameter, at most.
  package func reference(work: Double = 1e10) -> ReferenceValue {
    let pass = 2 * Double(labels.count) * Double(classes) * Double(width + 1)
    var left = work
    var theta = [Double](repeating: 0, count: dimension)
    var now = evaluate(theta)
    let first = now.square
    var best = now.bound(regularisation)
    for _ in 0..<100 where left > 0 {
      if now.square <= 2e-12 * regularisation * now.value { break }
      let direction = ConjugateGradients.solve(
        now.gradient, share: min(0.01, (now.square / first).squareRoot()), most: 2 * dimension,
        while: { left > 0 }
      ) {
        left -= pass
        return product(now, $0)
      }
      var fraction = 1.0
      var next = theta
      var then = now
      repeat {
        for j in theta.indices { next[j] = theta[j] - fraction * direction[j] }
        then = evaluate(next)
        left -= pass
        fraction /= 2
      } while then.value > now.value && fraction > 1e-9
      // At the limit of rounding a step no longer shortens the gradient.
      if then.value >= now.value && then.square >= now.square { break }
      (theta, now) = (next, then)
      best = max(best, now.bound(regularisation))
    }
    return ReferenceValue(bound: best, reached: now.value)
  }

  private struct Evaluation {
    let value: Double
    let gradient: [Double]
    /// Row-major, examples × classes.
    let chances: [Double]
    var square: Double { BlockSums.dot(gradient, gradient, count: gradient.count) }
    func bound(_ lambda: Double) -> Double { value - square / (2 * lambda) }
  }

  private func evaluate(_ theta: [Double]) -> Evaluation {
    var chances = logits(theta)
    var sum = 0.0
    for (row, label) in labels.enumerated() {
      let first = row * classes
      let greatest = chances[first..<(first + classes)].max()!
      let own = chances[first + Int(label)]
      var total = 0.0
      for c in first..<(first + classes) {
        chances[c] = Portable.exp(chances[c] - greatest)
        total += chances[c]
      }
      for c in first..<(first + classes) { chances[c] /= total }
      sum += Portable.log(total) + greatest - own
    }
    var slopes = chances
    for (row, label) in labels.enumerated() { slopes[row * classes + Int(label)] -= 1 }
    return Evaluation(
      value: sum / Double(labels.count) + 0.5 * regularisation
        * BlockSums.dot(theta, theta, count: dimension),
      gradient: collected(slopes, theta), chances: chances)
  }

  /// W xᵢ + b, row-major.
  private func logits(_ theta: [Double]) -> [Double] {
    var values = [Double](repeating: 0, count: labels.count * classes)
    for row in labels.indices {
      for c in 0..<classes {
        var sum = theta[classes * width + c]
        for j in 0..<width { sum += theta[c * width + j] * features[row * width + j] }
        values[row * classes + c] = sum
      }
    }
    return values
  }

  /// (1/N) Σ sᵢ (xᵢ, 1)ᵀ + λv.
  private func collected(_ slopes: [Double], _ v: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: dimension)
    for row in labels.indices {
      for c in 0..<classes {
        let slope = slopes[row * classes + c]
        for j in 0..<width { sums[c * width + j] += slope * features[row * width + j] }
        sums[classes * width + c] += slope
      }
    }
    let share = 1 / Double(labels.count)
    for j in sums.indices { sums[j] = sums[j] * share + regularisation * v[j] }
    return sums
  }

  /// ∇²f v, with s = p ∘ z − p (p·z), z the logits of v.
  private func product(_ now: Evaluation, _ v: [Double]) -> [Double] {
    var values = logits(v)
    for row in labels.indices {
      let own = (row * classes)..<((row + 1) * classes)
      var mean = 0.0
      for c in own { mean += now.chances[c] * values[c] }
      for c in own { values[c] = now.chances[c] * (values[c] - mean) }
    }
    return collected(values, v)
  }
}
