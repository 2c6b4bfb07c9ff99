internal import HypergradientRecipes
internal import Hypergradient

/// Forms of the task's functions on arrays, for tests and tools. They allocate, and their scratch
/// begins as NaN, so that a task that reads what it has not written shows.
extension BenchmarkTask {
  /// The exact loss at `theta`.
  public func loss(at theta: [Scalar], step: Int = 0) -> Double {
    withScratch { loss(at: checked(theta), step: step, scratch: $0) }
  }

  /// The exact gradient at `theta`.
  public func exactGradient(at theta: [Scalar], step: Int = 0) -> [Scalar] {
    withScratch { scratch in
      filled { exactGradient(at: checked(theta), step: step, into: $0, scratch: scratch) }
    }
  }

  /// The loss and the gradient that a trainer sees.
  public func gradient(
    at theta: [Scalar], step: Int, draws: Draws<Scalar>
  ) -> (loss: Double, gradient: [Scalar]) {
    withScratch { scratch in
      var loss = 0.0
      let seen = filled {
        loss = gradient(at: checked(theta), step: step, draws: draws, into: $0, scratch: scratch)
      }
      return (loss, seen)
    }
  }

  private func checked(_ theta: [Scalar]) -> [Scalar] {
    require(
      theta.count == dimension, "\(theta.count) parameters for a task of \(dimension)")
    return theta
  }

  private func withScratch<Result>(
    _ body: (UnsafeMutablePointer<Scalar>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: max(1, scratchCount)) { scratch in
      scratch.initialize(repeating: .nan)
      return body(scratch.baseAddress!)
    }
  }

  private func filled(_ body: (UnsafeMutablePointer<Scalar>) -> Void) -> [Scalar] {
    var values = [Scalar](repeating: .nan, count: dimension)
    values.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    return values
  }
}
