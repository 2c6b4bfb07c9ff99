internal import HypergradientRecipes

// The phases of a step: see Optimizer. They are inlinable, so that a module which knows the rule and
// the controller gets them specialised.

extension Optimizer {
  /// ⟨u_{t−1}, g_t⟩, ‖u_{t−1}‖ and ‖g_t‖, those that are needed, in one pass; returns ‖∇f‖ where the
  /// rule asks for it.
  @inlinable @inline(__always)
  func reduce(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective,
    _ facts: RuleRequirements.Facts, _ signals: inout StepSignals, takingNotes: Bool
  ) -> Double {
    var rawGradientNorm = Double.nan
    let clips = facts.contains(.gradientNorm)
    let wanted = wantedSums(of: objective, clips: clips)
    if wanted.rawValue == VectorKernels.Wanted.alignment.rawValue {
      signals.set(.alignment, alignment(theta, g, of: objective))
    } else if wanted.rawValue != 0 {
      let found = measures(wanted, theta, g, of: objective)
      signals.set(.alignment, found.alignment)
      signals.set(.gradientNorm, found.gradientNorm)
      signals.set(.previousDirectionNorm, found.directionNorm)
      signals.exactCosines[0] = found.exactCosine
      if clips { rawGradientNorm = found.gradientNorm }
    }
    if clips, objective.penalty != 0 {
      rawGradientNorm = measures(.gradientSquare, theta, g, of: .plain).gradientNorm
    }
    if takingNotes, progress.hasDirection { reduceTrace(theta, g, &signals) }
    return rawGradientNorm
  }

  /// The sums that the controller needs before there is a new direction, or the rule.
  @inlinable @inline(__always)
  func wantedSums(of objective: Objective, clips: Bool) -> VectorKernels.Wanted {
    var wanted: VectorKernels.Wanted = []
    if progress.hasDirection {
      if needs.contains(.alignment) { wanted.insert(.alignment) }
      if needs.contains(.previousDirectionNorm) { wanted.insert(.directionSquare) }
    }
    if needs.contains(.gradientNorm) || (clips && objective.penalty == 0) {
      wanted.insert(.gradientSquare)
    }
    return wanted
  }

  /// ⟨u_t, g_t⟩ and ‖u_t‖.
  @inlinable
  func reduceAgain(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    _ signals: inout StepSignals
  ) {
    var wanted: VectorKernels.Wanted = []
    if needs.contains(.directionAlignment) { wanted.insert(.alignment) }
    if needs.contains(.directionNorm) { wanted.insert(.directionSquare) }
    let found = measures(wanted, theta, g, of: objective)
    signals.set(.directionAlignment, found.alignment)
    signals.set(.directionNorm, found.directionNorm)
  }

  /// ⟨u, g⟩ alone: no roots are taken.
  @inlinable @inline(__always)
  func alignment(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective
  ) -> Double {
    let sums = sums(.alignment, theta, g, of: objective)
    return Norms.isSafe(sums.alignment.magnitude)
      ? sums.alignment : measuresScaled(sums, .alignment, theta, g, of: objective).alignment
  }

  /// ⟨u, g⟩, ‖g‖ and ‖u‖, those that are wanted. It stands apart, so that a step which needs none of
  /// the norms is short enough to be inlined.
  @inlinable @inline(never)
  func measures(
    _ wanted: VectorKernels.Wanted, _ theta: UnsafeMutablePointer<Scalar>,
    _ g: UnsafePointer<Scalar>, of objective: Objective
  ) -> Measures {
    let sums = sums(wanted, theta, g, of: objective)
    return sums.areOrdinary(wanted)
      ? Measures(sums) : measuresScaled(sums, wanted, theta, g, of: objective)
  }

  /// The same where a plain sum has overflowed or vanished.
  @usableFromInline @inline(never)
  func measuresScaled(
    _ sums: VectorKernels.Sums, _ wanted: VectorKernels.Wanted,
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective
  ) -> Measures {
    let (u, count) = (host.u, parameterCount)
    let penalty = Scalar.nearest(to: objective.maximizes ? -objective.penalty : objective.penalty)
    func direction(_ i: Int) -> Double { Double(u[i]) }
    func gradient(_ i: Int) -> Double {
      let value = penalty == 0 ? g[i] : g[i] + penalty * theta[i]
      return Double(objective.maximizes ? -value : value)
    }
    return Measures(scaled: sums, wanted, count: count, direction, gradient)
  }

  /// Sums of the kept direction and of g = ±∇f + λθ.
  @inlinable @inline(__always)
  func sums(
    _ wanted: VectorKernels.Wanted, _ theta: UnsafeMutablePointer<Scalar>,
    _ g: UnsafePointer<Scalar>, of objective: Objective
  ) -> VectorKernels.Sums {
    // −∇f + λθ is the negative of ∇f − λθ, to the last bit.
    let penalty = objective.maximizes ? -objective.penalty : objective.penalty
    let kind = VectorKernels.kind(of: Scalar.self)
    var sums: VectorKernels.Sums
    if kind == 0 {
      sums = Reductions.sums(
        wanted, host.u, g, penalty: Scalar.nearest(to: penalty), theta, count: parameterCount)
    } else {
      sums = VectorKernels.sums(
        wanted, kind: kind, count: parameterCount, direction: host.u, gradient: g,
        parameters: penalty == 0 ? nil : UnsafeRawPointer(theta), penalty: penalty,
        threads: host.usedThreads)
    }
    if objective.maximizes { sums.alignment = 0 - sums.alignment }
    return sums
  }

  @inlinable @inline(__always)
  mutating func write(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, of objective: Objective,
    _ facts: RuleRequirements.Facts, _ gradientNorm: Double, _ loss: Double,
    thenStepBy eta: Double?
  ) {
    host.write(
      theta, g, of: objective, facts, gradientNorm: gradientNorm, loss: loss, thenStepBy: eta)
  }

  /// The step as controllers and schedules see it: none that was refused, or whose gradient was discarded
  /// with a number that is not finite.
  @inlinable @inline(__always)
  var countedSteps: Int { progress.stepCount - host.refusedSteps - progress.uncountedSteps }

  /// A step along no new direction, skipped, retaken or restored, is none of a schedule's where its
  /// gradient or loss is not finite.
  @usableFromInline @inline(never)
  mutating func noteDiscarded(_ gradient: UnsafeBufferPointer<Scalar>, _ loss: Double?) {
    let isFinite =
      (loss?.isFinite ?? true)
      && (gradient.baseAddress.map { VectorLoops.isFinite($0, count: gradient.count) } ?? true)
    if !isFinite { progress.uncountedSteps += 1 }
  }

  /// Counts a step that the owner has taken by itself.
  @inlinable mutating func noteStep(rate: Double) {
    host.steps += 1
    progress.stepCount += 1
    progress.learningRate = rate
    progress.hasDirection = keepsDirection
  }

  /// Whether a step keeps more than the rule's state and the direction.
  @inlinable var takesNotes: Bool {
    needs.contains(.previousDirectionAlignment) || keepsTrace || keepsBest
  }

  /// What ``isPlain`` is.
  var stepsPlainly: Bool {
    !takesNotes && !needs.containsNewDirection && host.facts.isEmpty && !objective.changesGradient
  }

  @usableFromInline mutating func learnNeeds() {
    let wanted = Wanted(currentController)
    needs = currentController.needs
    isPlain = stepsPlainly
    func refuse(_ vector: String) -> String {
      "this optimizer keeps no \(vector), since its first controller needed none"
    }
    require(keepsDirection || !wanted.direction, refuse("direction"))
    require(keepsTrace || !wanted.trace, refuse("trace"))
    require(keepsBest || !wanted.best, refuse("best parameters"))
  }

  @usableFromInline func stopForDecision(_ decision: StepDecision) -> Never {
    if needs.containsNewDirection {
      stop(
        "a controller that looks at the new direction can only step, not \(decision): the rule has "
          + "moved")
    }
    stop(
      "the controller decided to \(decision), and its requirements did not say that it may: "
        + "keepsDirection (or a signal of the last direction) to retake, keepsBest to restore")
  }

  @usableFromInline func stopForLoss() -> Never {
    stop("the rule needs the loss: pass it to step(_:gradient:loss:)")
  }

  @usableFromInline func stopForLengths(_ parameters: Int, _ gradient: Int) -> Never {
    stop(
      "the optimizer was made for \(parameterCount) parameters, and was given "
        + "\(parameters) parameters and \(gradient) gradient elements")
  }
}
