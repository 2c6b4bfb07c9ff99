internal import Vectors

/// Norms and inner products that are right wherever their results are representable.
///
/// The plain sum of squares or products is taken first. Where it is of ordinary size, the result is
/// its own, to the bit; where squares could have overflowed or vanished, a second pass takes the
/// sum of the numbers times a power of 2, which is exact, in the order of ``BlockSums``.
@usableFromInline package enum Norms {
  /// Sums of squares, or products, of this size have lost nothing that counts: what vanished in
  /// 2⁴⁰ terms is less than 2⁻⁷⁴ of it.
  @inlinable @inline(__always)
  static var least: Double { 0x1p-960 }

  /// Whether a sum of squares is of ordinary size: `square >= least && square < .infinity`, by the sign
  /// and the exponent alone, since `least` is a power of 2.
  @inlinable @inline(__always)
  package static func isSafe(_ square: Double) -> Bool {
    func head(_ x: Double) -> UInt64 { x.bitPattern >> 52 }
    return head(square) &- head(least) < head(.infinity) - head(least)
  }

  /// Whether sums of either sign all are.
  static func areSafe(_ sums: UnsafePointer<Double>, count: Int) -> Bool {
    for i in 0..<count where !isSafe(sums[i].magnitude) { return false }
    return true
  }

  /// √Σxᵢ² from its plain sum of squares.
  ///
  /// - Parameter x: the numbers, asked for once more where the sum is not of ordinary size.
  @inlinable @inline(__always)
  package static func root(_ square: Double, count: Int, _ x: (Int) -> Double) -> Double {
    isSafe(square) ? square.squareRoot() : scaledRoot(square, count, x)
  }

  @usableFromInline @inline(never)
  static func scaledRoot(_ square: Double, _ count: Int, _ x: (Int) -> Double) -> Double {
    if square.isNaN { return square }
    guard let e = exponent(count, x) else { return square.squareRoot() }
    return BlockSums.sum(count) { i in
      let scaled = x(i).scaled(by: -e)
      return scaled * scaled
    }.squareRoot().scaled(by: e)
  }

  /// Σxᵢyᵢ from its plain sum.
  @inlinable @inline(__always)
  package static func product(
    _ plain: Double, count: Int, _ x: (Int) -> Double, _ y: (Int) -> Double
  ) -> Double {
    isSafe(plain.magnitude) ? plain : scaledProduct(plain, count, x, y)
  }

  @usableFromInline @inline(never)
  static func scaledProduct(
    _ plain: Double, _ count: Int, _ x: (Int) -> Double, _ y: (Int) -> Double, times n: Int = 0
  ) -> Double {
    guard let (sum, e) = scaled(count, x, y) else { return plain }
    return sum.scaled(by: e + n)
  }

  /// ⟨x, y⟩/(‖x‖‖y‖) within −1…1, both scaled; 0 where either is 0, and NaN where a number is not
  /// finite.
  package static func cosine(
    count: Int, _ x: (Int) -> Double, _ y: (Int) -> Double
  ) -> Double {
    guard let a = exponent(count, x), let b = exponent(count, y) else {
      return (0..<count).allSatisfy { x($0).isFinite && y($0).isFinite } ? 0 : .nan
    }
    func p(_ i: Int) -> Double { x(i).scaled(by: -a) }
    func q(_ i: Int) -> Double { y(i).scaled(by: -b) }
    let product = BlockSums.sum(count) { p($0) * q($0) }
    let (s, t) = (BlockSums.sum(count) { p($0) * p($0) }, BlockSums.sum(count) { q($0) * q($0) })
    return min(max(product / s.squareRoot() / t.squareRoot(), -1), 1)
  }

  /// Σxᵢyᵢ as a number times a power of 2; `nil` where one of the vectors is zero or not finite.
  static func scaled(
    _ count: Int, _ x: (Int) -> Double, _ y: (Int) -> Double
  ) -> (sum: Double, exponent: Int)? {
    guard let a = exponent(count, x), let b = exponent(count, y) else { return nil }
    return (BlockSums.sum(count) { x($0).scaled(by: -a) * y($0).scaled(by: -b) }, a + b)
  }

  /// The exponent of the largest number; `nil` where all are zero or one is not finite.
  static func exponent(_ count: Int, _ x: (Int) -> Double) -> Int? {
    var largest = 0.0
    for i in 0..<count {
      let size = x(i).magnitude
      guard size.isFinite else { return nil }
      if size > largest { largest = size }
    }
    return largest > 0 ? Int(largest.exponent) : nil
  }
}

extension Double {
  /// x·2ⁿ, rounded once.
  @usableFromInline func scaled(by n: Int) -> Double {
    Double(sign: .plus, exponent: n, significand: self)
  }
}

/// What sums of products say of u and g; zero where it was not wanted.
@usableFromInline struct Measures {
  @usableFromInline var alignment: Double
  @usableFromInline var gradientNorm: Double
  @usableFromInline var directionNorm: Double
  /// cos(u, g) where the three do not give it; else NaN.
  @usableFromInline var exactCosine = Double.nan

  @inlinable @inline(__always) init(_ sums: VectorKernels.Sums) {
    alignment = sums.alignment
    gradientNorm = sums.gradientSquare.squareRoot()
    directionNorm = sums.directionSquare.squareRoot()
  }

  /// By a second look at the numbers, where the plain sums are not of ordinary size.
  init(
    scaled sums: VectorKernels.Sums, _ wanted: VectorKernels.Wanted, count: Int,
    _ u: (Int) -> Double, _ g: (Int) -> Double
  ) {
    self.init(sums)
    if wanted.contains(.alignment) {
      alignment = Norms.product(sums.alignment, count: count, u, g)
    }
    if wanted.contains(.gradientSquare) {
      gradientNorm = Norms.root(sums.gradientSquare, count: count, g)
    }
    if wanted.contains(.directionSquare) {
      directionNorm = Norms.root(sums.directionSquare, count: count, u)
    }
    if wanted.rawValue == 7 { exactCosine = Norms.cosine(count: count, u, g) }
  }
}

extension VectorKernels.Sums {
  /// Whether those that were wanted have lost nothing to overflow or underflow.
  @inlinable @inline(__always)
  func areOrdinary(_ wanted: VectorKernels.Wanted) -> Bool {
    (!wanted.contains(.alignment) || Norms.isSafe(alignment.magnitude))
      && (!wanted.contains(.gradientSquare) || Norms.isSafe(gradientSquare))
      && (!wanted.contains(.directionSquare) || Norms.isSafe(directionSquare))
  }
}
