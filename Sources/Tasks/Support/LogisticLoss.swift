internal import Kernels

/// The logistic loss of margins, log(1 + e⁻ᵐ), and its slope.
enum LogisticLoss {
  /// Replaces each margin m by −σ(−m), the loss's derivative, and returns Σ log(1 + e⁻ᵐ).
  ///
  /// `scratch` holds `count` elements.
  static func evaluate(
    _ margins: UnsafeMutablePointer<Double>, count: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    hg_logistic_f64(scratch, margins, count)
    return Lanes.sum(scratch, count: count)
  }
}
