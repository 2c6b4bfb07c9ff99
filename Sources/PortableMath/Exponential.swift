extension Portable {
  /// eˣ.
  ///
  /// 0 at −∞, ∞ above 709.78…; a result below 2⁻¹⁰²² is rounded once more.
  public static func exp(_ x: Double) -> Double {
    if x != x { return nan }
    let (shifted, near, away) = reduceExponent(x > 710 ? 710 : (x < -746 ? -746 : x), 0)
    return scaled(1 + exponentialFraction(near, away), shifted)
  }

  /// eˣ in single precision: the Double one, rounded.
  public static func exp(_ x: Float) -> Float { Float(exp(Double(x))) }

  /// 2ⁿ p, n + 1023 in the low bits of `shifted`; in two factors, since n may leave the range of a
  /// normal number.
  @inline(__always)
  static func scaled(_ p: Double, _ shifted: UInt64) -> Double {
    let n = shifted &+ 1023
    let half = n &>> 1
    let first = Double(bitPattern: half &<< 52)
    let second = Double(bitPattern: (n &- half) &<< 52)
    return p * first * second
  }

  /// x + low = n ln 2 + r, r = near − away with |r| ≤ ½ ln 2 and near exact; the addend that rounds
  /// n to an integer leaves n + 1023 in the low bits of `shifted`.
  @inline(__always)
  static func reduceExponent(
    _ x: Double, _ low: Double
  ) -> (shifted: UInt64, near: Double, away: Double) {
    let sum = x * 0x1.71547652b82fep0 + exponentShift
    let n = sum - exponentShift
    return (sum.bitPattern, x - n * ln2High, n * ln2Low - low)
  }

  private static let exponentShift = 0x1.8p52 + 1023

  /// eʳ − 1 for r = near − away, |r| ≤ ½ ln 2: near + (r² T(r) − away), so that neither the rounding
  /// of r nor that of T counts for much.
  ///
  /// T is (eʳ − 1 − r)/r² with r² T within 2⁻⁵⁷, by pairs of coefficients: the chain of dependent
  /// operations is half as long as Horner's.
  @inline(__always)
  static func exponentialFraction(_ near: Double, _ away: Double) -> Double {
    let r = near - away
    let w = r * r
    let fourth = w * w
    let p2 = 0.5 + 0x1.555555555555cp-3 * r
    let p4 = 0x1.5555555553168p-5 + 0x1.111111110e579p-7 * r
    let p6 = 0x1.6c16c17cf4f7fp-10 + 0x1.a01a01b674e2bp-13 * r
    let p8 = 0x1.a019aa92d85acp-16 + 0x1.71dde87b8edf5p-19 * r
    let p10 = 0x1.28a021bcb11f1p-22 + 0x1.af793c729b0b7p-26 * r
    let tail = p2 + (w * p4 + fourth * ((p6 + w * p8) + fourth * p10))
    return near + (w * tail - away)
  }
}
