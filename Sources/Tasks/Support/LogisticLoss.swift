internal import Kernels
internal import Vectors

/// The logistic loss of margins, log(1 + e⁻ᵐ), and its slope.
enum LogisticLoss {
  /// Replaces each margin m by −σ(−m), the loss's derivative, and returns Σ log(1 + e⁻ᵐ).
  ///
  /// `scratch` holds `count` elements.
  static func evaluate(
    _ margins: UnsafeMutablePointer<Double>, count: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    hg_logistic_f64(scratch, margins, count)
    return BlockSums.sum(scratch, count: count)
  }

  /// The same for interleaved runs: `count` margins of each, one sum a run if `sums` is given.
  static func laneEvaluate(
    _ margins: UnsafeMutablePointer<Double>, count: Int, lanes: Int,
    into sums: UnsafeMutablePointer<Double>?, scratch: UnsafeMutablePointer<Double>
  ) {
    hg_logistic_f64(scratch, margins, count * lanes)
    if let sums { hg_lanes_sum_f64(sums, scratch, count, lanes) }
  }
}
