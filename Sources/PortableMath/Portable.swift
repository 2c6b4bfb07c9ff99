/// Elementary functions with the same bits on every machine.
///
/// Made of IEEE 754 basic operations in a fixed order, and of the exact fused multiply-add where a
/// file says so. In Double each is within 1 ulp of the exact value (measured:
/// Tests/PortableMathTests/Vectors/ACCURACY.md). Special values are those of IEEE 754; every NaN
/// result is the one canonical quiet NaN, whatever NaN came in.
public enum Portable {
  /// The NaN that every function returns.
  static let nan = Double(bitPattern: 0x7ff8_0000_0000_0000)

  /// 2ⁿ for a normal result, −1022 ≤ n ≤ 1023.
  @inline(__always)
  static func powerOfTwo(_ n: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: n &+ 1023) &<< 52)
  }

  /// The leading 26 bits of a significand, so that a product of two such is exact.
  @inline(__always)
  static func leading(_ x: Double) -> Double {
    Double(bitPattern: x.bitPattern & 0xffff_ffff_f800_0000)
  }

  /// The rounded sum and its exact error (Knuth's two-sum).
  @inline(__always)
  static func twoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
    let sum = a + b
    let shadow = sum - a
    return (sum, (a - (sum - shadow)) + (b - shadow))
  }

  /// The rounded sum and its exact error where |a| ≥ |b| or a = 0 (Dekker).
  @inline(__always)
  static func fastTwoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
    let sum = a + b
    return (sum, (a - sum) + b)
  }

  /// ln 2 in two parts; the first has 42 bits, so that its product with an exponent is exact.
  static let ln2High = 0x1.62e42fefa3800p-1
  static let ln2Low = 0x1.ef35793c76730p-45
}
