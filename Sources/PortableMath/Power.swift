extension Portable {
  /// xʸ = exp(y ln x), with ln x to about 68 bits. Special values are those of C's pow: 1 for y = 0
  /// and for x = 1 whatever the other, NaN for a negative x and a y that is not an integer.
  public static func pow(_ x: Double, _ y: Double) -> Double {
    if y == 0 || x == 1 { return 1 }
    if x != x || y != y { return nan }
    let parity = integerParity(y)
    let negative = x.sign == .minus && parity == .odd
    let a = x.magnitude
    if a == 0 || a == .infinity {
      let size: Double = (a == 0) == (y < 0) ? .infinity : 0
      return negative ? -size : size
    }
    if y.magnitude == .infinity {
      if a == 1 { return 1 }
      return (a > 1) == (y > 0) ? .infinity : 0
    }
    if x < 0 && parity == .notAnInteger { return nan }
    let size = positivePower(a, y)
    return negative ? -size : size
  }

  private enum Parity { case even, odd, notAnInteger }

  private static func integerParity(_ y: Double) -> Parity {
    let a = y.magnitude
    if a >= 0x1p53 { return .even }
    let truncated = Int64(a)
    if Double(truncated) != a { return .notAnInteger }
    return truncated & 1 == 0 ? .even : .odd
  }

  /// For finite x > 0 and finite y.
  private static func positivePower(_ x: Double, _ y: Double) -> Double {
    let l = logarithmSum(x)
    let high = y * l.high
    if !(high.magnitude < 800) { return high > 0 ? .infinity : 0 }
    let low = (-high).addingProduct(y, l.high) + y * l.low
    return exp(sumOf: high, low)
  }

  /// e to the power of a sum whose second part is small beside the first; not for NaN. Its error is
  /// smaller than that of ``exp(_:)-(Double)``, since the sum brings one of its own.
  private static func exp(sumOf x: Double, _ low: Double) -> Double {
    let (shifted, near, away) = reduceExponent(x > 710 ? 710 : (x < -746 ? -746 : x), low)
    let r = near - away
    let rest = (near - r) - away
    let (one, error) = fastTwoSum(1, r)
    let square = (r * r) * (0.5 + r * exponentialCubic(r))
    return scaled(one + (error + (rest * one + square)), shifted)
  }

  /// ln x as a double-double, for finite x > 0:
  /// 2s + s³(2/3 + s²(2/5 + s²P(s²))) + k ln 2, of which only P is a plain Double.
  static func logarithmSum(_ x: Double) -> DoubleDouble {
    let (k, f) = splitLogarithm(x)
    let (below, belowLow) = fastTwoSum(2, f)
    let s = f / DoubleDouble(below, belowLow)
    let z = s * s
    var p = 0x1.d9cc795cc9ae7p-4
    p = p * z.high + 0x1.e01f44110e9cep-4
    p = p * z.high + 0x1.1115a247755e8p-3
    p = p * z.high + 0x1.3b13a51cd4d2fp-3
    p = p * z.high + 0x1.745d175518b2dp-3
    p = p * z.high + 0x1.c71c71c7153b2p-3
    p = p * z.high + 0x1.2492492492497p-2
    let fifth = DoubleDouble(0x1.999999999999ap-2, -0x1.999999999999ap-56)
    let third = DoubleDouble(0x1.5555555555555p-1, 0x1.5555555555555p-55)
    let series = third + z * (fifth + DoubleDouble(p * z.high))
    let tail = (s * z) * series
    let fraction = DoubleDouble(2 * s.high, 2 * s.low) + tail
    return DoubleDouble(k * ln2High, k * ln2Low) + fraction
  }
}
