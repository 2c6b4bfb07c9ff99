extension Portable {
  /// ln x; −∞ at ±0, NaN below.
  public static func log(_ x: Double) -> Double {
    if !(x > 0) { return x == 0 ? -.infinity : nan }
    if x == .infinity { return x }
    let (k, f) = splitLogarithm(x)
    return logarithm(k, f, correction: 0)
  }

  /// ln(1 + x), without the cancellation near 0; −∞ at −1, NaN below.
  public static func log1p(_ x: Double) -> Double {
    if !(x > -1) { return x == -1 ? -.infinity : nan }
    if x == .infinity || x == 0 { return x }
    let (u, lost) = twoSum(1, x)
    // ln(u + lost) = ln u + ln(1 + c), with |c| below 2⁻⁵³.
    let c = lost / u
    let (k, f) = splitLogarithm(u)
    return logarithm(k, f, correction: c - 0.5 * c * c)
  }

  /// ln x in single precision: the Double one, rounded.
  public static func log(_ x: Float) -> Float { Float(log(Double(x))) }

  /// x = 2ᵏ(1 + f) with √½ ≤ 1 + f < √2, for finite x > 0.
  @inline(__always)
  static func splitLogarithm(_ x: Double) -> (k: Double, f: Double) {
    let small = x < 0x1p-1022
    let bits = (small ? x * 0x1p54 : x).bitPattern
    let above = bits &- 0x3fe6_a09e_667f_3bcd
    let z = Double(bitPattern: bits &- (above & 0xfff0_0000_0000_0000))
    // The exponent, made into a Double by its place in the significand of 2⁵².
    let exponent = (above ^ 0x8000_0000_0000_0000) &>> 52
    let k = Double(bitPattern: exponent | 0x4330_0000_0000_0000) - (0x1p52 + 2048)
    return (small ? k - 54 : k, z - 1)
  }

  /// k ln 2 + ln(1 + f) + correction.
  ///
  /// ln(1 + f) = f − f²/2 + s(f²/2 + R), s = f/(2 + f), with R = s²(2/3 + 2s²/5 + …) fitted. f²/2
  /// is kept in two parts, and all that is small is added before the one rounding that counts.
  @inline(__always)
  static func logarithm(_ k: Double, _ f: Double, correction: Double) -> Double {
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even = w * (0x1.9999999995273p-2 + w * (0x1.c71c62d5e53e0p-3 + w * 0x1.39fdcceb4bb45p-3))
    let odd =
      z
      * (0x1.5555555555558p-1
        + w * (0x1.2492492dfd86cp-2 + w * (0x1.7462b91b8df65p-3 + w * 0x1.2b5f68a50d903p-3)))
    let lead = leading(f)
    let square = 0.5 * lead * lead
    let squareLow = 0.5 * (f - lead) * (f + lead)
    let (near, nearLow) = fastTwoSum(f, -square)
    let (sum, sumLow) = fastTwoSum(k * ln2High, near)
    let small = s * ((square + squareLow) + (odd + even)) + k * ln2Low
    return sum + (sumLow + ((nearLow - squareLow) + (small + correction)))
  }
}
