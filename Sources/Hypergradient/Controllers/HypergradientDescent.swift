/// Hypergradient descent: the learning rate is one more parameter, trained by one more optimizer on
/// the derivative of the loss with respect to it.
///
///     h_t = ∂f/∂α = −⟨g_t, u_{t−1}⟩
///     α_t = α_{t−1} − β h_t                              additive
///     α_t = α_{t−1} (1 − β h_t / (‖g_t‖ ‖u_{t−1}‖))      multiplicative, normalised
///
/// β, the hyper-learning-rate, is the optimizer's own rate: `h` goes through a rule (gradient
/// descent by default; with Adam, u is Adam's) and β through a controller, which may itself be
/// hypergradient descent: a tower. In the multiplicative form that optimizer trains the factor
/// α_t/α_{t−1} from 1 on the cosine. The step is taken with the new α_t; at the first step h is zero
/// and α keeps its initial value.
///
/// - The additive β carries the unit of α² over loss; the multiplicative β has no unit.
/// - α is projected onto `bounds` (default: at least 0). The paper's form is unbounded:
///   pass ``unbounded``, and rates below zero are possible.
/// - An alignment or a norm that is not finite, or an update that is not, leaves α as it was, and is
///   counted in ``heldSteps``.
/// - Every term of the objective belongs to g, an ℓ2 penalty included; decoupled decay and clipping
///   belong to u.
///
/// > Source: A. G. Baydin, R. Cornish, D. Martínez Rubio, M. Schmidt and F. Wood, Online Learning
/// > Rate Adaptation with Hypergradient Descent (ICLR 2018), Algorithms 4–6, eq. 8 for the
/// > multiplicative form, and section 5.1 for the transition; towers: K. Chandra, A. Xie,
/// > J. Ragan-Kelley and E. Meijer, Gradient Descent: The Ultimate Optimizer (NeurIPS 2022).
public struct HypergradientDescent<Rule: UpdateRule, Hyper: LearningRateController>:
  LearningRateController
where Rule.Scalar == Double {
  public let form: HypergradientForm
  /// α stays within.
  public let bounds: ClosedRange<Double>
  public let transition: HypergradientTransition?
  @usableFromInline var held = 0
  @usableFromInline var currentAlpha: Double
  @usableFromInline var alphaOptimizer: Optimizer<Rule, Hyper>
  @usableFromInline var appliedRate: Double

  private enum CodingKeys: String, CodingKey {
    case form, bounds, transition
    case held = "heldSteps"
    case currentAlpha = "alpha"
    case alphaOptimizer = "optimizer"
    case appliedRate = "learningRate"
  }

  /// - Parameters:
  ///   - initial: α₀, within `bounds`.
  ///   - rule: the rule of α's own optimizer.
  ///   - hyper: the controller of α's own learning rate β.
  /// - Precondition: `initial` is finite and within finite `bounds`.
  public init(
    initial: Double, by rule: Rule, _ hyper: Hyper, form: HypergradientForm = .additive,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    transition: HypergradientTransition? = nil
  ) {
    precondition(
      bounds.lowerBound.isFinite && bounds.upperBound.isFinite, "the bounds \(bounds) are infinite")
    precondition(
      bounds.contains(initial), "the initial learning rate \(initial) is outside \(bounds)")
    self.form = form
    self.bounds = bounds
    self.transition = transition
    currentAlpha = initial
    appliedRate = initial
    alphaOptimizer = Optimizer(rule, hyper, parameterCount: 1)
  }

  /// Steps whose hypergradient or update was not finite.
  @inlinable public var heldSteps: Int { held }
  /// α_t, before the transition.
  @inlinable public var alpha: Double { currentAlpha }
  /// The optimizer of α; its learning rate is β.
  @inlinable public var optimizer: Optimizer<Rule, Hyper> { alphaOptimizer }
  @inlinable public var learningRate: Double { appliedRate }

  @inlinable public var needs: StepSignals.Needs {
    let own: StepSignals.Needs =
      form == .additive ? .alignment : [.alignment, .gradientNorm, .previousDirectionNorm]
    let rules: StepSignals.Needs = alphaOptimizer.rule.needs.contains(.loss) ? .loss : []
    return own.union(rules)
      .union(alphaOptimizer.controller.needs.intersection([.loss, .epoch, .metric]))
  }

  public var alwaysSteps: Bool { true }

  @inlinable
  @specialized(where Rule == GradientDescent<Double>, Hyper == Constant)
  public mutating func decide(_ signals: StepSignals) -> StepDecision {
    var next: Double
    switch form {
    case .additive:
      next = currentAlpha
      train(&next, on: -signals.alignment, signals)
    case .multiplicative:
      var factor = 1.0
      train(&factor, on: -cosine(signals), signals)
      next = currentAlpha * factor
    }
    if next.isFinite {
      currentAlpha = min(max(next, bounds.lowerBound), bounds.upperBound)
    } else {
      held += 1
    }
    appliedRate = transition?.rate(currentAlpha, step: signals.step) ?? currentAlpha
    return .step(appliedRate)
  }

  public mutating func project(learningRate: Double) {
    currentAlpha = min(max(learningRate, bounds.lowerBound), bounds.upperBound)
    appliedRate = currentAlpha
  }

  /// cos(g_t, u_{t−1}) in [−1, 1]; zero where either is zero.
  @inlinable
  func cosine(_ signals: StepSignals) -> Double {
    let (g, u) = (signals.gradientNorm, signals.previousDirectionNorm)
    if g == 0 || u == 0 { return 0 }
    let value = signals.alignment / g / u
    return value.isFinite ? min(max(value, -1), 1) : value
  }

  /// One step of α's optimizer; a hypergradient that is not finite is not shown to it.
  @inlinable
  mutating func train(
    _ parameter: inout Double, on hypergradient: Double, _ signals: StepSignals
  ) {
    guard hypergradient.isFinite else {
      held += 1
      return
    }
    if Rule.self == GradientDescent<Double>.self, Hyper.self == Constant.self {
      // The common case, with the bits of the general one.
      let beta = alphaOptimizer.controller.learningRate
      parameter = parameter - beta * hypergradient
      alphaOptimizer.noteStep(rate: beta)
      return
    }
    let loss = signals.present.contains(.loss) ? signals.loss : nil
    let epoch = signals.present.contains(.epoch) ? signals.epoch : nil
    let metric = signals.metric
    withUnsafeMutablePointer(to: &parameter) { parameter in
      withUnsafePointer(to: hypergradient) { hypergradient in
        _ = alphaOptimizer.step(
          UnsafeMutableBufferPointer(start: parameter, count: 1),
          gradient: UnsafeBufferPointer(start: hypergradient, count: 1), loss: loss,
          metric: metric, epoch: epoch)
      }
    }
  }
}

/// How a hypergradient changes the learning rate.
public enum HypergradientForm: String, Sendable, Codable, CaseIterable {
  /// α −= β h.
  case additive
  /// α *= 1 − β h / (‖g‖ ‖u‖).
  case multiplicative
}

extension HypergradientDescent where Rule == GradientDescent<Double>, Hyper == Constant {
  /// Hypergradient descent with a fixed hyper-learning-rate, the paper's form.
  ///
  /// - Parameters:
  ///   - initial: α₀, within `bounds`.
  ///   - hyperLearningRate: β, at least 0; with 0 the rate is constant, bit for bit.
  public init(
    initial: Double, hyperLearningRate: Double, form: HypergradientForm = .additive,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    transition: HypergradientTransition? = nil
  ) {
    self.init(
      initial: initial, by: GradientDescent(), Constant(hyperLearningRate), form: form,
      within: bounds, transition: transition)
  }

  /// Bounds that hold nothing back: rates below zero are possible, as in the paper.
  public static var unbounded: ClosedRange<Double> {
    -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  }
}
