// The phases of a step: see Optimizer. They are inlinable, so that a module which knows the rule and
// the controller gets them specialised.

extension Optimizer {
  /// One state vector, for those that fill or encode it.
  func stateVector(_ index: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(
      start: memory.elements(at: layout.stateOffset, of: Scalar.self) + index * layout.stride,
      count: parameterCount)
  }

  /// Elements that threads share.
  @inlinable @inline(__always) var usedThreads: Int {
    parameterCount >= VectorKernels.threadedLength ? threads : 1
  }

  /// ⟨u_{t−1}, g_t⟩, ‖u_{t−1}‖ and ‖g_t‖, those that are needed, in one pass.
  @inlinable @inline(__always)
  func reduce(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, takingNotes: Bool
  ) -> StepFacts {
    var facts = StepFacts()
    let penalty = rule.penalty
    let clips = rule.needs.contains(.gradientNorm)
    var wanted: VectorKernels.Wanted = []
    if progress.hasDirection {
      if needs.contains(.alignment) { wanted.insert(.alignment) }
      if needs.contains(.previousDirectionNorm) { wanted.insert(.directionSquare) }
    }
    if needs.contains(.gradientNorm) || (clips && penalty == 0) { wanted.insert(.gradientSquare) }
    if wanted.rawValue != 0 {
      let sums = sums(wanted, theta, g, penalty: penalty)
      facts.alignment = sums.alignment
      if wanted.rawValue != VectorKernels.Wanted.alignment.rawValue {
        facts.gradientNorm = sums.gradientSquare.squareRoot()
        facts.previousDirectionNorm = sums.directionSquare.squareRoot()
      }
    }
    if clips {
      facts.rawGradientNorm =
        penalty == 0
        ? facts.gradientNorm
        : sums(.gradientSquare, theta, g, penalty: 0).gradientSquare.squareRoot()
    }
    if takingNotes, progress.hasDirection { reduceTrace(theta, g, &facts) }
    return facts
  }

  /// ⟨u_t, g_t⟩ and ‖u_t‖.
  @inlinable
  func reduceAgain(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ facts: inout StepFacts
  ) {
    var wanted: VectorKernels.Wanted = []
    if needs.contains(.directionAlignment) { wanted.insert(.alignment) }
    if needs.contains(.directionNorm) { wanted.insert(.directionSquare) }
    let sums = sums(wanted, theta, g, penalty: rule.penalty)
    facts.directionAlignment = sums.alignment
    facts.directionNorm = sums.directionSquare.squareRoot()
  }

  /// Sums of the kept direction and of g = ±∇f + penalty·θ.
  @inlinable @inline(__always)
  func sums(
    _ wanted: VectorKernels.Wanted, _ theta: UnsafeMutablePointer<Scalar>,
    _ g: UnsafePointer<Scalar>, penalty: Double
  ) -> VectorKernels.Sums {
    // −∇f + λθ is the negative of ∇f − λθ, to the last bit.
    let signedPenalty = rule.maximizes ? -penalty : penalty
    let u = memory.elements(at: layout.directionOffset, of: Scalar.self)
    let kind = VectorKernels.kind(of: Scalar.self)
    var sums: VectorKernels.Sums
    if kind == 0 {
      sums = Reductions.sums(
        wanted, u, g, penalty: Scalar.nearest(to: signedPenalty), theta, count: parameterCount)
    } else {
      sums = VectorKernels.sums(
        wanted, kind: kind, count: parameterCount, direction: u, gradient: g,
        parameters: penalty == 0 ? nil : UnsafeRawPointer(theta), penalty: signedPenalty,
        threads: usedThreads)
    }
    if rule.maximizes { sums.alignment = 0 - sums.alignment }
    return sums
  }

  /// u_t into the kept vector or the scratch strip; θ −= η·u_t in the same pass, where η is known
  /// already.
  @inlinable @inline(__always)
  mutating func writeDirection(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, gradientNorm: Double,
    loss: Double, thenStepBy eta: Double?
  ) {
    if !isKnownUniquelyReferenced(&memory) { memory = memory.copy() }
    let step = RuleStep(
      index: progress.ruleSteps, gradientNorm: gradientNorm, loss: loss,
      scalars: memory.scalars())
    let strip = Strip(
      count: parameterCount, gradient: g, parameters: UnsafePointer(theta),
      direction: memory.elements(at: layout.directionOffset, of: Scalar.self),
      state: memory.elements(at: layout.stateOffset, of: Scalar.self), stride: layout.stride,
      room: layout.directionCount, threads: usedThreads)
    var move: StripMove<Scalar>?
    if let eta { move = StripMove(parameters: theta, rate: eta, keepsDirection: keepsDirection) }
    rule.begin(step)
    let penalty = rule.penalty
    let makesGradient = penalty != 0 || rule.maximizes
    if rule.needs.contains(.survey) { rule.survey(parts: strip, step) }
    if !makesGradient, rule.accelerated(strip, step, moving: move) { return }
    writeParts(strip, step, move, makesGradient: makesGradient)
  }

  /// The same part by part, where the rule has no faster way or its gradient must be made first.
  @inlinable
  func writeParts(
    _ strip: Strip<Scalar>, _ step: RuleStep, _ move: StripMove<Scalar>?, makesGradient: Bool
  ) {
    let length = strip.partLength()
    var start = 0
    while start < strip.count {
      var part = strip.part(from: start, count: min(length, strip.count - start))
      var partMove: StripMove<Scalar>?
      if let move { partMove = move.part(from: start) }
      start += part.count
      if makesGradient {
        part = part.withGradient(penalty: rule.penalty, maximizes: rule.maximizes)
        if rule.accelerated(part, step, moving: partMove) { continue }
      }
      rule.direction(part, step)
      if let partMove {
        partMove.move(
          along: UnsafePointer(part.direction), count: part.count, threads: part.threads)
      }
    }
  }

  /// θ −= rate·u with the kept direction.
  @inlinable @inline(__always)
  func apply(_ theta: UnsafeMutablePointer<Scalar>, rate: Double) {
    let u = memory.elements(at: layout.directionOffset, of: Scalar.self)
    StripMove(parameters: theta, rate: rate, keepsDirection: true)
      .move(along: UnsafePointer(u), count: parameterCount, threads: usedThreads)
  }

  /// Counts a step that the owner has taken by itself.
  @inlinable mutating func noteStep(rate: Double) {
    progress.stepCount += 1
    progress.learningRate = rate
    progress.hasDirection = keepsDirection
  }

  @usableFromInline mutating func learnNeeds() {
    needs = currentController.needs
    takesNotes = needs.containsPreviousDirectionAlignment || keepsTrace || keepsBest
    precondition(
      keepsDirection || !(needs.containsDirection || currentController.keepsDirection),
      "this optimizer keeps no direction, since its first controller needed none")
    precondition(
      keepsTrace || !needs.containsTrace,
      "this optimizer keeps no trace, since its first controller needed none")
    precondition(
      keepsBest || !currentController.keepsBest,
      "this optimizer keeps no best parameters, since its first controller needed none")
  }

  @usableFromInline func stopForLoss() -> Never {
    preconditionFailure("the rule needs the loss: pass it to step(_:gradient:loss:)")
  }

  @usableFromInline func stopForLengths(_ parameters: Int, _ gradient: Int) -> Never {
    preconditionFailure(
      "the optimizer was made for \(parameterCount) parameters, and was given "
        + "\(parameters) parameters and \(gradient) gradient elements")
  }
}
