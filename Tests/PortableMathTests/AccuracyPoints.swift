import PortableMath

/// The points at which accuracy is measured: point i of a function is made from i alone, here and
/// in Accuracy/points.py. Even points are random bit patterns; odd ones lie in the regions of
/// Vectors/regions.csv, in turn. Nothing here needs Foundation: Tests/OtherMachines compiles this
/// file for other processors.
struct AccuracyPoints {
  static let functions: [(name: String, value: @Sendable (Double, Double) -> Double)] = [
    ("exp", { x, _ in Portable.exp(x) }), ("expm1", { x, _ in Portable.expm1(x) }),
    ("log", { x, _ in Portable.log(x) }), ("log1p", { x, _ in Portable.log1p(x) }),
    ("pow", { x, y in Portable.pow(x, y) }), ("sin", { x, _ in Portable.sin(x) }),
    ("cos", { x, _ in Portable.cos(x) }), ("tanh", { x, _ in Portable.tanh(x) }),
    ("erf", { x, _ in Portable.erf(x) }),
    ("inverseNormal", { x, _ in Portable.inverseNormal(x) }),
  ]

  enum Region {
    /// Bit patterns.
    case between(UInt64, UInt64)
    /// About multiples of π/2 by numbers of at most so many bits.
    case multiples(UInt64)
  }

  private let order: UInt64
  private let isPower: Bool
  private let regions: [Region]

  init(function: Int, regions: [Region]) {
    order = UInt64(function)
    isPower = Self.functions[function].name == "pow"
    self.regions = regions
  }

  func point(_ i: Int) -> (x: Double, y: Double) {
    let position = 2 * (order << 32 + UInt64(i))
    let first = Self.mixed(position)
    let second = Self.mixed(position + 1)
    if i % 2 == 0 { return (Double(bitPattern: first), Double(bitPattern: second)) }
    let x: Double
    switch regions[(i >> 1) % regions.count] {
    case .multiples(let bits):
      let k = 1 + (first >> (64 - bits))
      let near = (Double(k) * 0x1.921fb54442d18p+0).bitPattern + (second >> 8) % 3 - 1
      x = Double(bitPattern: near | (second & 1 << 63))
    case .between(let start, let end):
      x = Double(bitPattern: start + first % (end - start + 1))
    }
    if !isPower { return (x, 0) }
    // About that y for which x to the y is 2 to a power between −1080 and 1080.
    let power = (Double(second >> 11) * 0x1p-52 - 1) * 1080
    let size = Double(x.exponent) + (x.significand - 1)
    return (x, size != 0 ? power / size : power)
  }

  /// 64 bits of the first `count` values of a function.
  static func digest(function: Int, regions: [Region], count: Int) -> UInt64 {
    let points = AccuracyPoints(function: function, regions: regions)
    let value = functions[function].value
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for i in 0..<count {
      let point = points.point(i)
      state = (state ^ value(point.x, point.y).bitPattern) &* 0x9e37_79b9_7f4a_7c15
      state ^= state >> 32
    }
    return state
  }

  /// SplitMix64's output number `index`.
  private static func mixed(_ index: UInt64) -> UInt64 {
    var z = (index &+ 1) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
