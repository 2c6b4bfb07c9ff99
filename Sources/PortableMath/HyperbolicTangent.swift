extension Portable {
  /// tanh x = x + x·x²/Q(x²) below 0.9 in magnitude, and 1 − 2/(e²ˣ + 1) above.
  ///
  /// What is added is small beside the first term in both, so that its errors count for little.
  public static func tanh(_ x: Double) -> Double {
    if x != x { return nan }
    let a = x.magnitude
    let size = a < 0.9 ? a + a * quotientBelow(a) : 1 - 2 / exponentialPlusOne(a > 22 ? 22 : a)
    return Double(bitPattern: size.bitPattern | (x.bitPattern & 0x8000_0000_0000_0000))
  }

  /// tanh x in single precision: the Double one, rounded.
  public static func tanh(_ x: Float) -> Float { Float(tanh(Double(x))) }

  /// tanh(a)/a − 1 = z/Q(z), z = a², for 0 ≤ a < 0.9. Q = −3 − 6z/5 + …, whose poles are far away,
  /// is a polynomial within 2⁻⁵⁴.
  @inline(__always)
  private static func quotientBelow(_ a: Double) -> Double {
    let z = a * a
    let w = z * z
    let p2 = 0x1.767dce4072aefp-8 - 0x1.0a4e1403126c8p-12 * z
    let p4 = 0x1.997be971c4716p-17 - 0x1.4156c05f1ef5ap-21 * z
    let p6 = 0x1.f6a1af2b5326ap-26 - 0x1.5410218a39340p-30 * z
    let p = -0x1.333333333312cp+0 + z * (p2 + w * (p4 + w * p6))
    return z / (-3 + z * p)
  }

  /// e²ᵃ + 1 = 2ⁿ + 1 + 2ⁿ(eʳ − 1).
  @inline(__always)
  private static func exponentialPlusOne(_ a: Double) -> Double {
    let (shifted, near, away) = reduceExponent(a + a, 0)
    let scale = Double(bitPattern: shifted &<< 52)
    return (scale + 1) + scale * exponentialFraction(near, away)
  }
}
