extension Portable {
  /// The standard normal quantile: x with Φ(x) = p; ∓∞ at 0 and 1, NaN outside.
  public static func inverseNormal(_ p: Double) -> Double {
    if !(p > 0 && p < 1) { return p == 0 ? -.infinity : p == 1 ? .infinity : nan }
    // Both differences are exact where they are used.
    let a = (p - 0.5).magnitude
    if a <= 0.125 {
      let size = InverseNormal.nearMiddle(a)
      return p < 0.5 ? -size : size
    }
    let q = p < 0.5 ? p : 1 - p
    let size = q >= 0x1p-13 ? InverseNormal.inBody(q) : InverseNormal.inTail(q)
    return p < 0.5 ? -size : size
  }
}

/// The upper quantile, in three parts.
enum InverseNormal {
  /// a√(2π) + a³P(a²), the leading product in two parts, for a = |p − ½| ≤ ⅛.
  static func nearMiddle(_ a: Double) -> Double {
    let lead = Portable.leading(a)
    let high = lead * 0x1.40d9318p+1
    let low = lead * 0x1.fd89c16595f29p-25 + (a - lead) * 0x1.40d931ff62706p+1
    let z = a * a
    return high + (low + a * (z * inPairs(central, 0, z)))
  }

  /// By rows of an eighth of a binade, for 2⁻¹³ ≤ q < ⅜.
  static func inBody(_ q: Double) -> Double {
    let eighth = Int((q.bitPattern >> 49) & 7)
    let row = (Int(q.exponent) + 13) * 8 + eighth
    let t = q.significand - (1 + (Double(eighth) + 0.5) * 0.125)
    let base = 13 * row
    let p = inPairs(body, base + 2, t)
    let square = t * t
    let beyond = body[base + 11] + body[base + 12] * t
    let fourth = square * square
    return body[base] + (body[base + 1] + t * (p + (fourth * fourth * t) * beyond))
  }

  /// Nine coefficients from `base`, in pairs, which is quicker than one chain.
  @inline(__always)
  private static func inPairs(_ c: [Double], _ base: Int, _ t: Double) -> Double {
    let square = t * t
    let fourth = square * square
    let first = (c[base] + c[base + 1] * t) + square * (c[base + 2] + c[base + 3] * t)
    let second = (c[base + 4] + c[base + 5] * t) + square * (c[base + 6] + c[base + 7] * t)
    return first + fourth * (second + fourth * c[base + 8])
  }

  /// w − C(w) with w = √(−2 ln q) in two parts and C by rows, for 0 < q < 2⁻¹³.
  static func inTail(_ q: Double) -> Double {
    let l = Portable.logarithmSum(q)
    let high = -2 * l.high
    let low = -2 * l.low
    let w = high.squareRoot()
    let wLow = (high.addingProduct(-w, w) + low) / (2 * w)
    let quarter = Int((w.bitPattern >> 50) & 3)
    let row = (Int(w.exponent) - 2) * 4 + quarter
    let middle = (1.125 + Double(quarter) * 0.25) * Portable.powerOfTwo(Int64(w.exponent))
    let t = w - middle
    let base = 14 * row
    var p = tail[base + 13]
    for i in 1...13 { p = p * t + tail[base + 13 - i] }
    return w - (p - wLow)
  }
}
