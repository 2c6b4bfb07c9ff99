/// The loops over elements that an optimizer itself needs: their definition.
@usableFromInline package enum Elementwise {
  /// θ −= η·u.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func subtract<Scalar: ParameterScalar>(
    _ theta: UnsafeMutablePointer<Scalar>, _ eta: Scalar, _ u: UnsafePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { theta[i] = theta[i] - eta * u[i] }
  }

  /// g + λ·θ into `sum`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @usableFromInline
  package static func addPenalty<Scalar: ParameterScalar>(
    _ sum: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ penalty: Scalar,
    _ theta: UnsafePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { sum[i] = g[i] + penalty * theta[i] }
  }
}
