extension Portable {
  /// eˣ − 1, without the cancellation near 0.
  public static func expm1(_ x: Double) -> Double {
    if x != x { return nan }
    if x == 0 { return x }
    if x > 40 { return exp(x) }
    if x < -40 { return -1 }
    let (shifted, near, away) = reduceExponent(x, 0)
    let r = near - away
    let rest = (near - r) - away
    // r²/2 in two parts, since 2ⁿ(1 + fraction) − 1 may cancel.
    let lead = leading(r)
    let square = 0.5 * lead * lead
    let squareLow = 0.5 * (r - lead) * (r + lead)
    let cubic = (r * r * r) * exponentialCubic(r)
    let (head, headLow) = fastTwoSum(r, square)
    let (fraction, error) = fastTwoSum(head, headLow + (squareLow + (rest * (1 + r) + cubic)))
    let scale = Double(bitPattern: shifted &<< 52)
    // 2ⁿ(1 + fraction) − 1.
    let (whole, lost) = twoSum(scale, -1)
    let (high, low) = twoSum(whole, scale * fraction)
    return high + (low + (lost + scale * error))
  }

  /// (eʳ − 1 − r − r²/2)/r³ for |r| ≤ ½ ln 2, within 2⁻⁵⁵.
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
}
