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
    return logarithm(k, f, correction: c - (0.5 * c) * c)
  }

  /// ln x in single precision: the Double one, rounded.
  public static func log(_ x: Float) -> Float { Float(log(Double(x))) }

  /// x = 2ᵏ(1 + f) with √½ ≤ 1 + f < √2, for finite x > 0.
  @inline(__always)
  static func splitLogarithm(_ x: Double) -> (k: Double, f: Double) {
    let small = x < 0x1p-1022
    let bits = (small ? x * 0x1p54 : x).bitPattern
    // The exponent field is now k + 1023, and below it is what lies above √½.
    let above = bits &+ (0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd)
    let z = Double(bitPattern: (above & 0x000f_ffff_ffff_ffff) &+ 0x3fe6_a09e_667f_3bcd)
    // Made into a Double by its place in the significand of 2⁵².
    let k = Double(bitPattern: above &>> 52 | 0x4330_0000_0000_0000) - (0x1p52 + 1023)
    return (small ? k - 54 : k, z - 1)
  }

  /// k ln 2 + ln(1 + f) + correction.
  ///
  /// ln(1 + f) = f − f²/2 + s(f²/2 + R), s = f/(2 + f), with R = s²(2/3 + 2s²/5 + …) fitted, by pairs
  /// of coefficients; all that is small is added before f and k ln 2.
  @inline(__always)
  static func logarithm(_ k: Double, _ f: Double, correction: Double) -> Double {
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let square = (0.5 * f) * f
    let p1 = 0x1.5555555555592p-1 + 0x1.999999997fcc7p-2 * z
    let p3 = 0x1.2492494204eb0p-2 + 0x1.c71c51f536e7cp-3 * z
    let p5 = 0x1.746643bd536dep-3 + 0x1.39a12e57dfd7dp-3 * z
    let series = z * ((p1 + w * p3) + (w * w) * (p5 + w * 0x1.2f0b781425aa6p-3))
    let rest = s * (square + series) + (k * ln2Low + correction)
    return k * ln2High - ((square - rest) - f)
  }
}
