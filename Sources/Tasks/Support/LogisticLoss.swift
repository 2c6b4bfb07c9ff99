internal import Kernels

/// The logistic loss of margins, log(1 + e⁻ᵐ), and its slope.
enum LogisticLoss {
  /// Replaces each margin m by −σ(−m), the loss's derivative, and returns Σ log(1 + e⁻ᵐ).
  ///
  /// `scratch` holds 2·count elements.
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
  ///
  /// Both come from e⁻ᐟᵐᐟ, so nothing overflows.
  private static func terms(
    _ margins: UnsafeMutablePointer<Double>, count: Int, scratch: UnsafeMutablePointer<Double>
  ) -> UnsafeMutablePointer<Double> {
    let small = scratch
    let logs = scratch + count
    for i in 0..<count { small[i] = -margins[i].magnitude }
    hg_exp_f64(small, small, count)
    hg_log1p_f64(logs, small, count)
    for i in 0..<count {
      let positive = margins[i] >= 0
      if !positive { logs[i] -= margins[i] }
      margins[i] = -(positive ? small[i] : 1) / (1 + small[i])
    }
    return logs
  }
}
