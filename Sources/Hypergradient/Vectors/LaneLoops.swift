internal import HypergradientRecipes
internal import Kernels

/// The loops over interleaved runs that a cohort needs, for parameters of either type: the kernels
/// behind one name each.
struct LaneLoops {
  /// Whether parameters are `Float`; they are `Double` otherwise.
  let isFloat: Bool
  /// Elements that lie beside each other, one a run; a multiple of 8.
  let lanes: Int

  init<Scalar: ParameterScalar>(_ scalar: Scalar.Type, lanes: Int) {
    require(
      scalar == Float.self || scalar == Double.self,
      "parameters are Float or Double, not \(scalar)")
    require(lanes > 0 && lanes % 8 == 0, "\(lanes) lanes are not a multiple of 8")
    isFloat = scalar == Float.self
    self.lanes = lanes
  }

  /// Σᵢ aᵢ·bᵢ of each run, in the order of a run alone.
  func dot(
    _ sums: UnsafeMutablePointer<Double>, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, count: Int
  ) {
    if isFloat {
      hg_lanes_dot_f32(
        sums, a.assumingMemoryBound(to: Float.self), b.assumingMemoryBound(to: Float.self), count,
        lanes)
    } else {
      hg_lanes_dot_f64(
        sums, a.assumingMemoryBound(to: Double.self), b.assumingMemoryBound(to: Double.self),
        count, lanes)
    }
  }

  /// Rates of the parameters' type: in `room` where they have to be rounded.
  func rounded(
    _ rates: UnsafePointer<Double>, in room: UnsafeMutableRawPointer
  ) -> UnsafeRawPointer {
    guard isFloat else { return UnsafeRawPointer(rates) }
    let rounded = room.assumingMemoryBound(to: Float.self)
    for lane in 0..<lanes { rounded[lane] = Float(rates[lane]) }
    return UnsafeRawPointer(room)
  }

  /// θ −= rate·u, a rate a run, of the parameters' type.
  func move(
    _ theta: UnsafeMutableRawPointer, by rates: UnsafeRawPointer, _ u: UnsafeRawPointer, count: Int
  ) {
    if isFloat {
      hg_lanes_move_f32(
        theta.assumingMemoryBound(to: Float.self), rates.assumingMemoryBound(to: Float.self),
        u.assumingMemoryBound(to: Float.self), count, lanes)
    } else {
      hg_lanes_move_f64(
        theta.assumingMemoryBound(to: Double.self), rates.assumingMemoryBound(to: Double.self),
        u.assumingMemoryBound(to: Double.self), count, lanes)
    }
  }
}
