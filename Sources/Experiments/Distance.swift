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
