import PortableMath
import Testing

/// The values that IEEE 754 (and, for pow, C's Annex F) prescribes, bit for bit.
@Suite struct SpecialValueTests {
  static let infinity = Double.infinity
  static let least = Double.leastNonzeroMagnitude
  static let greatest = Double.greatestFiniteMagnitude

  static let unary:
    [(name: String, function: @Sendable (Double) -> Double, rows: [(Double, Double)])] = [
      (
        "exp", { Portable.exp($0) },
        [
          (0, 1), (-0.0, 1), (infinity, infinity), (-infinity, 0), (greatest, infinity),
          (-greatest, 0), (least, 1), (0x1.62e42fefa39efp+9, 0x1.fffffffffff2ap+1023),
          (0x1.62e42fefa39f0p+9, infinity), (-0x1.74910d52d3051p+9, least),
          (-0x1.74910d52d3052p+9, 0),
        ]
      ),
      (
        "expm1", { Portable.expm1($0) },
        [
          (0, 0), (-0.0, -0.0), (infinity, infinity), (-infinity, -1), (greatest, infinity),
          (-50, -1), (least, least), (-least, -least), (0x1.62e42fefa39f0p+9, infinity),
        ]
      ),
      (
        "log", { Portable.log($0) },
        [
          (1, 0), (0, -infinity), (-0.0, -infinity), (infinity, infinity), (-1, .nan),
          (-infinity, .nan), (-least, .nan),
        ]
      ),
      (
        "log1p", { Portable.log1p($0) },
        [
          (0, 0), (-0.0, -0.0), (-1, -infinity), (infinity, infinity), (least, least),
          (-least, -least), (-1.0000000000000002, .nan), (-infinity, .nan),
        ]
      ),
      (
        "sin", { Portable.sin($0) },
        [
          (0, 0), (-0.0, -0.0), (infinity, .nan), (-infinity, .nan), (least, least),
          (-least, -least),
        ]
      ),
      (
        "cos", { Portable.cos($0) },
        [(0, 1), (-0.0, 1), (infinity, .nan), (-infinity, .nan), (least, 1)]
      ),
      (
        "tanh", { Portable.tanh($0) },
        [
          (0, 0), (-0.0, -0.0), (infinity, 1), (-infinity, -1), (greatest, 1), (least, least),
          (-least, -least), (20, 1),
        ]
      ),
      (
        "erf", { Portable.erf($0) },
        [
          (0, 0), (-0.0, -0.0), (infinity, 1), (-infinity, -1), (greatest, 1), (7, 1), (-7, -1),
          (least, least), (-least, -least),
        ]
      ),
      (
        "inverseNormal", { Portable.inverseNormal($0) },
        [
          (0, -infinity), (-0.0, -infinity), (1, infinity), (0.5, 0), (-least, .nan),
          (1.0000000000000002, .nan), (infinity, .nan), (-infinity, .nan),
        ]
      ),
    ]

  @Test func unaryFunctions() {
    for (name, function, rows) in Self.unary {
      for (x, expected) in rows + [(.nan, .nan), (-Double.nan, .nan), (.signalingNaN, .nan)] {
        let value = function(x)
        #expect(value.bitPattern == expected.bitPattern, "\(name)(\(x)) = \(value)")
      }
    }
  }

  static let power: [(Double, Double, Double)] = [
    (0, 3, 0), (-0.0, 3, -0.0), (-0.0, 2, 0), (0, -1, infinity), (-0.0, -1, -infinity),
    (-0.0, -2, infinity), (0, -0.5, infinity), (0, 0.5, 0), (-0.0, 0.5, 0), (0, infinity, 0),
    (-0.0, -infinity, infinity), (0, 0, 1), (.nan, 0, 1), (infinity, 0, 1), (1, .nan, 1),
    (1, infinity, 1), (-1, infinity, 1), (-1, -infinity, 1), (0.5, infinity, 0),
    (0.5, -infinity, infinity), (-2, infinity, infinity), (-2, -infinity, 0),
    (infinity, 2, infinity), (infinity, -2, 0), (-infinity, 3, -infinity),
    (-infinity, 2, infinity), (-infinity, -3, -0.0), (-infinity, -2, 0),
    (-infinity, 0.5, infinity), (-infinity, -0.5, 0), (-8, 1 / 3.0, .nan), (.nan, 1, .nan),
    (2, .nan, .nan), (-2, 3, -8), (-2, 2, 4), (2, -1, 0.5), (2, 0.5, 0x1.6a09e667f3bcdp+0),
    (2, 1023, 0x1p1023), (2, 1024, infinity), (2, -1074, least), (2, -1076, 0), (-3, 5, -243),
    (10, 2, 100), (-2, 9_007_199_254_740_994, infinity), (greatest, 1, greatest),
    (0.5, greatest, 0), (2, greatest, infinity), (2, -greatest, 0), (3, least, 1),
  ]

  @Test func powers() {
    for (x, y, expected) in Self.power {
      let value = Portable.pow(x, y)
      #expect(value.bitPattern == expected.bitPattern, "pow(\(x), \(y)) = \(value)")
    }
  }

  @Test func symmetries() {
    var draw = RandomStream(RandomKey("portable-math.symmetries"))
    for _ in 0..<2000 {
      let x = 10 * draw.uniform()
      #expect(Portable.sin(-x) == -Portable.sin(x))
      #expect(Portable.cos(-x) == Portable.cos(x))
      #expect(Portable.tanh(-x) == -Portable.tanh(x))
      #expect(Portable.erf(-x) == -Portable.erf(x))
      let p = draw.uniform()
      #expect(Portable.inverseNormal(1 - p) == -Portable.inverseNormal(p))
    }
  }

  @Test func singlePrecisionIsTheDoubleRounded() {
    var draw = RandomStream(RandomKey("portable-math.single"))
    for _ in 0..<2000 {
      let x = Float(bitPattern: UInt32(draw.nextUInt64() >> 32))
      #expect(Portable.exp(x).bitPattern == Float(Portable.exp(Double(x))).bitPattern)
      #expect(Portable.log(x).bitPattern == Float(Portable.log(Double(x))).bitPattern)
    }
    #expect(Portable.exp(Float(1)) == 0x1.5bf0a8p+1)
    #expect(Portable.log(Float(2)) == 0x1.62e43p-1)
  }

  /// Of Float: within 1 ulp of the Double value, which is within 1 of its own; odd; never smaller
  /// for a larger argument.
  @Test func hyperbolicTangentOfFloat() {
    #if DEBUG
      let stride: UInt32 = 4099
    #else
      let stride: UInt32 = 17
    #endif
    var last: Float = 0
    var worst = 0.0
    var bits: UInt32 = 0
    while bits < Float(12).bitPattern {
      let x = Float(bitPattern: bits)
      let value = Portable.tanh(x)
      let exact = Portable.tanh(Double(x))
      let unit = exact < 1 ? Double(Float(exact).ulp) : 0x1p-24
      worst = max(worst, (Double(value) - exact).magnitude / unit)
      guard value >= last, Portable.tanh(-x) == -value else {
        Issue.record("tanh(\(x)) = \(value) after \(last)")
        return
      }
      last = value
      bits += stride
    }
    #expect(worst < 0.99 && last == 1)
    let special: [(Float, Float)] = [
      (0, 0), (-0.0, -0.0), (.infinity, 1), (-.infinity, -1), (.greatestFiniteMagnitude, 1),
      (.leastNonzeroMagnitude, .leastNonzeroMagnitude), (.nan, .nan), (-.nan, .nan),
      (.signalingNaN, .nan), (10, 1), (22, 1),
    ]
    for (x, expected) in special {
      #expect(Portable.tanh(x).bitPattern == expected.bitPattern, "\(x)")
    }
  }
}
