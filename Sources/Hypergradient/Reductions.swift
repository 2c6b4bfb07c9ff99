/// Sums in Double over eight fixed lanes: element i belongs to lane i mod 8, and the lanes are added
/// as ((0+4)+(2+6))+((1+5)+(3+7)). The bits depend on neither the machine nor the caller's strips.
enum Reductions {
  /// Σ aᵢ·bᵢ; products of Floats are exact.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    var i = 0
    while i + 8 <= count {
      var x = SIMD8<Double>.zero
      var y = SIMD8<Double>.zero
      for lane in 0..<8 {
        x[lane] = Double(a[i + lane])
        y[lane] = Double(b[i + lane])
      }
      lanes += x * y
      i += 8
    }
    var lane = 0
    while i < count {
      lanes[lane] += Double(a[i]) * Double(b[i])
      lane += 1
      i += 1
    }
    return sum(lanes)
  }

  /// Σ aᵢ·(gᵢ + λ·θᵢ), the sum in brackets rounded to Scalar as the step sees it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, penalty: Scalar,
    _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    for i in 0..<count {
      lanes[i & 7] += Double(a[i]) * Double(g[i] + penalty * parameters[i])
    }
    return sum(lanes)
  }

  /// Σ (gᵢ + λ·θᵢ)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func sumOfSquares<Scalar: ParameterScalar>(
    _ g: UnsafePointer<Scalar>, penalty: Scalar, _ parameters: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    for i in 0..<count {
      let value = Double(g[i] + penalty * parameters[i])
      lanes[i & 7] += value * value
    }
    return sum(lanes)
  }

  private static func sum(_ v: SIMD8<Double>) -> Double {
    ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))
  }
}
