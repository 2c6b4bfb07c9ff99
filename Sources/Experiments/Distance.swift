package import Hypergradient
package import Tasks

/// ‖a − b‖², in index order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
package func squaredDistance<Scalar: ParameterScalar>(
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
) -> Double {
  var square = 0.0
  for i in 0..<count {
    let difference = Double(a[i]) - Double(b[i])
    square += difference * difference
  }
  return square
}

/// ‖a − b‖² of eight interleaved runs, each in index order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func squaredDistances<Scalar: ParameterScalar>(
  _ a: UnsafePointer<Scalar>, _ b: [Scalar], count: Int, into squares: UnsafeMutablePointer<Double>
) {
  b.withUnsafeBufferPointer { b in
    var sum = SIMD8<Double>.zero
    for i in 0..<count {
      var difference = SIMD8<Double>.zero
      let shared = Double(b[i])
      for lane in 0..<8 { difference[lane] = Double(a[i * 8 + lane]) - shared }
      sum += difference * difference
    }
    for lane in 0..<8 { squares[lane] = sum[lane] }
  }
}

/// A run this many times its starting distance away has diverged: rounding, not the method, decides
/// what follows.
package let escapeFactor = 1e8

extension BenchmarkTask {
  /// ‖θ₀ − θ*‖ where θ* is known, else max(1, ‖θ₀‖).
  package var startingDistance: Double {
    var square = 0.0
    if let minimiser = reference.minimiser {
      for (a, b) in zip(start, minimiser) { square += (Double(a) - b) * (Double(a) - b) }
      return square.squareRoot()
    }
    for a in start { square += Double(a) * Double(a) }
    return max(1, square.squareRoot())
  }
}
