/// A task whose runs can advance together, interleaved: element i of run r stands at
/// `[i * lanes + r]`, for a number of lanes that is a multiple of 8. Each run has the bits of the run
/// alone.
public protocol LaneTask<Scalar>: BenchmarkTask {
  /// Scratch elements a lane that the two functions below need.
  var laneScratchCount: Int { get }

  /// ``BenchmarkTask/gradient(at:step:draws:into:scratch:)`` of `lanes` runs at once.
  ///
  /// - Parameter losses: takes one loss a run; `nil` where nobody asks for them.
  func laneGradient(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, losses: UnsafeMutablePointer<Double>?,
    scratch: UnsafeMutablePointer<Scalar>
  )

  /// ``BenchmarkTask/loss(at:step:scratch:)`` of `lanes` runs at once.
  func laneLosses(
    at theta: UnsafePointer<Scalar>, lanes: Int, step: Int,
    into losses: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Scalar>
  )

  /// θᵢ −= rate·uᵢ, then ``laneGradient(at:lanes:step:draws:into:losses:scratch:)`` there without
  /// losses, and Σ uᵢ·gᵢ of each run, all in one pass over memory, with the bits of a run alone.
  ///
  /// - Returns: false, and nothing is written, where the task has no such pass, as most.
  func laneGradient(
    moving theta: UnsafeMutablePointer<Scalar>, by rates: UnsafePointer<Scalar>,
    along u: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, alignments: UnsafeMutablePointer<Double>
  ) -> Bool
}

extension LaneTask {
  public func laneGradient(
    moving theta: UnsafeMutablePointer<Scalar>, by rates: UnsafePointer<Scalar>,
    along u: UnsafePointer<Scalar>, lanes: Int, step: Int, draws: Draws<Scalar>,
    into gradient: UnsafeMutablePointer<Scalar>, alignments: UnsafeMutablePointer<Double>
  ) -> Bool { false }
}
