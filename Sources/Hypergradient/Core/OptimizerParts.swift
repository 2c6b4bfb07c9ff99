// Steps of an optimizer whose parameters are a part of all: its sums are added to those of the others,
// see StepSums. Every part has the whole controller, and gets the same numbers.

extension Optimizer {
  /// Why the rule can't take its step part by part: it surveys the whole gradient, or is guarded, and
  /// then what one part finds is every part's affair. `nil` where it can.
  public var faultInParts: String? {
    if host.facts.contains(.survey) {
      return "the rule looks at the whole gradient before its first direction"
    }
    if host.facts.contains(.guarded) {
      return "a guarded rule looks at all of a direction before it moves"
    }
    return nil
  }

  /// Whether the controller looks at the new direction, so that ``makeDirection(_:gradient:all:loss:)``
  /// stands between the sums and the step.
  @inlinable public var looksAhead: Bool { needs.containsNewDirection }

  /// What is wrong with the next step of a trainer that passes these; `nil` where nothing is.
  public func fault(loss: Double?, passing metric: Double??, epoch: Double?) -> StepFault? {
    if host.facts.contains(.loss) || needs.contains(.loss), loss == nil { return .missing(.loss) }
    if needs.contains(.metric), metric == nil { return .missing(.metric) }
    if needs.contains(.epoch), epoch == nil { return .missing(.epoch) }
    if let epoch, !(epoch >= 0 && epoch.isFinite) { return .value(.epoch, epoch) }
    if let end = currentController.requirements.end(afterSteps: countedSteps, epoch: epoch) {
      return .ended(end)
    }
    return rule.fault(atStep: host.steps).map(StepFault.ended)
  }

  /// This part's sums, before the step.
  ///
  /// - Precondition: both have `parameterCount` elements, and ``faultInParts`` is `nil`.
  /// - Complexity: O(`parameterCount`), one pass; allocates nothing.
  public func sums(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>
  ) -> StepSums {
    expectPart(parameters.count, gradient.count)
    var all = StepSums()
    guard let theta = parameters.baseAddress, let g = gradient.baseAddress, parameterCount > 0
    else { return all }
    let clips = host.facts.contains(.gradientNorm)
    var wanted = wantedSums(of: objective, clips: clips)
    // Of a controller that may discard a gradient, whether it is finite has to be known.
    if !currentController.requirements.alwaysSteps { wanted.insert(.gradientSquare) }
    if wanted.rawValue != 0 {
      let found = sums(wanted, theta, g, of: objective)
      all.alignment = found.alignment
      all.gradientSquare = found.gradientSquare
      all.previousDirectionSquare = found.directionSquare
    }
    if clips {
      all.plainGradientSquare =
        objective.penalty == 0
        ? all.gradientSquare : sums(.gradientSquare, theta, g, of: .plain).gradientSquare
    }
    if takesNotes, progress.hasDirection {
      var signals = StepSignals(step: 0)
      reduceTrace(theta, g, &signals)
      signals.pass([.previousDirectionAlignment, .traceAlignment, .traceNorm])
      all.previousDirectionAlignment = signals.previousDirectionAlignment
      all.traceAlignment = signals.traceAlignment
      all.traceSquare = signals.traceNorm * signals.traceNorm
    }
    return all
  }

  /// Makes u_t without moving, where ``looksAhead``; returns its sums.
  ///
  /// - Parameter all: the total of ``sums(_:gradient:)`` over the parts.
  public mutating func makeDirection(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    all: StepSums, loss: Double?
  ) -> StepSums {
    expectPart(parameters.count, gradient.count)
    var own = StepSums()
    guard let theta = parameters.baseAddress, let g = gradient.baseAddress, parameterCount > 0
    else { return own }
    write(
      theta, g, of: objective, host.facts, all.plainGradientSquare.squareRoot(), seen(loss),
      thenStepBy: nil)
    var wanted: VectorKernels.Wanted = []
    if needs.contains(.directionAlignment) { wanted.insert(.alignment) }
    if needs.contains(.directionNorm) { wanted.insert(.directionSquare) }
    let found = sums(wanted, theta, g, of: objective)
    own.directionAlignment = found.alignment
    own.directionSquare = found.directionSquare
    return own
  }

  /// The step, decided from the sums over all parts.
  ///
  /// - Parameters:
  ///   - gradient: `nil` for a part that has none at this step, and does not move along a new direction;
  ///     its sums count as zero.
  ///   - all: the total of ``sums(_:gradient:)``, and where the optimizer ``looksAhead`` of
  ///     ``makeDirection(_:gradient:all:loss:)``, over the parts.
  ///   - metric: `nil` of a trainer that has none, `.some(nil)` at a step that has none.
  /// - Precondition: ``fault(loss:passing:epoch:)`` is `nil`.
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>?,
    all: StepSums, loss: Double? = nil, passing metric: Double?? = nil, epoch: Double? = nil
  ) -> StepDecision {
    expectPart(parameters.count, gradient?.count ?? parameterCount)
    let loss = loss.map { objective.seen($0) }
    let signals = signals(all, loss, metric, epoch)
    let decision = currentController.decide(signals)
    if takesNotes { noteBest(parameters) }
    let theta = parameterCount > 0 ? parameters.baseAddress : nil
    switch decision {
    case .step(let eta):
      if let theta, let g = gradient?.baseAddress {
        move(theta, g, by: eta, all, loss ?? .nan)
      }
      progress.hasDirection = keepsDirection && gradient != nil
      progress.learningRate = eta
    case .skip:
      if looksAhead { stopForDecision(decision) }
      progress.stepCounts.skipped += 1
      noteDiscarded(all, loss)
    case .retake, .restore:
      takeBack(parameters, decision)
      noteDiscarded(all, loss)
    }
    progress.stepCount += 1
    return decision
  }

  /// As of one vector: see ``noteDiscarded(_:_:)``.
  private mutating func noteDiscarded(_ all: StepSums, _ loss: Double?) {
    if !all.isFinite || !(loss?.isFinite ?? true) { progress.uncountedSteps += 1 }
  }

  private mutating func move(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, by eta: Double,
    _ all: StepSums, _ seenLoss: Double
  ) {
    let norm = all.plainGradientSquare.squareRoot()
    guard looksAhead || takesNotes else {
      return write(theta, g, of: objective, host.facts, norm, seenLoss, thenStepBy: eta)
    }
    if !looksAhead {
      write(theta, g, of: objective, host.facts, norm, seenLoss, thenStepBy: nil)
    }
    if takesNotes { noteDirection(theta, g) }
    host.apply(theta, rate: eta)
  }

  private func signals(
    _ all: StepSums, _ loss: Double?, _ metric: Double??, _ epoch: Double?
  ) -> StepSignals {
    var signals = StepSignals(step: countedSteps)
    if let metric { signals.metric = metric }
    if let epoch { signals[.epoch] = epoch }
    if let loss { signals[.loss] = loss }
    signals.set(.alignment, all.alignment)
    signals.set(.gradientNorm, all.gradientSquare.squareRoot())
    signals.set(.previousDirectionNorm, all.previousDirectionSquare.squareRoot())
    signals.set(.previousDirectionAlignment, all.previousDirectionAlignment)
    signals.set(.traceAlignment, all.traceAlignment)
    signals.set(.traceNorm, all.traceSquare.squareRoot())
    signals.set(.directionAlignment, all.directionAlignment)
    signals.set(.directionNorm, all.directionSquare.squareRoot())
    signals.pass(needs.subtracting(.ofTrainer))
    return signals
  }

  private func seen(_ loss: Double?) -> Double { loss.map { objective.seen($0) } ?? .nan }

  private func expectPart(_ parameters: Int, _ gradient: Int) {
    if parameters != parameterCount || gradient != parameterCount {
      stopForLengths(parameters, gradient)
    }
  }
}

// The same of an optimizer without its type.
extension AnyOptimizer {
  /// See ``Optimizer/faultInParts``.
  public var faultInParts: String? { base.faultInParts }
  /// See ``Optimizer/looksAhead``.
  public var looksAhead: Bool { base.looksAhead }
  /// What the controller asks of the trainer now.
  public var controllerRequirements: ControllerRequirements { base.controllerRequirements }

  /// See ``Optimizer/fault(loss:passing:epoch:)``.
  public func fault(loss: Double?, passing metric: Double??, epoch: Double?) -> StepFault? {
    base.fault(loss: loss, passing: metric, epoch: epoch)
  }

  /// See ``Optimizer/sums(_:gradient:)``.
  public func sums(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>
  ) -> StepSums {
    base.sums(parameters, gradient: gradient)
  }

  /// See ``Optimizer/makeDirection(_:gradient:all:loss:)``.
  public mutating func makeDirection(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    all: StepSums, loss: Double?
  ) -> StepSums {
    base.makeDirection(parameters, gradient: gradient, all: all, loss: loss)
  }

  /// See ``Optimizer/step(_:gradient:all:loss:passing:epoch:)``.
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>?,
    all: StepSums, loss: Double? = nil, passing metric: Double?? = nil, epoch: Double? = nil
  ) -> StepDecision {
    base.step(
      parameters, gradient: gradient, all: all, loss: loss, passing: metric, epoch: epoch)
  }
}
