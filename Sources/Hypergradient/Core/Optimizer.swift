internal import HypergradientRecipes

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

  /// What is minimised.
  public let objective: Objective
  @usableFromInline var progress: OptimizerProgress
  /// What the controller reads.
  @usableFromInline var needs: StepSignals.Needs
  /// Whether the trace of the directions is kept.
  @usableFromInline let keepsTrace: Bool
  /// Whether a copy of the best parameters is kept.
  @usableFromInline let keepsBest: Bool
  /// Whether a step takes no more than ∇f, u_{t−1} and their sums: the rule asks for no facts, the
  /// objective is f, and the controller needs neither the new direction nor what
  /// ``takesNotes`` keeps.
  @usableFromInline var isPlain = false
  /// The rule with its state, u_{t−1} where it is kept, and then the trace and the best parameters.
  @usableFromInline var host: RuleState<Rule>
  @usableFromInline var currentController: Controller

  /// Threads that share the elements of a long vector (from 65536 elements), at least 1. They wait by
  /// spinning for some tens of microseconds between steps. Not part of a checkpoint.
  public var threads: Int {
    get { host.threads }
    set {
      require(newValue >= 1, "\(newValue) threads can't take a step")
      host.threads = newValue
    }
  }

  /// The rule; its hyperparameters may be changed between steps.
  public var rule: Rule {
    get { host.rule }
    _modify { yield &host.rule }
  }

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

  @inlinable public var parameterCount: Int { host.count }
  /// Whether u_{t−1} is kept.
  @inlinable @inline(__always) var keepsDirection: Bool { host.keepsDirection }

  /// - Parameter objective: what is minimised; f itself by default.
  /// - Precondition: `parameterCount` is at least 0.
  public init(
    _ rule: Rule, _ controller: Controller, on objective: Objective = .plain, parameterCount: Int
  ) {
    require(parameterCount >= 0, "parameterCount is \(parameterCount), not a count")
    let wanted = Wanted(controller)
    self.init(
      RuleState(
        rule, count: parameterCount, keepsDirection: wanted.direction,
        ownVectors: wanted.ownVectors),
      controller, objective, wanted)
  }

  /// What a controller makes an optimizer keep.
  struct Wanted {
    let direction, trace, best: Bool

    init(_ controller: Controller) {
      let requirements = controller.requirements
      direction = requirements.signals.containsDirection || requirements.keepsDirection
      trace = requirements.signals.containsTrace
      best = requirements.keepsBest
    }

    var ownVectors: Int { (trace ? 1 : 0) + (best ? 1 : 0) }
  }

  init(
    _ host: RuleState<Rule>, _ controller: Controller, _ objective: Objective, _ wanted: Wanted
  ) {
    self.host = host
    self.objective = objective
    currentController = controller
    progress = OptimizerProgress(learningRate: controller.learningRate)
    needs = controller.needs
    keepsTrace = wanted.trace
    keepsBest = wanted.best
    isPlain = stepsPlainly
  }

  /// Steps taken, retaken, skipped or restored.
  @inlinable public var stepCount: Int { progress.stepCount }
  /// Steps skipped at the controller's word, or by a guard: ``Guarded``. Where the gradient or the loss
  /// of a step that is skipped, retaken or restored is not finite, no schedule goes on at it.
  @inlinable public var skippedSteps: Int { progress.stepCounts.skipped }
  /// Steps retaken at the controller's word.
  @inlinable public var retakenSteps: Int { progress.stepCounts.retaken }
  /// Returns to the best parameters, at the controller's word.
  @inlinable public var restoredSteps: Int { progress.stepCounts.restored }
  /// The rate that the last step applied; the controller's initial rate before the first.
  @inlinable public var learningRate: Double { progress.learningRate }

  /// Vectors kept between steps, each as long as the parameters: the rule's, and u_{t−1}, its trace
  /// and the best parameters where the controller needs them.
  public var memoryVectors: Int {
    host.memoryVectors + (keepsDirection ? 1 : 0) + (keepsTrace ? 1 : 0) + (keepsBest ? 1 : 0)
  }

  /// One step.
  ///
  /// - Parameters:
  ///   - parameters: θ, changed in place.
  ///   - gradient: ∇f(θ), as long as θ.
  ///   - loss: the minibatch loss, for a controller or a rule that needs it.
  ///   - epoch: epochs begun, a fraction inside one, for a schedule in epochs.
  /// - Precondition: both have `parameterCount` elements, and every signal that the controller
  ///   needs and that the optimizer can't compute is passed.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], gradient: [Scalar], loss: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        step(parameters, gradient, loss, passing: nil, epoch)
      }
    }
  }

  /// One step of a trainer that has a metric.
  ///
  /// - Parameter metric: a validation metric; `nil` at the steps without one.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout [Scalar], gradient: [Scalar], loss: Double? = nil, metric: Double?,
    epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        step(parameters, gradient, loss, passing: .some(metric), epoch)
      }
    }
  }

  /// One step on spans.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout MutableSpan<Scalar>, gradient: Span<Scalar>, loss: Double? = nil,
    epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        step(parameters, gradient, loss, passing: nil, epoch)
      }
    }
  }

  /// One step on spans, of a trainer that has a metric: `nil` at the steps without one.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: inout MutableSpan<Scalar>, gradient: Span<Scalar>, loss: Double? = nil,
    metric: Double?, epoch: Double? = nil
  ) -> StepDecision {
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        step(parameters, gradient, loss, passing: .some(metric), epoch)
      }
    }
  }

  /// One step on buffers that do not overlap.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    step(parameters, gradient, loss, passing: nil, epoch)
  }

  /// One step on buffers, of a trainer that has a metric: `nil` at the steps without one.
  @inlinable
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, metric: Double?, epoch: Double? = nil
  ) -> StepDecision {
    step(parameters, gradient, loss, passing: .some(metric), epoch)
  }

  /// - Parameter metric: `nil` of a trainer that has none, `.some(nil)` at a step that has none.
  @inlinable
  @discardableResult
  mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, passing metric: Double??, _ epoch: Double?
  ) -> StepDecision {
    // Two bodies from one text: a plain step pays for nothing else.
    isPlain
      ? take(parameters, gradient, loss, metric, epoch, isPlain: true)
      : takeFully(parameters, gradient, loss, metric, epoch)
  }

  @inlinable @inline(never)
  mutating func takeFully(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, _ metric: Double??, _ epoch: Double?
  ) -> StepDecision {
    host.facts.contains(.guarded)
      ? stepGuarded(parameters, gradient, loss, metric, epoch)
      : take(parameters, gradient, loss, metric, epoch, isPlain: false)
  }

  @inlinable @inline(__always)
  mutating func take(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ gradient: UnsafeBufferPointer<Scalar>,
    _ loss: Double?, _ metric: Double??, _ epoch: Double?, isPlain: Bool,
    exchanging memory: UnsafeMutablePointer<RuleMemory>? = nil
  ) -> StepDecision {
    if parameters.count != parameterCount || gradient.count != parameterCount {
      stopForLengths(parameters.count, gradient.count)
    }
    let objective = isPlain ? .plain : self.objective
    let facts = isPlain ? .none : host.facts
    let takingNotes = !isPlain && takesNotes
    let looksAhead = !isPlain && needs.containsNewDirection
    let loss = loss.map { objective.seen($0) }
    var seenLoss = Double.nan
    if facts.contains(.loss) {
      guard let loss else { stopForLoss() }
      seenLoss = loss
    }
    var signals = StepSignals(step: countedSteps)
    if let metric { signals.metric = metric }
    if let epoch { signals[.epoch] = epoch }
    if let loss { signals[.loss] = loss }
    var rawGradientNorm = Double.nan
    if let theta = parameters.baseAddress, let g = gradient.baseAddress, parameterCount > 0 {
      rawGradientNorm = reduce(theta, g, of: objective, facts, &signals, takingNotes: takingNotes)
      if looksAhead {
        write(theta, g, of: objective, facts, rawGradientNorm, seenLoss, thenStepBy: nil)
        reduceAgain(theta, g, &signals)
      }
    }
    signals.pass(needs.subtracting(.ofTrainer))
    let decision = currentController.decide(signals)
    if takingNotes { noteBest(parameters) }
    switch decision {
    case .step(let eta):
      if let theta = parameters.baseAddress, let g = gradient.baseAddress, parameterCount > 0 {
        if looksAhead || takingNotes {
          if !looksAhead {
            write(theta, g, of: objective, facts, rawGradientNorm, seenLoss, thenStepBy: nil)
          }
          if takingNotes { noteDirection(theta, g) }
          host.apply(theta, rate: eta)
        } else if let memory {
          host.exchange(&memory.pointee)
          host.apply(theta, rate: eta)
        } else {
          write(theta, g, of: objective, facts, rawGradientNorm, seenLoss, thenStepBy: eta)
        }
      }
      progress.hasDirection = keepsDirection
      progress.learningRate = eta
    case .skip:
      if looksAhead { stopForDecision(decision) }
      progress.stepCounts.skipped += 1
      noteDiscarded(gradient, loss)
    case .retake, .restore:
      takeBack(parameters, decision)
      noteDiscarded(gradient, loss)
    }
    progress.stepCount += 1
    return decision
  }

  /// The last step again at another rate, or the best parameters.
  @inlinable @inline(never)
  mutating func takeBack(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ decision: StepDecision
  ) {
    switch decision {
    case .retake(let eta):
      if looksAhead || !keepsDirection { stopForDecision(decision) }
      if let theta = parameters.baseAddress, parameterCount > 0, progress.hasDirection {
        host.apply(theta, rate: eta - progress.learningRate)
      }
      progress.stepCounts.retaken += 1
      progress.learningRate = eta
    case .restore(let eta):
      if looksAhead || !keepsBest { stopForDecision(decision) }
      restoreBest(parameters)
      progress.hasDirection = false
      progress.stepCounts.restored += 1
      progress.learningRate = eta
    case .step, .skip: break
    }
  }
}
