/// Sums over eight fixed lanes: element i belongs to lane i mod 8, and the lanes are added as
/// ((0+4)+(2+6))+((1+5)+(3+7)), so that the bits depend on neither the machine nor the compiler.
enum Lanes {
  /// Σ aᵢ·bᵢ, products rounded before they are added.
  static func dot(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    var i = 0
    while i + 8 <= count {
      let x = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Double>.self)
      let y = UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Double>.self)
      lanes += x * y
      i += 8
    }
    var lane = 0
    while i < count {
      lanes[lane] += a[i] * b[i]
      lane += 1
      i += 1
    }
    return folded(lanes)
  }

  /// Σ aᵢ.
  static func sum(_ a: UnsafePointer<Double>, count: Int) -> Double {
    var lanes = SIMD8<Double>.zero
    var i = 0
    while i + 8 <= count {
      lanes += UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Double>.self)
      i += 8
    }
    var lane = 0
    while i < count {
      lanes[lane] += a[i]
      lane += 1
      i += 1
    }
    return folded(lanes)
  }

  private static func folded(_ lanes: SIMD8<Double>) -> Double {
    let four = lanes.lowHalf + lanes.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
