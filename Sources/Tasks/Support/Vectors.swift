internal import Hypergradient

/// Arithmetic on arrays of either scalar, in Double where it sums.
enum Vectors {
  /// Σ aᵢ·bᵢ in order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(_ a: [Scalar], _ b: [Scalar]) -> Double {
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count) elements")
    var sum = 0.0
    for i in a.indices { sum += Double(a[i]) * Double(b[i]) }
    return sum
  }

  static func norm<Scalar: ParameterScalar>(_ a: [Scalar]) -> Double { dot(a, a).squareRoot() }

  /// a + scale·b.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func sum<Scalar: ParameterScalar>(
    _ a: [Scalar], _ scale: Scalar, _ b: [Scalar]
  ) -> [Scalar] {
    var result = a
    for i in a.indices { result[i] += scale * b[i] }
    return result
  }

  /// a − b, each difference rounded once, to Double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func difference<Scalar: ParameterScalar>(_ a: [Scalar], _ b: [Scalar]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count)
    for i in a.indices { result[i] = Double(a[i]) - Double(b[i]) }
    return result
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func doubles<Scalar: ParameterScalar>(_ a: [Scalar]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count)
    for i in a.indices { result[i] = Double(a[i]) }
    return result
  }
}
