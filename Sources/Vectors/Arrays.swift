/// Arithmetic on arrays of either scalar, in Double where it sums.
package enum Arrays {
  /// Σ aᵢ·bᵢ in order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func dot<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Double {
    if !(a.count == b.count) { fatalError("vectors of \(a.count) and \(b.count) elements") }
    var sum = 0.0
    for i in a.indices { sum += Double(a[i]) * Double(b[i]) }
    return sum
  }

  package static func norm<Scalar: BinaryFloatingPoint>(_ a: [Scalar]) -> Double {
    dot(a, a).squareRoot()
  }

  /// a + scale·b.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func sum<Scalar: BinaryFloatingPoint>(
    _ a: [Scalar], _ scale: Scalar, _ b: [Scalar]
  ) -> [Scalar] {
    var result = a
    for i in a.indices { result[i] += scale * b[i] }
    return result
  }

  /// a − b, each difference rounded once, to Double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func difference<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar])
    -> [Double]
  {
    var result = [Double](repeating: 0, count: a.count)
    for i in a.indices { result[i] = Double(a[i]) - Double(b[i]) }
    return result
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func doubles<Scalar: BinaryFloatingPoint>(_ a: [Scalar]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count)
    for i in a.indices { result[i] = Double(a[i]) }
    return result
  }
}
