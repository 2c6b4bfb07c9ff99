internal import Hypergradient

/// ‖a − b‖², in index order.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func squaredDistance<Scalar: ParameterScalar>(
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
