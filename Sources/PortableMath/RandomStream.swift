/// Random numbers at a position (step, index) of the stream that a key names.
///
/// Each step has its own 2⁶⁴ blocks, so that a stream may begin at any step without those before,
/// and how much one step draws never moves the next.
public struct RandomStream: Sendable {
  private let key: (UInt32, UInt32)
  private let step: UInt64
  private var block: UInt64 = 0
  private var spare: UInt64?

  /// - Parameter step: any number; the stream of one step is independent of another's.
  public init(_ key: RandomKey, step: Int = 0) {
    self.key = (
      UInt32(truncatingIfNeeded: key.bits), UInt32(truncatingIfNeeded: key.bits >> 32)
    )
    self.step = UInt64(bitPattern: Int64(step))
  }

  public mutating func nextUInt64() -> UInt64 {
    if let word = spare {
      spare = nil
      return word
    }
    let words = Philox.block(
      counter: (
        UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
        UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)
      ), key: key)
    block &+= 1
    spare = UInt64(words.3) << 32 | UInt64(words.2)
    return UInt64(words.1) << 32 | UInt64(words.0)
  }

  /// Uniform on the odd multiples of 2⁻⁵³ in (0, 1): never 0 or 1, and symmetric about ½.
  public mutating func uniform() -> Double {
    (Double(nextUInt64() >> 12) + 0.5) * 0x1p-52
  }

  /// Uniform on 0..<bound, without bias.
  ///
  /// > Lemire, Fast random integer generation in an interval, 2019.
  ///
  /// - Precondition: `bound` is positive.
  public mutating func integer(below bound: Int) -> Int {
    if !(bound > 0) { fatalError("integer(below: \(bound)): the bound must be positive") }
    let range = UInt64(bound)
    var product = nextUInt64().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold {
        product = nextUInt64().multipliedFullWidth(by: range)
      }
    }
    return Int(product.high)
  }

  /// Standard normal: the quantile of one uniform.
  public mutating func normal() -> Double { Portable.inverseNormal(uniform()) }

  /// The next `count` standard normal numbers.
  public mutating func normals(_ count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { values, filled in
      while filled < count {
        values.initializeElement(at: filled, to: normal())
        filled += 1
      }
    }
  }

  /// Student's t from two uniforms: √(ν(U^(−2/ν) − 1)) cos 2πV.
  ///
  /// > Bailey, Polar generation of random variates with the t-distribution, 1994.
  ///
  /// - Precondition: `degreesOfFreedom` is positive.
  public mutating func studentT(degreesOfFreedom: Double) -> Double {
    if !(degreesOfFreedom > 0) {
      fatalError("studentT: \(degreesOfFreedom) degrees of freedom are not positive")
    }
    let exponent = -2 / degreesOfFreedom * Portable.log(uniform())
    let radius = (degreesOfFreedom * Portable.expm1(exponent)).squareRoot()
    return radius * Portable.cos(0x1.921fb54442d18p+2 * uniform())
  }

  /// A uniform permutation of 0..<count (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    if !(count >= 0) { fatalError("permutation(\(count)): not a count") }
    var order = Array(0..<count)
    var left = count
    while left > 1 {
      let chosen = integer(below: left)
      left -= 1
      order.swapAt(chosen, left)
    }
    return order
  }
}
