extension Portable {
  /// erfi x = −i erf(ix) = 2/√π ∫₀ˣ exp(t²) dt; ±∞ beyond ±26.71…
  ///
  /// The Taylor series Σ (2/√π) x²ⁿ⁺¹/(n!(2n + 1)), whose terms are all of one sign, in about 106
  /// bits: x² + 30 terms or so.
  public static func erfi(_ x: Double) -> Double {
    if x != x { return nan }
    let a = x.magnitude
    let size = a > 27 ? .infinity : ImaginaryErrorFunction.series(a)
    return x.sign == .minus ? -size : size
  }
}

enum ImaginaryErrorFunction {
  private static let twoOverRootPi = DoubleDouble(0x1.20dd750429b6dp+0, 0x1.1ae3a914fed80p-56)

  /// For 0 ≤ a ≤ 27.
  static func series(_ a: Double) -> Double {
    // The products' second parts must not underflow.
    if a < 0x1p-900 { return a == 0 ? 0 : 0x1p-200 * series(a * 0x1p200) }
    let z = DoubleDouble(product: a, a)
    // aⁿzⁿ/n!, scaled so that the largest sum does not overflow before it is whole.
    var power = DoubleDouble(product: a, 0x1p-60)
    var sum = power
    var n = 0.0
    repeat {
      n += 1
      power = power * z * (1 / DoubleDouble(n))
      sum = sum + power * (1 / DoubleDouble(2 * n + 1))
    } while power.high > 0x1p-110 * sum.high
    let whole = sum * twoOverRootPi
    // Rounded once, unless it overflows.
    return (whole.high + whole.low) * 0x1p60
  }
}
