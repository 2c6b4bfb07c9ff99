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
/// - Complexity: memory is `memoryVectors` vectors as long as the parameters; a step allocates
///   nothing.
public struct Optimizer<Rule: UpdateRule, Controller: LearningRateController>: Sendable, Codable {
  public typealias Scalar = Rule.Scalar

  /// The rule; its hyperparameters may be changed between steps.
  public var rule: Rule
  /// The controller; a plateau is told its metric through it.
  public var controller: Controller
  /// Steps taken, retaken or skipped.
  public private(set) var stepCount = 0
  /// Steps skipped at the controller's word.
  public private(set) var skippedSteps = 0
  /// Steps retaken at the controller's word.
  public private(set) var retakenSteps = 0
  /// The rate that the last step applied; the controller's initial rate before the first.
  public private(set) var learningRate: Double

  public let parameterCount: Int
  private var state: [Scalar]
  private var scalars: [Double]
  /// u_{t−1}, where the controller needs it; one strip of scratch otherwise.
  private var direction: [Scalar]
  private var hasDirection = false
  private let keepsDirection: Bool

  /// - Precondition: `parameterCount` is at least 0.
  public init(_ rule: Rule, _ controller: Controller, parameterCount: Int) {
    precondition(parameterCount >= 0, "parameterCount is \(parameterCount), not a count")
    self.rule = rule
    self.controller = controller
    self.parameterCount = parameterCount
    learningRate = controller.learningRate
    keepsDirection = !controller.needs.isDisjoint(
      with: StepSignals.Needs.ofPreviousDirection.union(.ofNewDirection))
    direction = [Scalar](
      repeating: 0, count: keepsDirection ? parameterCount : min(stripLength, parameterCount))
    scalars = rule.initialScalars
    state = []
    state.reserveCapacity(rule.stateVectorCount * parameterCount)
    for index in 0..<rule.stateVectorCount {
      state.append(
        contentsOf: repeatElement(rule.initialValue(ofStateVector: index), count: parameterCount))
    }
  }

  /// Vectors kept between steps, each as long as the parameters: the rule's, and u_{t−1} where the
  /// controller needs it.
  public var memoryVectors: Int { rule.stateVectorCount + (keepsDirection ? 1 : 0) }

  /// One step.
  ///
  /// - Parameters:
  ///   - parameters: θ, changed in place.
  ///   - gradient: ∇f(θ), as long as θ.
  ///   - loss: the minibatch loss, for a controller that needs it.
  ///   - metric: a validation metric, at the steps that have one.
  ///   - epoch: epochs begun, a fraction inside one, for a schedule in epochs.
  /// - Precondition: both have `parameterCount` elements, and every signal that the controller
  ///   needs and that the optimizer can't compute is passed.
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
  @discardableResult
  public mutating func step(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, gradient: UnsafeBufferPointer<Scalar>,
    loss: Double? = nil, metric: Double? = nil, epoch: Double? = nil
  ) -> StepDecision {
    precondition(
      parameters.count == parameterCount && gradient.count == parameterCount,
      "the optimizer was made for \(parameterCount) parameters, and was given "
        + "\(parameters.count) parameters and \(gradient.count) gradient elements")
    defer { stepCount += 1 }
    guard parameterCount > 0, let theta = parameters.baseAddress, let g = gradient.baseAddress
    else {
      return controller.decide(emptySignals(loss: loss, metric: metric, epoch: epoch))
    }
    let needs = controller.needs
    var facts = reduce(theta, g, needs)
    let looksAhead = !needs.isDisjoint(with: .ofNewDirection)
    if looksAhead {
      writeDirection(theta, g, gradientNorm: facts.rawGradientNorm)
      reduceAgain(theta, g, needs, &facts)
    }
    let signals = StepSignals(
      step: stepCount, epoch: epoch, loss: loss, metric: metric,
      alignment: needs.contains(.alignment) ? facts.alignment : nil,
      gradientNorm: needs.contains(.gradientNorm) ? facts.gradientNorm : nil,
      previousDirectionNorm: needs.contains(.previousDirectionNorm)
        ? facts.previousDirectionNorm : nil,
      directionAlignment: needs.contains(.directionAlignment) ? facts.directionAlignment : nil,
      directionNorm: needs.contains(.directionNorm) ? facts.directionNorm : nil)
    let decision = controller.decide(signals)
    switch decision {
    case .step(let eta):
      if looksAhead {
        apply(theta, rate: eta)
      } else {
        writeDirection(theta, g, gradientNorm: facts.rawGradientNorm, thenStepBy: eta)
      }
      hasDirection = keepsDirection
      learningRate = eta
    case .skip:
      precondition(
        !looksAhead, "a controller that looks at the new direction can't skip: the rule has moved")
      skippedSteps += 1
    case .retake(let eta):
      precondition(
        keepsDirection && !looksAhead,
        "a controller that retakes a step needs the alignment, so that the direction is kept")
      apply(theta, rate: eta - learningRate)
      retakenSteps += 1
      learningRate = eta
    }
    return decision
  }
}

// MARK: - Phases

private let stripLength = 4096

private struct StepFacts {
  var alignment = 0.0
  var gradientNorm = 0.0
  var rawGradientNorm = Double.nan
  var previousDirectionNorm = 0.0
  var directionAlignment = 0.0
  var directionNorm = 0.0
}

extension Optimizer {
  private func emptySignals(loss: Double?, metric: Double?, epoch: Double?) -> StepSignals {
    StepSignals(
      step: stepCount, epoch: epoch, loss: loss, metric: metric, alignment: 0, gradientNorm: 0,
      previousDirectionNorm: 0, directionAlignment: 0, directionNorm: 0)
  }

  /// ⟨u_{t−1}, g_t⟩, ‖u_{t−1}‖ and ‖g_t‖, those that are needed.
  private func reduce(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ needs: StepSignals.Needs
  ) -> StepFacts {
    var facts = StepFacts()
    if rule.needs.contains(.gradientNorm) {
      facts.rawGradientNorm = Reductions.dot(g, g, count: parameterCount).squareRoot()
    }
    if needs.contains(.gradientNorm) {
      facts.gradientNorm = squaredNorm(g, theta).squareRoot()
    }
    guard hasDirection else { return facts }
    direction.withUnsafeBufferPointer { direction in
      guard let u = direction.baseAddress else { return }
      if needs.contains(.alignment) { facts.alignment = dot(u, g, theta) }
      if needs.contains(.previousDirectionNorm) {
        facts.previousDirectionNorm = Reductions.dot(u, u, count: parameterCount).squareRoot()
      }
    }
    return facts
  }

  /// ⟨u_t, g_t⟩ and ‖u_t‖.
  private func reduceAgain(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ needs: StepSignals.Needs,
    _ facts: inout StepFacts
  ) {
    direction.withUnsafeBufferPointer { direction in
      guard let u = direction.baseAddress else { return }
      if needs.contains(.directionAlignment) { facts.directionAlignment = dot(u, g, theta) }
      if needs.contains(.directionNorm) {
        facts.directionNorm = Reductions.dot(u, u, count: parameterCount).squareRoot()
      }
    }
  }

  private func dot(
    _ u: UnsafePointer<Scalar>, _ g: UnsafePointer<Scalar>, _ theta: UnsafeMutablePointer<Scalar>
  ) -> Double {
    rule.penalty == 0
      ? Reductions.dot(u, g, count: parameterCount)
      : Reductions.dot(
        u, g, penalty: Scalar.nearest(to: rule.penalty), theta, count: parameterCount)
  }

  private func squaredNorm(
    _ g: UnsafePointer<Scalar>, _ theta: UnsafeMutablePointer<Scalar>
  ) -> Double {
    rule.penalty == 0
      ? Reductions.dot(g, g, count: parameterCount)
      : Reductions.sumOfSquares(
        g, penalty: Scalar.nearest(to: rule.penalty), theta, count: parameterCount)
  }

  /// u_t into the kept vector or the scratch strip; θ −= η·u_t as soon as a strip is known, where η
  /// is known already.
  private mutating func writeDirection(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, gradientNorm: Double,
    thenStepBy eta: Double? = nil
  ) {
    let count = parameterCount
    let penalty = Scalar.nearest(to: rule.penalty)
    let keeps = keepsDirection
    let rule = rule
    let index = stepCount - skippedSteps - retakenSteps
    scalars.withUnsafeMutableBufferPointer { scalars in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 1) { none in
        let step = RuleStep(
          index: index, gradientNorm: gradientNorm,
          scalars: scalars.baseAddress ?? none.baseAddress!)
        rule.begin(step)
        state.withUnsafeMutableBufferPointer { state in
          direction.withUnsafeMutableBufferPointer { direction in
            guard let u = direction.baseAddress else { return }
            var start = 0
            while start < count {
              let length = min(stripLength, count - start)
              let strip = u + (keeps ? start : 0)
              var gradient = g + start
              if penalty != 0 {
                Elementwise.addPenalty(strip, gradient, penalty, theta + start, length)
                gradient = UnsafePointer(strip)
              }
              rule.direction(
                Strip(
                  count: length, gradient: gradient, parameters: theta + start, direction: strip,
                  state: (state.baseAddress ?? u) + (state.isEmpty ? 0 : start), stride: count),
                step)
              if let eta {
                Elementwise.subtract(theta + start, Scalar.nearest(to: eta), strip, length)
              }
              start += length
            }
          }
        }
      }
    }
  }

  /// θ −= rate·u with the kept direction.
  private func apply(_ theta: UnsafeMutablePointer<Scalar>, rate: Double) {
    direction.withUnsafeBufferPointer { direction in
      guard let u = direction.baseAddress else { return }
      Elementwise.subtract(theta, Scalar.nearest(to: rate), u, parameterCount)
    }
  }
}
