extension Portable {
  /// tanh x = x − x·x²/Q(x²) below 1 in magnitude, and 1 − 1/((e²ˣ + 1)/2) above, within 1 ulp.
  ///
  /// With w = min(|x|, 1) both are w − w·w²/D, where D is the larger of Q(w²) and (e²ˣ + 1)/2: the
  /// two are equal at 1. What is subtracted is small beside w, so that its errors count for little.
  public static func tanh(_ x: Double) -> Double {
    if x != x { return nan }
    let a = min(x.magnitude, 22)
    let whole = min(a, 1)
    let z = whole * whole
    let quotient = z / max(tangentDenominator(z), halfExponentialPlusOne(a))
    let size = whole.addingProduct(whole, -quotient)
    return Double(bitPattern: size.bitPattern | (x.bitPattern & 0x8000_0000_0000_0000))
  }

  /// tanh x in single precision, by the same formulas, within 1 ulp.
  public static func tanh(_ x: Float) -> Float {
    if x != x { return Float(nan) }
    let a = min(x.magnitude, 10)
    let whole = min(a, 1)
    let z = whole * whole
    let quotient = z / max(tangentDenominator(z), halfExponentialPlusOne(a))
    let size = whole.addingProduct(whole, -quotient)
    return Float(bitPattern: size.bitPattern | (x.bitPattern & 0x8000_0000))
  }

  /// Q(z) = z/(1 − tanh(a)/a) for z = a² ≤ 1.
  ///
  /// Q = 3 + 6z/5 − …, whose poles are far away, is a polynomial by which tanh is within 2⁻⁶⁰.
  @inline(__always)
  private static func tangentDenominator(_ z: Double) -> Double {
    var q = 0x1.8a450122c7ac9p-30.addingProduct(z, -0x1.f9cbe375e93dep-35)
    q = (-0x1.fb677a2a84b8ap-26).addingProduct(z, q)
    q = 0x1.41732a4fc8a25p-21.addingProduct(z, q)
    q = (-0x1.997ca874ffb4dp-17).addingProduct(z, q)
    q = 0x1.0a4e15686cad7p-12.addingProduct(z, q)
    q = (-0x1.767dce4315f1ep-8).addingProduct(z, q)
    q = 0x1.333333333330ep+0.addingProduct(z, q)
    return 3.0.addingProduct(z, q)
  }

  /// The same within 2⁻²⁸.
  @inline(__always)
  private static func tangentDenominator(_ z: Float) -> Float {
    var q = (-0x1.757e94p-8 as Float).addingProduct(z, 0x1.e2bee8p-13)
    q = (0x1.3333p+0 as Float).addingProduct(z, q)
    return (3 as Float).addingProduct(z, q)
  }

  /// (e²ᵃ + 1)/2 = ½ + 2ⁿ(½ + r + r²T(r)), a = n·½ ln 2 + r with |r| ≤ ¼ ln 2, where T is
  /// (e²ʳ − 1 − 2r)/2r² and 2r²T within 2⁻⁵⁷; for 0 ≤ a ≤ 22.
  @inline(__always)
  private static func halfExponentialPlusOne(_ a: Double) -> Double {
    let shift = 0x1.8p52 + 1023
    // n + 1023 is in its low bits.
    let sum = shift.addingProduct(a, 0x1.71547652b82fep1)
    let n = sum - shift
    var r = a.addingProduct(n, -0x1.62e42fefa39efp-2)
    r = r.addingProduct(n, -0x1.abc9e3b39803fp-57)
    let s = r * r
    var even = 0x1.a019aa920f024p-9.addingProduct(s, 0x1.28a02276781f6p-13)
    even = 0x1.6c16c17cf53e1p-5.addingProduct(s, even)
    even = 0x1.5555555553168p-2.addingProduct(s, even)
    even = 1.0.addingProduct(s, even)
    var odd = 0x1.71dde87a960dfp-11.addingProduct(s, 0x1.af793dd371fefp-16)
    odd = 0x1.a01a01b67560bp-7.addingProduct(s, odd)
    odd = 0x1.111111110e578p-3.addingProduct(s, odd)
    odd = 0x1.555555555555cp-1.addingProduct(s, odd)
    let fraction = r.addingProduct(s, even.addingProduct(r, odd))
    let scale = Double(bitPattern: sum.bitPattern &<< 52)
    return 0.5.addingProduct(scale, 0.5).addingProduct(scale, fraction)
  }

  /// The same within 2⁻²⁸, for 0 ≤ a ≤ 10.
  @inline(__always)
  private static func halfExponentialPlusOne(_ a: Float) -> Float {
    let shift: Float = 0x1.8p23 + 127
    let sum = shift.addingProduct(a, 0x1.715476p1)
    let n = sum - shift
    var r = a.addingProduct(n, -0x1.62e430p-2)
    r = r.addingProduct(n, 0x1.05c610p-30)
    let s = r * r
    let first = (0x1.555492p-1 as Float).addingProduct(s, 0x1.123ap-3)
    let second = (0x1.5554c0p-2 as Float).addingProduct(s, 0x1.6d7b08p-5)
    let tail = (1 as Float).addingProduct(r, first.addingProduct(r, second))
    let fraction = r.addingProduct(s, tail)
    let scale = Float(bitPattern: sum.bitPattern &<< 23)
    return (0.5 as Float).addingProduct(scale, 0.5).addingProduct(scale, fraction)
  }
}
