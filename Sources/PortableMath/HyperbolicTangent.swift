extension Portable {
  /// tanh x = E/(E + 2) with E = e²ˣ − 1.
  public static func tanh(_ x: Double) -> Double {
    if x != x { return nan }
    let a = x.magnitude
    let (high, low) = expm1Sum(2 * (a > 22 ? 22 : a))
    let (below, belowError) = twoSum(high, 2)
    let belowLow = belowError + low
    let reciprocal = 1 / below
    // The quotient's leading bits, and what they leave of the numerator, exactly.
    let quotient = leading(high * reciprocal)
    let belowLead = leading(below)
    let left = (high - quotient * belowLead) - quotient * (below - belowLead)
    let result = quotient + (left + (low - quotient * belowLow)) * reciprocal
    return Double(
      bitPattern: result.bitPattern | (x.bitPattern & 0x8000_0000_0000_0000))
  }
}
