/// Loops over vectors that several training methods share.
enum VectorLoops {
  /// Σ (aᵢ − bᵢ)², in Double, over eight fixed lanes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func squaredDistance<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    for i in 0..<count {
      let difference = Double(a[i]) - Double(b[i])
      lanes[i & 7] += difference * difference
    }
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
      + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
  }

  /// Σ |aᵢ|, in Double, over eight fixed lanes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func sumOfMagnitudes<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    for i in 0..<count { lanes[i & 7] += Double(abs(a[i])) }
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
      + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
  }

  /// a ← a + weight·(b − a).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func approach<Scalar: ParameterScalar>(
    _ a: UnsafeMutablePointer<Scalar>, _ b: [Scalar], _ weight: Scalar
  ) {
    for i in b.indices { a[i] = a[i] + weight * (b[i] - a[i]) }
  }

  /// a ← a + weight·b.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func add<Scalar: ParameterScalar>(
    _ weight: Scalar, _ b: UnsafePointer<Scalar>, to a: UnsafeMutablePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { a[i] = a[i] + weight * b[i] }
  }

  /// a ← decay·a + weight·b.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func decayAndAdd<Scalar: ParameterScalar>(
    _ a: UnsafeMutablePointer<Scalar>, _ decay: Scalar, _ weight: Scalar,
    _ b: UnsafePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { a[i] = decay * a[i] + weight * b[i] }
  }

  /// Whether every element is finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func areFinite<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ count: Int
  ) -> Bool {
    for i in 0..<count where !a[i].isFinite { return false }
    return true
  }
}
