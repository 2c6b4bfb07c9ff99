internal import Kernels
internal import PortableMath

/// ½ (θ−x*)ᵀ H (θ−x*) with H = QᵀΛQ: Q a Haar rotation and x* standard normal, both by instance.
struct RotatedQuadratic: Sendable {
  let dimension: Int
  /// x*.
  let minimiser: [Double]
  /// H, row-major, symmetric to the bit.
  let hessian: [Double]
  /// √Λ·Q, row-major: H is its transpose times itself.
  let root: [Double]

  /// - Parameter name: the first word of the random keys.
  /// - Precondition: eigenvalues are positive and finite, at least one.
  init(eigenvalues: [Double], name: String, instance: Int) {
    precondition(
      !eigenvalues.isEmpty && eigenvalues.allSatisfy { $0 > 0 && $0.isFinite },
      "eigenvalues are not all positive and finite")
    let d = eigenvalues.count
    dimension = d
    var shift = RandomStream(RandomKey(name + ".shift", instance))
    minimiser = shift.normals(d)
    var root = HaarRotation.matrix(dimension: d, key: RandomKey(name + ".rotation", instance))
    for i in 0..<d {
      let scale = eigenvalues[i].squareRoot()
      for j in 0..<d { root[i * d + j] *= scale }
    }
    var hessian = [Double](repeating: 0, count: d * d)
    hg_matmul_f64(true, false, d, d, d, root, d, root, d, &hessian, d, false)
    self.root = root
    self.hessian = hessian
  }

  /// Writes the gradient times `scale`, and θ − x* into `offset`; returns the value times `scale`.
  func gradient(
    at theta: UnsafePointer<Double>, scale: Double = 1,
    into gradient: UnsafeMutablePointer<Double>, offset: UnsafeMutablePointer<Double>
  ) -> Double {
    let d = dimension
    minimiser.withUnsafeBufferPointer { minimiser in
      for i in 0..<d { offset[i] = theta[i] - minimiser[i] }
    }
    hg_matmul_f64(false, false, 1, d, d, offset, d, hessian, d, gradient, d, false)
    let value = scale * 0.5 * Lanes.dot(offset, gradient, count: d)
    if scale != 1 {
      for i in 0..<d { gradient[i] *= scale }
    }
    return value
  }

  /// The value times `scale`; `scratch` holds 2·dimension elements.
  func value(
    at theta: UnsafePointer<Double>, scale: Double = 1, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    gradient(at: theta, scale: scale, into: scratch + dimension, offset: scratch)
  }

  /// ``gradient(at:scale:into:offset:)`` of interleaved runs; the values go to `values`.
  func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, scale: Double = 1,
    into gradient: UnsafeMutablePointer<Double>, values: UnsafeMutablePointer<Double>?,
    offset: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    hg_lanes_subtract_f64(offset, theta, minimiser, d, lanes)
    // A row of H is its column, to the bit.
    hg_matmul_f64(false, false, d, lanes, d, hessian, d, offset, lanes, gradient, lanes, false)
    if let values {
      hg_lanes_dot_f64(values, offset, gradient, d, lanes)
      for lane in 0..<lanes { values[lane] *= scale * 0.5 }
    }
    if scale != 1 {
      for i in 0..<(d * lanes) { gradient[i] *= scale }
    }
  }

  /// ``value(at:scale:scratch:)`` of interleaved runs; `scratch` holds 2·dimension elements a lane.
  func laneValues(
    at theta: UnsafePointer<Double>, lanes: Int, scale: Double = 1,
    into values: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    laneGradient(
      at: theta, lanes: lanes, scale: scale, into: scratch + dimension * lanes, values: values,
      offset: scratch)
  }

  /// x* plus standard normal numbers.
  func normalStart(name: String, instance: Int) -> [Double] {
    var stream = RandomStream(RandomKey(name + ".start", instance))
    return minimiser.map { $0 + stream.normal() }
  }

  /// `count` eigenvalues from 1 to `condition`, evenly spaced in their logarithm.
  ///
  /// - Precondition: `count` is at least 2.
  static func logSpaced(count: Int, condition: Double) -> [Double] {
    (0..<count).map { Portable.pow(condition, Double($0) / Double(count - 1)) }
  }
}
