/// The point and gradient of the last step, for methods that estimate curvature from differences.
struct GradientMemory<Scalar: ParameterScalar>: Sendable, Codable {
  private var point: [Scalar] = []
  private var gradient: [Scalar] = []
  private(set) var isFilled = false

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
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func products(
    _ x: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>
  ) -> (ss: Double, sy: Double, yy: Double) {
    var (ss, sy, yy) = (0.0, 0.0, 0.0)
    for i in point.indices {
      let s = Double(x[i]) - Double(point[i])
      let y = Double(g[i]) - Double(gradient[i])
      ss += s * s
      sy += s * y
      yy += y * y
    }
    return (ss, sy, yy)
  }
}
