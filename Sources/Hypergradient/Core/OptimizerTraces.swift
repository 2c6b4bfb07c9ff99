// What an optimizer keeps beside the rule's state and u_{t−1}, for the controllers that ask: the trace
// of the directions, and a copy of the best parameters.

extension Optimizer {
  /// ⟨u_{t−1}, g_{t−1}⟩, ⟨T_{t−1}, g_t⟩ and ‖T_{t−1}‖.
  @usableFromInline func reduceTrace(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ signals: inout StepSignals
  ) {
    signals.set(.previousDirectionAlignment, progress.directionAlignment)
    guard keepsTrace else { return }
    let trace = UnsafePointer(host.ownVector(0).baseAddress!)
    let count = parameterCount
    let sign: Double = objective.maximizes ? -1 : 1
    let penalty = Scalar.nearest(to: sign * objective.penalty)
    func seen(_ i: Int) -> Double {
      sign * Double(penalty == 0 ? g[i] : g[i] + penalty * theta[i])
    }
    var plain = 0.0
    if needs.contains(.traceAlignment) {
      plain =
        sign
        * (objective.penalty == 0
          ? VectorLoops.plainDot(trace, g, count: count)
          : Reductions.dot(trace, g, penalty: penalty, UnsafePointer(theta), count: count))
      signals.set(
        .traceAlignment, Norms.product(plain, count: count, { Double(trace[$0]) }, seen))
    }
    if needs.contains(.traceNorm) {
      let norm = VectorLoops.norm(trace, count: count)
      signals.set(.traceNorm, norm)
      if needs.contains(.traceAlignment), norm > 0,
        !Norms.isSafe(plain.magnitude) || !Norms.isSafe(norm * norm)
      {
        signals.exactCosines[1] = Norms.cosine(count: count, { Double(trace[$0]) }, seen)
      }
    }
  }

  /// Before θ moves along u_t: ⟨u_t, g_t⟩ and T_t = d·T_{t−1} + u_t, where they are needed.
  @usableFromInline mutating func noteDirection(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>
  ) {
    if needs.contains(.previousDirectionAlignment) {
      progress.directionAlignment = alignment(theta, g, of: objective)
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

// Steps of a guarded rule.
extension Optimizer {
  /// A step that is skipped where the gradient, the direction or the rule's state is not finite: the
  /// parameters, the rule and the controller are as they were, and its metric is the next step's.
  @usableFromInline @inline(never)
  mutating func stepGuarded(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, _ metric: Double??, _ epoch: Double?
  ) -> StepDecision {
    if parameters.count != parameterCount || gradient.count != parameterCount {
      stopForLengths(parameters.count, gradient.count)
    }
    if let g = gradient.baseAddress, !VectorLoops.isFinite(g, count: gradient.count) {
      host.refusedSteps += 1
      return noteRefusal(metric)
    }
    let (controller, before, refused) = (currentController, progress, host.refusedSteps)
    let told = progress.missedMetric.taken(metric)
    let decision = take(parameters, gradient, loss, told, epoch, isPlain: false)
    if host.refusedSteps == refused { return decision }
    (currentController, progress) = (controller, before)
    return noteRefusal(metric)
  }

  private mutating func noteRefusal(_ metric: Double??) -> StepDecision {
    progress.missedMetric.keep(metric)
    progress.stepCounts.skipped += 1
    progress.stepCount += 1
    return .skip
  }
}
