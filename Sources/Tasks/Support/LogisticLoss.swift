internal import Kernels

/// The logistic loss of margins, log(1 + e⁻ᵐ), and its slope.
enum LogisticLoss {
  /// Replaces each margin m by −σ(−m), the loss's derivative, and returns Σ log(1 + e⁻ᵐ).
  ///
  /// `scratch` holds `count` elements.
  static func evaluate(
    _ margins: UnsafeMutablePointer<Double>, count: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    Lanes.sum(terms(margins, count: count, scratch: scratch), count: count)
  }

  /// The same for interleaved runs: `count` margins of each, one sum a run if `sums` is given.
  static func laneEvaluate(
    _ margins: UnsafeMutablePointer<Double>, count: Int, lanes: Int,
    into sums: UnsafeMutablePointer<Double>?, scratch: UnsafeMutablePointer<Double>
  ) {
    let terms = terms(margins, count: count * lanes, scratch: scratch)
    if let sums { hg_lanes_sum_f64(sums, terms, count, lanes) }
  }

  /// Replaces each margin by the loss's derivative; the losses lie in `scratch`.
  private static func terms(
    _ margins: UnsafeMutablePointer<Double>, count: Int, scratch: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    hg_logistic_f64(scratch, margins, count)
    return scratch
  }
}
