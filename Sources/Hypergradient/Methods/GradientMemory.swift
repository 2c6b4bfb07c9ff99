/// The point and gradient of the last step, for methods that estimate curvature from differences.
struct GradientMemory<Scalar: ParameterScalar>: Sendable, Codable {
  private var point: [Scalar] = []
  private var gradient: [Scalar] = []
  private(set) var isFilled = false

  var count: Int { point.count }

  mutating func begin(count: Int) {
    point = [Scalar](repeating: 0, count: count)
    gradient = point
    isFilled = false
  }

  mutating func store(_ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>) {
    let count = point.count
    point.withUnsafeMutableBufferPointer { $0.baseAddress!.update(from: x, count: count) }
    gradient.withUnsafeMutableBufferPointer { $0.baseAddress!.update(from: g, count: count) }
    isFilled = true
  }

  /// ⟨s, s⟩, ⟨s, y⟩ and ⟨y, y⟩ of s = x − x₋ and y = g − g₋, in Double.
  struct Products {
    var (ss, sy, yy) = (0.0, 0.0, 0.0)
    /// Of the power of 2 that quotients of them, of the unit of s/y, are to be multiplied with: not 0
    /// where one had overflowed or vanished.
    var exponent = 0
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func products(_ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>) -> Products {
    let plain = products(x, g, 1, 1)
    if Norms.isSafe(plain.ss), Norms.isSafe(plain.yy), Norms.isSafe(plain.sy.magnitude) {
      return plain
    }
    let a = Norms.exponent(count) { Double(x[$0]) - Double(point[$0]) }
    let b = Norms.exponent(count) { Double(g[$0]) - Double(gradient[$0]) }
    guard let a, let b else { return plain }
    // Powers that are numbers themselves.
    let (p, q) = (min(max(a, -1000), 1000), min(max(b, -1000), 1000))
    var scaled = products(x, g, 1.0.scaled(by: -p), 1.0.scaled(by: -q))
    scaled.exponent = p - q
    return scaled
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func products(
    _ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ p: Double, _ q: Double
  ) -> Products {
    var sums = Products()
    for i in point.indices {
      let s = (Double(x[i]) - Double(point[i])) * p
      let y = (Double(g[i]) - Double(gradient[i])) * q
      sums.ss += s * s
      sums.sy += s * y
      sums.yy += y * y
    }
    return sums
  }
}

extension GradientMemory {
  init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    point = try state.vector(.point)
    gradient = try state.vector(.gradient, count: point.count)
    isFilled = try state.value(.isFilled)
  }
}
