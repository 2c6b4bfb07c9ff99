internal import Vectors

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
    switch self {
    case .logistic:
      let sum = LogisticLoss.evaluate(margins, count: count, scratch: scratch)
      if let curvatures {
        // The slope is −σ(−m), the curvature σ(m)σ(−m).
        for i in 0..<count { curvatures[i] = -margins[i] * (1 + margins[i]) }
      }
      return sum
    case .squaredHinge:
      for i in 0..<count {
        // Not max: a margin that is NaN stays one.
        let slack = margins[i] >= 1 ? 0 : 1 - margins[i]
        scratch[i] = 0.5 * (slack * slack)
        curvatures?[i] = slack > 0 ? 1 : 0
        margins[i] = -slack
      }
      return BlockSums.sum(scratch, count: count)
    }
  }
}
