internal import Records

/// Runs as a number: what came of them, by seed and starting rate, whatever the method is called and
/// whatever it calls its rates. Two groups with one different loss have different fingerprints, but
/// for a chance of about 10⁻³⁸.
struct Fingerprint: Hashable, Sendable {
  private var first: UInt64 = 0x9e37_79b9_7f4a_7c15
  private var second: UInt64 = 0xd1b5_4a32_d192_ed03
  /// Whether some run ended with a number: runs that were all stopped before look alike, whatever they did.
  private(set) var hasNumbers = false

  /// Takes the next run, in the order in which they are stored.
  mutating func add(_ run: RunRecord) {
    take(UInt64(bitPattern: Int64(run.seed)))
    take(UInt64(bitPattern: Int64(run.rateIndex)))
    if run.finalLoss.isFinite { hasNumbers = true }
    for value in [
      run.finalLoss, run.bestGap, run.worstGap, run.halfGap, run.areaUnderLogGap,
    ] {
      take(value.bitPattern)
    }
  }

  private mutating func take(_ word: UInt64) {
    first = Self.mixed(first ^ word)
    second = Self.mixed(second &+ word &* 0x2545_f491_4f6c_dd1d)
  }

  private static func mixed(_ x: UInt64) -> UInt64 {
    let a = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
    let b = (a ^ a >> 27) &* 0x94d0_49bb_1331_11eb
    return b ^ b >> 31
  }
}
