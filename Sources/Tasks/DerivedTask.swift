internal import Hypergradient

/// A ``WrappedTask`` of one whose runs advance together, as its own then do.
protocol DerivedTask: LaneTask, WrappedTask where Base: LaneTask {}

extension DerivedTask {
  public var laneScratchCount: Int { base.laneScratchCount }

  public func laneGradient(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    base.laneGradient(
      at: theta, lanes: lanes, step: step, draws: draws, into: gradient, losses: losses,
      scratch: scratch)
  }

  public func laneLosses(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Scalar>
  ) {
    base.laneLosses(at: theta, lanes: lanes, step: step, into: losses, scratch: scratch)
  }
}
