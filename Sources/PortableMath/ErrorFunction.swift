extension Portable {
  /// erf x = 2/√π ∫₀ˣ exp(−t²) dt.
  public static func erf(_ x: Double) -> Double {
    if x != x { return nan }
    let a = x.magnitude
    let size = a < 0.25 ? ErrorFunction.small(a) : a < 6 ? ErrorFunction.between(a) : 1
    return x.sign == .minus ? -size : size
  }
}

enum ErrorFunction {
  /// a(2/√π)(1 − a²/3 + a⁴/10 − …), the leading product in two parts, for 0 ≤ a < ¼.
  static func small(_ a: Double) -> Double {
    // The product's second part must not underflow.
    if a < 0x1p-900 { return a == 0 ? 0 : 0x1p-200 * small(a * 0x1p200) }
    let lead = DoubleDouble(product: a, 0x1.20dd750429b6dp+0)
    let z = a * a
    var p = -0x1.5f742ec43e71ap-23
    for coefficient in series { p = p * z + coefficient }
    return lead.high + ((lead.low + a * 0x1.1ae3a914fed80p-56) + a * (z * p))
  }

  /// The Taylor series about the middle c of the sixteenth that holds a, ¼ ≤ a < 6:
  ///
  ///     erf(c + t) = erf c + erf′(c) t Σ bₙ tⁿ/(n + 1),  b₀ = 1, bₙ₊₁ = −2(c bₙ + bₙ₋₁)/(n + 1)
  static func between(_ a: Double) -> Double {
    let row = Int(a * 16)
    let c = (Double(row) + 0.5) * 0.0625
    let t = a - c
    var power = t
    var previous = 0.0
    var b = 1.0
    var sum = 0.0
    for n in 0..<12 {
      let next = -2 * (c * b + previous) * reciprocals[n]
      previous = b
      b = next
      power = power * t
      sum = sum + b * power * reciprocals[n + 1]
    }
    let index = 3 * (row - 4)
    return rows[index] + (rows[index + 1] + rows[index + 2] * (t + sum))
  }

  /// (2/√π)(−1)ⁿ/(n!(2n + 1)) for n from 8 down to 1.
  private static let series: [Double] = [
    0x1.b9e6c9dc651a3p-20, -0x1.f4d25c3e0c2ebp-17, 0x1.f9a326f9b89b7p-14, -0x1.c02db40040b86p-11,
    0x1.565bcd0e6a53fp-8, -0x1.b82ce31288b51p-6, 0x1.ce2f21a042be2p-4, -0x1.812746b0379e7p-2,
  ]

  private static let reciprocals: [Double] = (1...13).map { 1 / Double($0) }
}
