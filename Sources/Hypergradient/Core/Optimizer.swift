/// An update rule times a learning-rate controller, with the state of both.
///
///     g_t = ∇f(θ_{t−1}) + λ θ_{t−1}
///     η_t = controller(⟨u_{t−1}, g_t⟩, …)
///     u_t = rule(g_t, θ_{t−1}, state)
///     θ_t = θ_{t−1} − η_t · u_t
///
/// η_t is learned from g_t and u_{t−1} before θ moves. A step runs only the phases that its rule and
/// controller need: *reduce* (⟨u_{t−1}, g⟩, norms) → η → *direction and apply*, strip by strip; for
/// a controller that looks at the new direction, *reduce* → *direction* → *reduce again* → η →
/// *apply*. It is a value: a copy goes on with the same bits.
///
/// Where the rule has a kernel, u and θ are written in one pass over memory, shared out to
/// ``threads``; the bits are those of the plain rule, with any number of threads.
///
/// - Complexity: memory is `memoryVectors` vectors as long as the parameters; a step allocates
///   nothing.
public struct Optimizer<Rule: UpdateRule, Controller: LearningRateController>: Sendable {
  public typealias Scalar = Rule.Scalar

  public let parameterCount: Int
  /// Threads that share the elements of a long vector (from 65536 elements), at least 1. They wait by
  /// spinning for some tens of microseconds between steps. Not part of a checkpoint.
  public var threads = 1 {
    didSet { precondition(threads >= 1, "\(threads) threads can't take a step") }
  }
  @usableFromInline var progress: OptimizerProgress
  /// What the controller reads.
  @usableFromInline var needs: StepSignals.Needs
  /// Whether u_{t−1} is kept.
  @usableFromInline let keepsDirection: Bool
  /// Whether the trace of the directions is kept.
  @usableFromInline let keepsTrace: Bool
  /// Whether a copy of the best parameters is kept.
  @usableFromInline let keepsBest: Bool
  /// Whether a step keeps more than the rule's state and the direction.
  @usableFromInline var takesNotes: Bool
  @usableFromInline let layout: OptimizerLayout
  @usableFromInline var memory: OptimizerMemory
  @usableFromInline var currentController: Controller
  /// The rule; its hyperparameters may be changed between steps.
  public var rule: Rule

  /// The controller; a plateau is told its metric through it.
  ///
  /// - Precondition: one that is put in its place needs the direction only if the first did.
  @inlinable public var controller: Controller {
    get { currentController }
    _modify {
      defer { learnNeeds() }
      yield &currentController
    }
  }

  /// - Precondition: `parameterCount` is at least 0.
  public init(_ rule: Rule, _ controller: Controller, parameterCount: Int) {
    precondition(parameterCount >= 0, "parameterCount is \(parameterCount), not a count")
    let scalars = rule.initialScalars
    self.rule = rule
    self.parameterCount = parameterCount
    currentController = controller
    progress = OptimizerProgress(learningRate: controller.learningRate)
    needs = controller.needs
    keepsDirection = needs.containsDirection || controller.keepsDirection
    keepsTrace = needs.containsTrace
    keepsBest = controller.keepsBest
    takesNotes = needs.containsPreviousDirectionAlignment || keepsTrace || keepsBest
    layout = OptimizerLayout(
      of: Scalar.self, scalars: scalars.count, stateVectors: rule.stateVectorCount,
      parameterCount: parameterCount, keepsDirection: keepsDirection, keepsTrace: keepsTrace,
      keepsBest: keepsBest)
    memory = OptimizerMemory(byteCount: layout.byteCount)
    for (index, scalar) in scalars.enumerated() { memory.scalars()[index] = scalar }
    for index in 0..<layout.stateVectorCount {
      let first = rule.initialValue(ofStateVector: index)
      if first != 0 { stateVector(index).update(repeating: first) }
    }
  }

  /// Steps taken, retaken, skipped or restored.
  @inlinable public var stepCount: Int { progress.stepCount }
  /// Steps skipped at the controller's word.
  @inlinable public var skippedSteps: Int { progress.skippedSteps }
  /// Steps retaken at the controller's word.
  @inlinable public var retakenSteps: Int { progress.retakenSteps }
  /// Returns to the best parameters, at the controller's word.
  @inlinable public var restoredSteps: Int { progress.restoredSteps }
  /// The rate that the last step applied; the controller's initial rate before the first.
  @inlinable public var learningRate: Double { progress.learningRate }

  /// Vectors kept between steps, each as long as the parameters: the rule's, and u_{t−1}, its trace
  /// and the best parameters where the controller needs them.
  public var memoryVectors: Int {
    layout.stateVectorCount + (keepsDirection ? 1 : 0) + (keepsTrace ? 1 : 0) + (keepsBest ? 1 : 0)
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - parameters: θ, changed in place.
  ///   - gradient: ∇f(θ), as long as θ.
  ///   - loss: the minibatch loss, for a controller or a rule that needs it.
  ///   - metric: a validation metric, at the steps that have one.
  ///   - epoch: epochs begun, a fraction inside one, for a schedule in epochs.
  /// - Precondition: both have `parameterCount` elements, and every signal that the controller
  ///   needs and that the optimizer can't compute is passed.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], gradient: [Scalar], loss: Double? = nil, metric: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        step(parameters, gradient: gradient, loss: loss, metric: metric, epoch: epoch)
      }
    }
  }

  /// One step on spans; see ``step(_:gradient:loss:metric:epoch:)-([Scalar],_,_,_,_)``.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout MutableSpan<Scalar>, gradient: Span<Scalar>, loss: Double? = nil,
    metric: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        step(parameters, gradient: gradient, loss: loss, metric: metric, epoch: epoch)
      }
    }
  }

  /// One step on buffers that do not overlap.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, metric: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    // Two bodies from one text: the plain step takes no notes, and pays for none.
    takesNotes
      ? stepTakingNotes(parameters, gradient, loss, metric, epoch)
      : take(parameters, gradient, loss, metric, epoch, takingNotes: false)
  }

  @inlinable @inline(__always)
  mutating func take(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, _ metric: Double?, _ epoch: Double?, takingNotes: Bool
  ) -> StepDecision {
    if parameters.count != parameterCount || gradient.count != parameterCount {
      stopForLengths(parameters.count, gradient.count)
    }
    let loss = rule.maximizes ? loss.map { -$0 } : loss
    var facts = StepFacts()
    var looksAhead = false
    var seenLoss = Double.nan
    if rule.needs.contains(.loss) {
      guard let loss else { stopForLoss() }
      seenLoss = loss
    }
    if let theta = parameters.baseAddress, let g = gradient.baseAddress, parameterCount > 0 {
      facts = reduce(theta, g, takingNotes: takingNotes)
      looksAhead = needs.containsNewDirection
      if looksAhead {
        writeDirection(
          theta, g, gradientNorm: facts.rawGradientNorm, loss: seenLoss, thenStepBy: nil)
        reduceAgain(theta, g, &facts)
      }
    }
    let decision = currentController.decide(
      StepSignals(
        step: progress.stepCount, epoch: epoch, loss: loss, metric: metric, facts, needs,
        takingNotes: takingNotes))
    if takingNotes { noteBest(parameters) }
    switch decision {
    case .step(let eta):
      if let theta = parameters.baseAddress, let g = gradient.baseAddress, parameterCount > 0 {
        if looksAhead {
          if takingNotes { noteDirection(theta, g) }
          apply(theta, rate: eta)
        } else if takingNotes {
          writeDirection(
            theta, g, gradientNorm: facts.rawGradientNorm, loss: seenLoss, thenStepBy: nil)
          noteDirection(theta, g)
          apply(theta, rate: eta)
        } else {
          writeDirection(
            theta, g, gradientNorm: facts.rawGradientNorm, loss: seenLoss, thenStepBy: eta)
        }
      }
      progress.hasDirection = keepsDirection
      progress.learningRate = eta
    case .skip:
      precondition(
        !looksAhead, "a controller that looks at the new direction can't skip: the rule has moved")
      progress.skippedSteps += 1
    case .retake(let eta):
      precondition(
        keepsDirection && !needs.containsNewDirection,
        "a controller that retakes a step says keepsDirection, or needs the alignment, so that the "
          + "direction is kept")
      if let theta = parameters.baseAddress, parameterCount > 0, progress.hasDirection {
        apply(theta, rate: eta - progress.learningRate)
      }
      progress.retakenSteps += 1
      progress.learningRate = eta
    case .restore(let eta):
      precondition(
        keepsBest && !looksAhead,
        "a controller that restores keeps the best parameters, and does not look at the new direction"
      )
      restoreBest(parameters)
      progress.hasDirection = false
      progress.restoredSteps += 1
      progress.learningRate = eta
    }
    progress.stepCount += 1
    return decision
  }
}
