extension Portable {
  /// sin x; NaN at ±∞.
  public static func sin(_ x: Double) -> Double {
    if !(x.magnitude < .infinity) { return nan }
    if x == 0 { return x }
    if x.magnitude <= 0.785 { return sine(DoubleDouble(x)) }
    let (quadrant, r) = reduceAngle(x.magnitude)
    let size = quadrant & 1 == 0 ? sine(r) : cosine(r)
    return (quadrant & 2 != 0) != (x < 0) ? -size : size
  }

  /// cos x; NaN at ±∞.
  public static func cos(_ x: Double) -> Double {
    if !(x.magnitude < .infinity) { return nan }
    if x.magnitude <= 0.785 { return cosine(DoubleDouble(x)) }
    let (quadrant, r) = reduceAngle(x.magnitude)
    let size = quadrant & 1 == 0 ? cosine(r) : sine(r)
    return ((quadrant &+ 1) & 2 != 0) ? -size : size
  }

  /// For |r| ≤ π/4.
  private static func sine(_ r: DoubleDouble) -> Double {
    let x = r.high
    let z = x * x
    var p = -0x1.ab16f5caa198ap-41
    p = p * z + 0x1.61217d9252c03p-33
    p = p * z - 0x1.ae645410e937bp-26
    p = p * z + 0x1.71de3a545f836p-19
    p = p * z - 0x1.a01a01a01992fp-13
    p = p * z + 0x1.1111111111110p-7
    p = p * z - 0x1.5555555555555p-3
    return x + (r.low * (1 - 0.5 * z) + x * z * p)
  }

  /// For |r| ≤ π/4.
  private static func cosine(_ r: DoubleDouble) -> Double {
    let x = r.high
    let square = DoubleDouble(product: x, x)
    let z = square.high
    var p = 0x1.ab779550c8d9bp-45
    p = p * z - 0x1.9394b8bd50ae1p-37
    p = p * z + 0x1.1eed8deac3dfep-29
    p = p * z - 0x1.27e4fb77125c5p-22
    p = p * z + 0x1.a01a01a019d06p-16
    p = p * z - 0x1.6c16c16c16c16p-10
    p = p * z + 0x1.5555555555555p-5
    let (near, nearLow) = fastTwoSum(1, -0.5 * z)
    return near + ((nearLow - 0.5 * square.low) + (z * z * p - x * r.low))
  }

  /// x = (π/2)(quadrant + 4j) + r, |r| ≤ π/4, for finite x ≥ ¾.
  ///
  /// The bits of 2/π that matter are chosen by x's exponent, multiplied by its significand as
  /// integers, and those above the quadrant drop out: exact to 2⁻¹⁹⁰ whatever the size.
  ///
  /// > Payne and Hanek, Radian reduction for trigonometric functions, 1983.
  private static func reduceAngle(_ x: Double) -> (quadrant: Int, r: DoubleDouble) {
    let significand = x.significandBitPattern | 0x0010_0000_0000_0000
    let offset = 62 + (Int(x.exponent) - 52)
    let word = offset >> 6
    let shift = UInt64(offset & 63)
    func window(_ i: Int) -> UInt64 {
      let high = twoOverPi[word + i]
      return shift == 0 ? high : (high << shift) | (twoOverPi[word + i + 1] >> (64 - shift))
    }
    // The product modulo 4, as a fixed-point number with its point after the second bit.
    let (carry3, p3) = significand.multipliedFullWidth(by: window(3))
    let (carry2, low2) = significand.multipliedFullWidth(by: window(2))
    let (p2, overflow2) = low2.addingReportingOverflow(carry3)
    let (carry1, low1) = significand.multipliedFullWidth(by: window(1))
    let (p1, overflow1) = low1.addingReportingOverflow(carry2 &+ (overflow2 ? 1 : 0))
    let p0 = (significand &* window(0)) &+ carry1 &+ (overflow1 ? 1 : 0)
    var quadrant = Int(p0 >> 62)
    var f0 = p0 << 2 | p1 >> 62
    var f1 = p1 << 2 | p2 >> 62
    var f2 = p2 << 2 | p3 >> 62
    // To the nearest quarter turn.
    let negative = f0 >> 63 != 0
    if negative {
      quadrant = (quadrant + 1) & 3
      f0 = ~f0
      f1 = ~f1
      f2 = ~f2
    }
    var exponent: Int64 = -53
    if f0 == 0 {
      (f0, f1, f2) = (f1, f2, 0)
      exponent -= 64
    }
    let zeros = UInt64(f0.leadingZeroBitCount)
    if zeros > 0 {
      f0 = f0 << zeros | f1 >> (64 - zeros)
      f1 = f1 << zeros | f2 >> (64 - zeros)
      exponent -= Int64(zeros)
    }
    let turnHigh = Double(f0 >> 11) * powerOfTwo(exponent)
    let turnLow = Double(f0 << 53 | f1 >> 11) * powerOfTwo(exponent - 64)
    let halfPi = DoubleDouble(0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54)
    let r = DoubleDouble(turnHigh, turnLow) * halfPi
    return (quadrant, negative ? DoubleDouble(-r.high, -r.low) : r)
  }

  /// A word of zeros, then the first 1280 bits of 2/π after the point.
  private static let twoOverPi: [UInt64] = [
    0, 0xa2f9_836e_4e44_1529, 0xfc27_57d1_f534_ddc0, 0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561, 0xb724_6e3a_424d_d2e0, 0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e, 0xe882_35f5_2ebb_4484, 0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4, 0x9c84_5f8b_bdf9_283b, 0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f, 0x6d36_7ecf_27cb_09b7, 0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b, 0x3d07_39f7_8a52_92ea, 0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab, 0xf0cf_bc20_9af4_361d,
  ]
}
