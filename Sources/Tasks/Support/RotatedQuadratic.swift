internal import HypergradientRecipes
internal import Hypergradient
internal import Kernels
internal import PortableMath
internal import Vectors

/// f(θ) = ½ (θ−x*)ᵀ H (θ−x*) with H = QᵀΛQ: Q a Haar rotation, x* standard normal and the start
/// x* + n with n standard normal, all three by instance. f* = 0 is exact.
///
/// Where a step's draws hold values, these are additive noise ξ: the gradient that a trainer sees is
/// H(θ−x*) + ξ, and belongs to the seen loss f(θ) + ⟨ξ, θ−x*⟩.
struct RotatedQuadratic: LaneTask {
  let dimension: Int
  var start: [Double]
  /// x*.
  let minimiser: [Double]
  /// H, row-major, symmetric to the bit.
  let hessian: [Double]
  /// √Λ·Q, row-major: H is its transpose times itself.
  let root: [Double]
  /// The step from which on f is so many times as high.
  var shift: (step: Int, factor: Double)?

  /// - Parameter name: the first word of the random keys.
  /// - Precondition: eigenvalues are positive and finite, at least one.
  init(eigenvalues: [Double], name: String, instance: Int) {
    require(
      !eigenvalues.isEmpty && eigenvalues.allSatisfy { $0 > 0 && $0.isFinite },
      "eigenvalues are not all positive and finite")
    let d = eigenvalues.count
    dimension = d
    var shift = RandomStream(RandomKey(name + ".shift", instance))
    let minimiser = shift.normals(d)
    self.minimiser = minimiser
    var offset = RandomStream(RandomKey(name + ".start", instance))
    start = minimiser.map { $0 + offset.normal() }
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

  var reference: ReferenceValue { ReferenceValue(0, .exact, minimiser: minimiser) }
  var isDeterministic: Bool { shift == nil }
  var scratchCount: Int { 2 * dimension }
  var laneScratchCount: Int { 2 * dimension + 1 }

  func draws(seed: Int, steps: Range<Int>) -> Draws<Double> { Draws(steps: steps) }

  func gradient(
    at theta: UnsafePointer<Double>, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let value = exact(at: theta, step, into: gradient, offset: scratch)
    if draws.valuesPerStep == 0 { return value }
    return draws.withValues(of: step) { noise in
      for i in 0..<dimension { gradient[i] += noise[i] }
      return value + BlockSums.dot(noise, scratch, count: dimension)
    }
  }

  func loss(
    at theta: UnsafePointer<Double>, step: Int, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    exact(at: theta, step, into: scratch + dimension, offset: scratch)
  }

  func exactGradient(
    at theta: UnsafePointer<Double>, step: Int, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) {
    _ = exact(at: theta, step, into: gradient, offset: scratch)
  }

  func laneGradient(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int, draws: Draws<Double>,
    into gradient: UnsafeMutablePointer<Double>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Double>
  ) {
    laneExact(at: theta, lanes: lanes, step, into: gradient, values: losses, offset: scratch)
    if draws.valuesPerStep == 0 { return }
    draws.withValues(of: step) { noise in
      hg_lanes_add_f64(gradient, gradient, noise, dimension, lanes)
      guard let losses else { return }
      let products = scratch + 2 * dimension * lanes
      hg_lanes_dot_shared_f64(products, scratch, noise, dimension, lanes)
      for lane in 0..<lanes { losses[lane] += products[lane] }
    }
  }

  func laneLosses(
    at theta: UnsafePointer<Double>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    laneExact(
      at: theta, lanes: lanes, step, into: scratch + dimension * lanes, values: losses,
      offset: scratch)
  }

  private func scale(at step: Int) -> Double {
    if let shift, step >= shift.step { return shift.factor }
    return 1
  }

  /// Writes the exact gradient, and θ − x* into `offset`; returns the value.
  private func exact(
    at theta: UnsafePointer<Double>, _ step: Int, into gradient: UnsafeMutablePointer<Double>,
    offset: UnsafeMutablePointer<Double>
  ) -> Double {
    let d = dimension
    let scale = scale(at: step)
    minimiser.withUnsafeBufferPointer { minimiser in
      for i in 0..<d { offset[i] = theta[i] - minimiser[i] }
    }
    hg_matmul_f64(false, false, 1, d, d, offset, d, hessian, d, gradient, d, false)
    let value = scale * 0.5 * BlockSums.dot(offset, gradient, count: d)
    if scale != 1 {
      for i in 0..<d { gradient[i] *= scale }
    }
    return value
  }

  /// ``exact(at:_:into:offset:)`` of interleaved runs; the values go to `values`.
  private func laneExact(
    at theta: UnsafePointer<Double>, lanes: Int, _ step: Int,
    into gradient: UnsafeMutablePointer<Double>, values: UnsafeMutablePointer<Double>?,
    offset: UnsafeMutablePointer<Double>
  ) {
    let d = dimension
    let scale = scale(at: step)
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

  /// `count` eigenvalues from 1 to `condition`, evenly spaced in their logarithm.
  ///
  /// - Precondition: `count` is at least 2.
  static func logSpaced(count: Int, condition: Double) -> [Double] {
    (0..<count).map { Portable.pow(condition, Double($0) / Double(count - 1)) }
  }
}
