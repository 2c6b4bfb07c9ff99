extension Portable {
  /// eˣ.
  ///
  /// 0 at −∞, ∞ above 709.78…; a result below 2⁻¹⁰²² is rounded once more.
  public static func exp(_ x: Double) -> Double {
    if x != x { return nan }
    return exp(sumOf: x, 0)
  }

  /// eˣ − 1, without the cancellation near 0.
  public static func expm1(_ x: Double) -> Double {
    if x != x { return nan }
    if x == 0 { return x }
    if x > 40 { return exp(x) }
    if x < -40 { return -1 }
    let (high, low) = expm1Sum(x)
    return high + low
  }

  /// eˣ in single precision: the Double one, rounded.
  public static func exp(_ x: Float) -> Float { Float(exp(Double(x))) }

  /// x + low = n ln 2 + r + rest, with |r| ≤ ½ ln 2; the addend that rounds n to an integer leaves
  /// it in the low bits of `shifted`.
  @inline(__always)
  static func reduceExponent(
    _ x: Double, _ low: Double
  ) -> (shifted: Double, r: Double, rest: Double) {
    let shifted = x * 0x1.71547652b82fep0 + roundingShift
    let n = shifted - roundingShift
    let near = x - n * ln2High
    let away = n * ln2Low - low
    let r = near - away
    return (shifted, r, (near - r) - away)
  }

  static let roundingShift = 0x1.8p52

  /// (eʳ − 1 − r)/r² for |r| ≤ ½ ln 2, within 2⁻⁵⁹.
  @inline(__always)
  static func exponentialTail(_ r: Double) -> Double {
    0.5 + r * exponentialCubic(r)
  }

  /// (eʳ − 1 − r − r²/2)/r³.
  @inline(__always)
  static func exponentialCubic(_ r: Double) -> Double {
    let w = r * r
    var even = 0x1.1f730349868cep-29
    even = even * w + 0x1.27e4db646b17ep-22
    even = even * w + 0x1.a01a01a6d889cp-16
    even = even * w + 0x1.6c16c16c162d4p-10
    even = even * w + 0x1.5555555555556p-5
    var odd = 0x1.af4de97ca4194p-26
    odd = odd * w + 0x1.71de0231960ebp-19
    odd = odd * w + 0x1.a01a01abe7fe1p-13
    odd = odd * w + 0x1.11111111100dcp-7
    odd = odd * w + 0x1.5555555555557p-3
    return odd + even * r
  }

  /// e to the power of a sum whose second part is small beside the first; not for NaN.
  @inline(__always)
  static func exp(sumOf x: Double, _ low: Double) -> Double {
    let clamped = x > 710 ? 710 : (x < -746 ? -746 : x)
    let (shifted, r, rest) = reduceExponent(clamped, low)
    let (one, error) = fastTwoSum(1, r)
    let p = one + (error + (rest * one + (r * r) * exponentialTail(r)))
    // 2ⁿ in two factors, since n may leave the range of a normal number; 4096 keeps them positive.
    let n = shifted.bitPattern &- roundingShift.bitPattern &+ 4096
    let half = n &>> 1
    let first = Double(bitPattern: (half &- (2048 - 1023)) &<< 52)
    let second = Double(bitPattern: (n &- half &- (2048 - 1023)) &<< 52)
    return p * first * second
  }

  /// eˣ − 1 as an unevaluated sum, for |x| ≤ 64.
  @inline(__always)
  static func expm1Sum(_ x: Double) -> (high: Double, low: Double) {
    let (shifted, r, rest) = reduceExponent(x, 0)
    // r²/2 in two parts, since 2ⁿ(1 + fraction) − 1 may cancel.
    let lead = leading(r)
    let square = 0.5 * lead * lead
    let squareLow = 0.5 * (r - lead) * (r + lead)
    let cubic = (r * r * r) * exponentialCubic(r)
    let (head, headLow) = fastTwoSum(r, square)
    let (fraction, error) = fastTwoSum(head, headLow + (squareLow + (rest * (1 + r) + cubic)))
    let scale = Double(
      bitPattern: (shifted.bitPattern &- roundingShift.bitPattern &+ 1023) &<< 52)
    // 2ⁿ(1 + fraction) − 1.
    let (whole, lost) = twoSum(scale, -1)
    let (high, low) = twoSum(whole, scale * fraction)
    return (high, low + (lost + scale * error))
  }
}
