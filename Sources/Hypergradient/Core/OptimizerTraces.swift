// What an optimizer keeps beside the rule's state and u_{t−1}, for the controllers that ask: the trace
// of the directions, and a copy of the best parameters.

extension Optimizer {
  @usableFromInline @inline(never)
  mutating func stepTakingNotes(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, _ metric: Double??, _ epoch: Double?
  ) -> StepDecision {
    take(parameters, gradient, loss, metric, epoch, takingNotes: true)
  }

  /// ⟨u_{t−1}, g_{t−1}⟩, ⟨T_{t−1}, g_t⟩ and ‖T_{t−1}‖.
  @usableFromInline func reduceTrace(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ signals: inout StepSignals
  ) {
    signals.set(.previousDirectionAlignment, progress.directionAlignment)
    guard keepsTrace else { return }
    let trace = UnsafePointer(host.ownVector(0).baseAddress!)
    if needs.contains(.traceAlignment) {
      let sign: Double = objective.maximizes ? -1 : 1
      let sum =
        objective.penalty == 0
        ? VectorLoops.dot(trace, g, count: parameterCount)
        : Reductions.dot(
          trace, g, penalty: Scalar.nearest(to: sign * objective.penalty), UnsafePointer(theta),
          count: parameterCount)
      signals.set(.traceAlignment, sign * sum)
    }
    if needs.contains(.traceNorm) {
      signals.set(
        .traceNorm, VectorLoops.dot(trace, trace, count: parameterCount).squareRoot())
    }
  }

  /// Before θ moves along u_t: ⟨u_t, g_t⟩ and T_t = d·T_{t−1} + u_t, where they are needed.
  @usableFromInline mutating func noteDirection(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>
  ) {
    if needs.contains(.previousDirectionAlignment) {
      progress.directionAlignment = sums(.alignment, theta, g, of: objective).alignment
    }
    guard keepsTrace else { return }
    let decay = progress.hasDirection ? currentController.requirements.traceDecay : 0
    VectorLoops.decayAndAdd(
      host.ownVector(0).baseAddress!, Scalar.nearest(to: decay), 1, UnsafePointer(host.u),
      parameterCount)
  }

  /// The copy of the best parameters.
  private var best: UnsafeMutableBufferPointer<Scalar> { host.ownVector(keepsTrace ? 1 : 0) }

  /// Copies θ, if the controller says that it is the best so far.
  @usableFromInline mutating func noteBest(_ parameters: UnsafeMutableBufferPointer<Scalar>) {
    guard keepsBest, currentController.requirements.isBest else { return }
    host.makeUnique()
    _ = best.update(fromContentsOf: parameters)
    progress.hasBest = true
  }

  @usableFromInline func restoreBest(_ parameters: UnsafeMutableBufferPointer<Scalar>) {
    if progress.hasBest { _ = parameters.update(fromContentsOf: best) }
  }
}
