internal import Kernels

/// A loss of the margin m = y·xᵀθ.
enum MarginLoss: Sendable {
  /// log(1 + e⁻ᵐ).
  case logistic
  /// ½ max(0, 1 − m)².
  case squaredHinge

  /// Replaces each margin by the loss's derivative there, and returns the sum of the losses.
  ///
  /// - Parameters:
  ///   - curvatures: takes the second derivatives (for the squared hinge: one of its generalised
  ///     ones), if not `nil`.
  ///   - scratch: 2·count elements.
  func evaluate(
    _ margins: UnsafeMutablePointer<Double>, count: Int, scratch: UnsafeMutablePointer<Double>,
    curvatures: UnsafeMutablePointer<Double>? = nil
  ) -> Double {
    var sum = 0.0
    switch self {
    case .logistic:
      // Both come from e^−|m|, so that nothing overflows.
      let small = scratch
      let logarithms = scratch + count
      for i in 0..<count { small[i] = -margins[i].magnitude }
      hg_exp_f64(small, small, count)
      hg_log1p_f64(logarithms, small, count)
      for i in 0..<count {
        let isPositive = margins[i] >= 0
        sum += isPositive ? logarithms[i] : logarithms[i] - margins[i]
        let share = 1 / (1 + small[i])
        curvatures?[i] = small[i] * share * share
        margins[i] = isPositive ? -small[i] * share : -share
      }
    case .squaredHinge:
      for i in 0..<count {
        // Not max: a margin that is NaN stays one.
        let slack = margins[i] >= 1 ? 0 : 1 - margins[i]
        sum += 0.5 * (slack * slack)
        curvatures?[i] = slack > 0 ? 1 : 0
        margins[i] = -slack
      }
    }
    return sum
  }
}
