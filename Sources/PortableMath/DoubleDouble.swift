/// An unevaluated sum high + low, |low| ≤ ½ ulp(high): about 106 bits. Uses the exact fused
/// multiply-add.
struct DoubleDouble {
  var high: Double
  var low: Double

  @inline(__always)
  init(_ high: Double, _ low: Double = 0) {
    self.high = high
    self.low = low
  }

  /// a·b exactly.
  @inline(__always)
  init(product a: Double, _ b: Double) {
    high = a * b
    low = (-high).addingProduct(a, b)
  }

  /// a/b.
  @inline(__always)
  static func / (a: Double, b: DoubleDouble) -> DoubleDouble {
    let quotient = a / b.high
    let left = a.addingProduct(-quotient, b.high) - quotient * b.low
    let (high, low) = Portable.fastTwoSum(quotient, left / b.high)
    return DoubleDouble(high, low)
  }

  @inline(__always)
  static func + (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let (sum, error) = Portable.twoSum(a.high, b.high)
    let (high, low) = Portable.fastTwoSum(sum, error + (a.low + b.low))
    return DoubleDouble(high, low)
  }

  @inline(__always)
  static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let product = DoubleDouble(product: a.high, b.high)
    let cross = a.high * b.low + a.low * b.high
    let (high, low) = Portable.fastTwoSum(product.high, product.low + cross)
    return DoubleDouble(high, low)
  }
}
