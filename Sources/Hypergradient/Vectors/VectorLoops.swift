/// Loops over vectors that several training methods share.
enum VectorLoops {
  /// Σ aᵢ·bᵢ: ``Reductions/dot(_:_:count:)`` by its kernel, the same bits, and right where its terms
  /// overflow or vanish: see ``Norms``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    let plain = plainDot(a, b, count: count)
    // No sum of products of Floats leaves the range of Double.
    if Scalar.self == Float.self { return plain }
    return Norms.product(plain, count: count, { Double(a[$0]) }, { Double(b[$0]) })
  }

  /// Σ aᵢ·bᵢ·2ⁿ, right wherever that is representable.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func dot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int, times n: Int
  ) -> Double {
    let plain = plainDot(a, b, count: count)
    if Scalar.self == Float.self || Norms.isSafe(plain.magnitude) { return plain.scaled(by: n) }
    return Norms.scaledProduct(plain, count, { Double(a[$0]) }, { Double(b[$0]) }, times: n)
  }

  /// The sum as it is, that may have overflowed or vanished.
  static func plainDot<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    let kind = VectorKernels.kind(of: Scalar.self)
    guard kind != 0 else { return Reductions.dot(a, b, count: count) }
    return VectorKernels.sums(
      .alignment, kind: kind, count: count, direction: a, gradient: b, parameters: nil, penalty: 0,
      threads: 1
    ).alignment
  }

  /// ‖a‖, right wherever it is representable.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func norm<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, count: Int
  ) -> Double {
    Norms.root(plainDot(a, a, count: count), count: count) { Double(a[$0]) }
  }

  /// Whether every element is finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func isFinite<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, count: Int
  ) -> Bool {
    plainDot(a, a, count: count).isFinite || (0..<count).allSatisfy { a[$0].isFinite }
  }

  /// ⟨a, b⟩/(‖a‖‖b‖) where ⟨a, b⟩ can't give it, since it has overflowed or vanished; NaN where it can.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func cosine<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int, product: Double
  ) -> Double {
    if Norms.isSafe(product.magnitude) { return .nan }
    return Norms.cosine(count: count, { Double(a[$0]) }, { Double(b[$0]) })
  }

  /// θ −= rate·u, by the optimizer's own kernel.
  static func move<Scalar: ParameterScalar>(
    _ theta: UnsafeMutablePointer<Scalar>, by rate: Double, along u: UnsafePointer<Scalar>,
    count: Int
  ) {
    StripMove(parameters: theta, rate: rate, keepsDirection: true)
      .move(along: u, count: count, threads: 1)
  }

  /// ‖a − b‖, right wherever it is representable.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func distance<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    Norms.root(squaredDistance(a, b, count), count: count) { Double(a[$0]) - Double(b[$0]) }
  }

  /// Σ (aᵢ − bᵢ)², in Double, over eight fixed lanes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func squaredDistance<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ count: Int
  ) -> Double {
    var lanes = SIMD8<Double>.zero
    let whole = count & ~7
    for start in stride(from: 0, to: whole, by: 8) {
      var difference = SIMD8<Double>.zero
      for lane in 0..<8 { difference[lane] = Double(a[start + lane]) - Double(b[start + lane]) }
      lanes += difference * difference
    }
    for i in whole..<count {
      let difference = Double(a[i]) - Double(b[i])
      lanes[i - whole] += difference * difference
    }
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

  /// sum ← ±g + weight·b.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func sum<Scalar: ParameterScalar>(
    _ sum: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, negated: Bool,
    _ weight: Scalar, _ b: UnsafePointer<Scalar>, _ count: Int
  ) {
    for i in 0..<count { sum[i] = (negated ? -g[i] : g[i]) + weight * b[i] }
  }

  /// x ← (x − θ)/rate, the direction of a step from x to θ.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func direction<Scalar: ParameterScalar>(
    _ x: UnsafeMutablePointer<Scalar>, _ theta: UnsafePointer<Scalar>, _ rate: Scalar,
    _ count: Int
  ) {
    for i in 0..<count { x[i] = (x[i] - theta[i]) / rate }
  }

  /// a ← factor·a.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func scale<Scalar: ParameterScalar>(
    _ a: UnsafeMutableBufferPointer<Scalar>, by factor: Scalar
  ) {
    for i in a.indices { a[i] = factor * a[i] }
  }

  /// a ← a/2.
  static func halve<Scalar: ParameterScalar>(_ a: inout [Scalar]) {
    a.withUnsafeMutableBufferPointer { scale($0, by: 0.5) }
  }

  /// a ← 0.
  static func clear<Scalar: ParameterScalar>(_ a: inout [Scalar]) {
    a.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// `copy` ← a.
  static func copy<Scalar: ParameterScalar>(_ a: UnsafePointer<Scalar>, into copy: inout [Scalar]) {
    copy.withUnsafeMutableBufferPointer { copy in
      if let first = copy.baseAddress { first.update(from: a, count: copy.count) }
    }
  }

  /// x ← origin + weight·offset, where that is finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func place<Scalar: ParameterScalar>(
    _ x: UnsafeMutablePointer<Scalar>, _ origin: [Scalar], _ offset: [Scalar],
    by weight: Scalar
  ) {
    for i in origin.indices {
      let next = origin[i] + weight * offset[i]
      if next.isFinite { x[i] = next }
    }
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

  /// Σ aᵢ·bᵢ of two arrays of one length.
  static func dot<Scalar: ParameterScalar>(_ a: [Scalar], _ b: [Scalar]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        a.isEmpty ? 0 : dot(a.baseAddress!, b.baseAddress!, count: a.count)
      }
    }
  }

  /// Whether the sum of squares is finite: every element is, and none is so large that it is not.
  static func isFinite<Scalar: ParameterScalar>(_ a: [Scalar]) -> Bool {
    a.withUnsafeBufferPointer { a in
      guard let first = a.baseAddress else { return true }
      return dot(first, first, count: a.count).isFinite
    }
  }

  /// `copy` ← a, each element brought within ±limit.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func copy<Scalar: ParameterScalar>(
    _ a: UnsafePointer<Scalar>, clippedTo limit: Double?, into copy: inout [Scalar]
  ) {
    guard let limit else { return Self.copy(a, into: &copy) }
    let most = Scalar.nearest(to: limit)
    for i in copy.indices {
      let value = a[i]
      copy[i] = value > most ? most : value < -most ? -most : value
    }
  }
}
