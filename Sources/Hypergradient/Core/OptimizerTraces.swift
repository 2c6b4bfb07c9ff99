// What an optimizer keeps beside the rule's state and u_{t−1}, for the controllers that ask: the trace
// of the directions, and a copy of the best parameters.

extension Optimizer {
  @usableFromInline @inline(never)
  mutating func stepTakingNotes(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, _ metric: Double?, _ epoch: Double?
  ) -> StepDecision {
    take(parameters, gradient, loss, metric, epoch, takingNotes: true)
  }

  /// One kept vector.
  func vector(at offset: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: memory.elements(at: offset, of: Scalar.self), count: parameterCount)
  }

  /// ⟨u_{t−1}, g_{t−1}⟩, ⟨T_{t−1}, g_t⟩ and ‖T_{t−1}‖.
  @usableFromInline func reduceTrace(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ facts: inout StepFacts
  ) {
    facts.traces[0] = progress.directionAlignment
    guard keepsTrace else { return }
    let trace = UnsafePointer(memory.elements(at: layout.traceOffset, of: Scalar.self))
    if needs.contains(.traceAlignment) {
      let sign: Double = rule.maximizes ? -1 : 1
      let sum =
        rule.penalty == 0
        ? VectorLoops.dot(trace, g, count: parameterCount)
        : Reductions.dot(
          trace, g, penalty: Scalar.nearest(to: sign * rule.penalty), UnsafePointer(theta),
          count: parameterCount)
      facts.traces[1] = sign * sum
    }
    if needs.contains(.traceNorm) {
      facts.traces[2] = VectorLoops.dot(trace, trace, count: parameterCount).squareRoot()
    }
  }

  /// Before θ moves along u_t: ⟨u_t, g_t⟩ and T_t = d·T_{t−1} + u_t, where they are needed.
  @usableFromInline mutating func noteDirection(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>
  ) {
    if needs.containsPreviousDirectionAlignment {
      progress.directionAlignment =
        sums(.alignment, theta, g, penalty: rule.penalty).alignment
    }
    guard keepsTrace else { return }
    let u = UnsafePointer(memory.elements(at: layout.directionOffset, of: Scalar.self))
    let decay = progress.hasDirection ? currentController.traceDecay : 0
    VectorLoops.decayAndAdd(
      memory.elements(at: layout.traceOffset, of: Scalar.self), Scalar.nearest(to: decay), 1, u,
      parameterCount)
  }

  /// Copies θ, if the controller says that it is the best so far.
  @usableFromInline mutating func noteBest(_ parameters: UnsafeMutableBufferPointer<Scalar>) {
    guard keepsBest, currentController.isBest else { return }
    if !isKnownUniquelyReferenced(&memory) { memory = memory.copy() }
    _ = vector(at: layout.bestOffset).update(fromContentsOf: parameters)
    progress.hasBest = true
  }

  @usableFromInline func restoreBest(_ parameters: UnsafeMutableBufferPointer<Scalar>) {
    if progress.hasBest {
      _ = parameters.update(fromContentsOf: vector(at: layout.bestOffset))
    }
  }
}
