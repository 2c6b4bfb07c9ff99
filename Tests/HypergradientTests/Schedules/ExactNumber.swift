/// Whole numbers ≥ 0 of any size, for the exact arithmetic of tests.
struct Natural: Comparable {
  /// From the lowest, none zero at the end.
  private var digits: [UInt32]

  init(_ value: Int) {
    precondition(value >= 0)
    digits = []
    var rest = UInt64(value)
    while rest > 0 {
      digits.append(UInt32(truncatingIfNeeded: rest))
      rest >>= 32
    }
  }

  var isZero: Bool { digits.isEmpty }
  var isOdd: Bool { digits.first.map { $0 & 1 == 1 } ?? false }
  var bitWidth: Int { digits.isEmpty ? 0 : 32 * digits.count - digits.last!.leadingZeroBitCount }

  static func < (a: Natural, b: Natural) -> Bool {
    if a.digits.count != b.digits.count { return a.digits.count < b.digits.count }
    for (x, y) in zip(a.digits.reversed(), b.digits.reversed()) where x != y { return x < y }
    return false
  }

  private mutating func trim() { while digits.last == 0 { digits.removeLast() } }

  static func + (a: Natural, b: Natural) -> Natural {
    var sum = Natural(0)
    var carry: UInt64 = 0
    for i in 0..<max(a.digits.count, b.digits.count) + 1 {
      let x = i < a.digits.count ? UInt64(a.digits[i]) : 0
      let y = i < b.digits.count ? UInt64(b.digits[i]) : 0
      let value = x + y + carry
      sum.digits.append(UInt32(truncatingIfNeeded: value))
      carry = value >> 32
    }
    sum.trim()
    return sum
  }

  /// - Precondition: a ≥ b.
  static func - (a: Natural, b: Natural) -> Natural {
    var rest = a
    var borrow: Int64 = 0
    for i in a.digits.indices {
      var value = Int64(a.digits[i]) - (i < b.digits.count ? Int64(b.digits[i]) : 0) - borrow
      borrow = value < 0 ? 1 : 0
      if value < 0 { value += 1 << 32 }
      rest.digits[i] = UInt32(value)
    }
    precondition(borrow == 0)
    rest.trim()
    return rest
  }

  static func * (a: Natural, b: Natural) -> Natural {
    var product = Natural(0)
    product.digits = [UInt32](repeating: 0, count: a.digits.count + b.digits.count + 1)
    for i in a.digits.indices {
      var carry: UInt64 = 0
      for j in b.digits.indices {
        let value =
          UInt64(a.digits[i]) * UInt64(b.digits[j]) + UInt64(product.digits[i + j]) + carry
        product.digits[i + j] = UInt32(truncatingIfNeeded: value)
        carry = value >> 32
      }
      product.digits[i + b.digits.count] = UInt32(carry)
    }
    product.trim()
    return product
  }

  func shiftedLeft(by count: Int) -> Natural {
    var result = self
    for _ in 0..<count { result = result + result }
    return result
  }

  /// By long division.
  func dividedBy(_ divisor: Natural) -> (quotient: Natural, remainder: Natural) {
    precondition(!divisor.isZero)
    var (quotient, rest) = (Natural(0), self)
    var shift = max(0, bitWidth - divisor.bitWidth)
    while shift >= 0 {
      quotient = quotient + quotient
      let part = divisor.shiftedLeft(by: shift)
      if part <= rest {
        rest = rest - part
        quotient = quotient + Natural(1)
      }
      shift -= 1
    }
    return (quotient, rest)
  }

  /// The nearest Double, within two units in the last place; infinite beyond them.
  var double: Double {
    let (first, exponent) = scaled
    return Double(sign: .plus, exponent: exponent, significand: first)
  }

  /// A Double of the first four digits, and the power of two that it is to be multiplied by: no number
  /// is too large for it.
  var scaled: (first: Double, exponent: Int) {
    let dropped = max(0, digits.count - 4)
    let first = digits.dropFirst(dropped).reversed().reduce(0) { $0 * 0x1p32 + Double($1) }
    return (first, 32 * dropped)
  }
}

/// A rational number ≥ 0, exact.
struct Exact: Comparable, CustomStringConvertible {
  let top: Natural
  let bottom: Natural

  init(_ top: Natural, over bottom: Natural) { (self.top, self.bottom) = (top, bottom) }
  init(_ value: Int) { self.init(Natural(value), over: Natural(1)) }

  /// A decimal such as `12.75`, as it is written and not as a Double has it.
  init(_ decimal: String) {
    let parts = decimal.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    var (top, bottom) = (Natural(0), Natural(1))
    for digit in String(parts[0]) + fraction {
      top = top * Natural(10) + Natural(digit.wholeNumberValue!)
    }
    for _ in fraction { bottom = bottom * Natural(10) }
    self.init(top, over: bottom)
  }

  static func + (a: Exact, b: Exact) -> Exact {
    Exact(a.top * b.bottom + b.top * a.bottom, over: a.bottom * b.bottom)
  }
  /// - Precondition: a ≥ b.
  static func - (a: Exact, b: Exact) -> Exact {
    Exact(a.top * b.bottom - b.top * a.bottom, over: a.bottom * b.bottom)
  }
  static func * (a: Exact, b: Exact) -> Exact { Exact(a.top * b.top, over: a.bottom * b.bottom) }
  static func / (a: Exact, b: Exact) -> Exact { Exact(a.top * b.bottom, over: a.bottom * b.top) }
  static func < (a: Exact, b: Exact) -> Bool { a.top * b.bottom < b.top * a.bottom }
  static func == (a: Exact, b: Exact) -> Bool { a.top * b.bottom == b.top * a.bottom }

  /// ⌊a⌋, and what is left of it.
  var whole: (number: Int, rest: Exact) {
    let (quotient, rest) = top.dividedBy(bottom)
    return (Int(quotient.double), Exact(rest, over: bottom))
  }
  var isZero: Bool { top.isZero }
  /// The nearest Double, within a few units in the last place.
  var double: Double {
    let (a, b) = (top.scaled, bottom.scaled)
    return Double(sign: .plus, exponent: a.exponent - b.exponent, significand: a.first / b.first)
  }
  var description: String { "\(double)" }
}
