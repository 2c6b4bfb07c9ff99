package import HypergradientRecipes
internal import PortableMath

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
/// - A transition to a fixed rate α_∞ (``transitionTo``) applies γ_t = δ(t) α_t + (1 − δ(t)) α_∞ in
///   place of α_t, δ(t) = t^(−p), t = 1, 2, …, p the ``transitionPower``. For p > 1 it keeps the
///   convergence of gradient descent with α_∞ (t δ(t) → 0).
/// - α is projected onto `bounds` (default: at least 0). The paper's form is unbounded:
///   pass ``unbounded``, and rates below zero are possible.
/// - An alignment or a norm that is not finite, or an update that is not, leaves α as it was, and is
///   counted in ``heldSteps``.
/// - Every term of the objective belongs to g, an ℓ2 penalty included; decoupled decay and clipping
///   belong to u. α's own optimizer may have an objective, too: a penalty on α, or an ascent.
///
/// > Source: A. G. Baydin, R. Cornish, D. Martínez Rubio, M. Schmidt and F. Wood, Online Learning
/// > Rate Adaptation with Hypergradient Descent (ICLR 2018), Algorithms 4–6, eq. 8 for the
/// > multiplicative form, and section 5.1, Theorem 5.1 for the transition; towers: K. Chandra,
/// > A. Xie, J. Ragan-Kelley and E. Meijer, Gradient Descent: The Ultimate Optimizer (NeurIPS 2022).
public struct HypergradientDescent<Rule: UpdateRule, Hyper: LearningRateController>:
  LearningRateController
where Rule.Scalar == Double {
  public let form: HypergradientForm
  /// α stays within.
  public let bounds: ClosedRange<Double>
  /// α_∞; `nil` for no transition.
  public let transitionTo: Double?
  /// p.
  public let transitionPower: Double
  @usableFromInline var held = 0
  @usableFromInline var currentAlpha: Double
  @usableFromInline var alphaOptimizer: Optimizer<Rule, Hyper>
  @usableFromInline var appliedRate: Double

  private enum CodingKeys: String, CodingKey {
    case form, bounds, transitionTo, transitionPower
    case held = "heldSteps"
    case currentAlpha = "alpha"
    case alphaOptimizer = "optimizer"
    case appliedRate = "learningRate"
  }

  /// - Parameters:
  ///   - initial: α₀, within `bounds`.
  ///   - rule: the rule of α's own optimizer.
  ///   - hyper: the controller of α's own learning rate β.
  ///   - objective: what α's own optimizer minimises, in terms of f.
  ///   - bounds: both ends are finite.
  ///   - final: α_∞ of a transition; `nil` for none.
  ///   - power: p of the transition.
  public init(
    initial: Double, by rule: Rule = GradientDescent<Double>(), _ hyper: Hyper,
    on objective: Objective = .plain, form: HypergradientForm = .additive,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    transitionTo final: Double? = nil, transitionPower power: Double = 2
  ) {
    Recipe<any LearningRateController>.hypergradientTower.check(
      initial, RuleOnObjective(rule, on: objective), hyper, form, bounds, final, power)
    (self.form, self.bounds) = (form, bounds)
    (transitionTo, transitionPower) = (final, power)
    (currentAlpha, appliedRate) = (initial, initial)
    alphaOptimizer = Optimizer(rule, hyper, on: objective, parameterCount: 1)
  }

  /// Steps whose hypergradient or update was not finite.
  @inlinable public var heldSteps: Int { held }
  /// α_t, before the transition.
  @inlinable public var alpha: Double { currentAlpha }
  /// The optimizer of α; its learning rate is β.
  @inlinable public var optimizer: Optimizer<Rule, Hyper> { alphaOptimizer }
  @inlinable public var learningRate: Double { appliedRate }

  @inlinable public var requirements: ControllerRequirements {
    var signals: StepSignals.Needs = [.alignment]
    if form == .multiplicative { signals.formUnion([.gradientNorm, .previousDirectionNorm]) }
    if alphaOptimizer.rule.requirements.facts.contains(.loss) { signals.insert(.loss) }
    let hyper = alphaOptimizer.controller.requirements
    return ControllerRequirements(
      signals: signals.union(hyper.signals.intersection(.ofTrainer)),
      metricDirection: hyper.metricDirection)
  }

  @inlinable
  @specialized(where Rule == GradientDescent<Double>, Hyper == ConstantRate)
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
      currentAlpha = bounds.nearest(to: next)
    } else {
      held += 1
    }
    appliedRate = currentAlpha
    if let transitionTo { appliedRate = mixed(with: transitionTo, step: signals.step) }
    return .step(appliedRate)
  }

  public mutating func project(learningRate: Double) {
    currentAlpha = bounds.nearest(to: learningRate)
    appliedRate = currentAlpha
  }

  /// cos(g_t, u_{t−1}) in [−1, 1]; zero where either is zero.
  @inlinable
  func cosine(_ signals: StepSignals) -> Double {
    let (g, u) = (signals.gradientNorm, signals.previousDirectionNorm)
    if g == 0 || u == 0 { return 0 }
    if !signals.exactCosines[0].isNaN { return signals.exactCosines[0] }
    let value = signals.alignment / g / u
    return value.isFinite ? min(max(value, -1), 1) : value
  }

  /// γ_t.
  @usableFromInline func mixed(with final: Double, step: Int) -> Double {
    let delta = Portable.pow(Double(step + 1), -transitionPower)
    return delta * currentAlpha + (1 - delta) * final
  }

  /// One step of α's optimizer; a hypergradient that is not finite is not shown to it.
  @inlinable @inline(__always)
  mutating func train(
    _ parameter: inout Double, on hypergradient: Double, _ signals: StepSignals
  ) {
    guard hypergradient.isFinite else {
      held += 1
      return
    }
    if Rule.self == GradientDescent<Double>.self, Hyper.self == ConstantRate.self,
      !alphaOptimizer.objective.changesGradient
    {
      // The common case, with the bits of the general one.
      let beta = alphaOptimizer.controller.learningRate
      parameter = parameter - beta * hypergradient
      alphaOptimizer.noteStep(rate: beta)
    } else {
      step(&parameter, on: hypergradient, signals)
    }
  }

  /// The step of an optimizer of any kind.
  @inlinable @inline(never)
  mutating func step(
    _ parameter: inout Double, on hypergradient: Double, _ signals: StepSignals
  ) {
    let loss = signals.present.contains(.loss) ? signals.loss : nil
    let epoch = signals.present.contains(.epoch) ? signals.epoch : nil
    let metric: Double?? = signals.present.contains(.metric) ? .some(signals.metric) : nil
    withUnsafeMutablePointer(to: &parameter) { parameter in
      withUnsafePointer(to: hypergradient) { hypergradient in
        _ = alphaOptimizer.step(
          UnsafeMutableBufferPointer(start: parameter, count: 1),
          UnsafeBufferPointer(start: hypergradient, count: 1), loss, passing: metric, epoch)
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

extension HypergradientDescent where Rule == GradientDescent<Double>, Hyper == ConstantRate {
  /// Hypergradient descent with a fixed hyper-learning-rate, the paper's form.
  ///
  /// - Parameters:
  ///   - initial: α₀, within `bounds`.
  ///   - hyperLearningRate: β; with 0 the rate is constant, bit for bit.
  ///   - final: α_∞ of a transition; `nil` for none.
  ///   - power: p of the transition.
  public init(
    initial: Double, hyperLearningRate: Double, form: HypergradientForm = .additive,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    transitionTo final: Double? = nil, transitionPower power: Double = 2
  ) {
    Recipe<any LearningRateController>.hypergradient.check(
      initial, hyperLearningRate, form, bounds, final, power)
    self.init(
      initial: initial, ConstantRate(hyperLearningRate), form: form, within: bounds,
      transitionTo: final, transitionPower: power)
  }

  /// Whether ``decide(alignment:)`` decides as the general form does.
  @inline(__always) var isPlain: Bool {
    form == .additive && transitionTo == nil && !alphaOptimizer.objective.changesGradient
  }

  /// The additive decision without a transition.
  @inline(__always)
  mutating func decide(alignment: Double) -> Double {
    let hypergradient = -alignment
    if hypergradient.isFinite {
      let beta = alphaOptimizer.controller.learningRate
      let next = currentAlpha - beta * hypergradient
      alphaOptimizer.noteStep(rate: beta)
      if next.isFinite {
        currentAlpha = bounds.nearest(to: next)
      } else {
        held += 1
      }
    } else {
      held += 1
      currentAlpha = bounds.nearest(to: currentAlpha)
    }
    appliedRate = currentAlpha
    return appliedRate
  }

  /// Bounds that hold nothing back: rates below zero are possible, as in the paper.
  public static var unbounded: ClosedRange<Double> {
    -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  }
}

extension Recipe where Product == any LearningRateController {
  package static let hypergradient = Recipe(
    "hypergradient",
    HypergradientDescent.init(
      initial:hyperLearningRate:form:within:transitionTo:transitionPower:),
    .initial(),
    .number(
      "hyperLearningRate", in: .atLeast(0), unit: "learning rate²/loss, or none (.multiplicative)",
      "how fast the learning rate moves"),
    .form(), .projection(), .transitionTo(), .transitionPower(),
    unless: { initial, _, _, bounds, _, _ in fault(initial, bounds) },
    summary: "hypergradient descent (Baydin et al. 2018), additive unless form says otherwise",
    examples: [
      "hypergradient(initial: 0.1, hyperLearningRate: 0.01)",
      "hypergradient(initial: 0.1, hyperLearningRate: 0.05, form: .multiplicative, "
        + "within: 1e-4...1)",
      "hypergradient(initial: 0.1, hyperLearningRate: 0.01, transitionTo: 0.02, "
        + "transitionPower: 1.5)",
    ],
    compared: [
      .init(
        "hypergradient(initial: rate, "
          + "hyperLearningRate: additiveBeta)", as: "hypergradient-additive"),
      .init(
        "hypergradient(initial: rate, hyperLearningRate: 0.05, "
          + "form: .multiplicative)", as: "hypergradient-multiplicative"),
    ], standard: { HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01) })

  package static let hypergradientTower = Recipe(
    "hypergradientTower",
    {
      (
        initial: Double, rule: RuleOnObjective<Double>, hyper: any LearningRateController,
        form: HypergradientForm, bounds: ClosedRange<Double>, final: Double?, power: Double
      ) in
      func open<R: UpdateRule<Double>, C: LearningRateController>(
        _ by: R, _ hyper: C
      ) -> any LearningRateController {
        HypergradientDescent(
          initial: initial, by: by, hyper, on: rule.objective, form: form, within: bounds,
          transitionTo: final, transitionPower: power)
      }
      return open(rule.rule, hyper)
    },
    .initial(), .rule("by", default: GradientDescent(), "the rule that trains the learning rate"),
    .controller("_", "the controller of the hyper-learning-rate"), .form(), .projection(),
    .transitionTo(), .transitionPower(),
    unless: { initial, _, _, _, bounds, _, _ in fault(initial, bounds) },
    summary: "hypergradient descent whose own optimizer is any rule and controller, to any height",
    examples: [
      "hypergradientTower(initial: 0.1, by: adam, "
        + "hypergradient(initial: 1e-3, hyperLearningRate: 1e-4))",
      "hypergradientTower(initial: 0.1, hypergradientTower(initial: 1e-3, "
        + "hypergradient(initial: 1e-4, hyperLearningRate: 1e-6)))",
      "hypergradientTower(initial: 0.1, by: heavyBall.penalized(by: 0.1), constant(0.02), "
        + "form: .multiplicative, within: 1e-3...1, transitionTo: 0.03, transitionPower: 0.5)",
    ],
    compared: [
      .init(
        "hypergradientTower(initial: rate, by: sgd, "
          + "hypergradient(initial: 0.05, hyperLearningRate: 1e-4), form: .multiplicative)",
        as: "hypergradient-tower")
    ],
    standard: {
      HypergradientDescent(
        initial: 0.1, HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-4))
    })

  private static func fault(_ initial: Double, _ bounds: ClosedRange<Double>) -> String? {
    guard bounds.lowerBound.isFinite, bounds.upperBound.isFinite else {
      return "the bounds 'within' are to be finite"
    }
    if bounds.contains(initial) { return nil }
    return "'initial' is \(short(initial)), outside 'within', "
      + "\(short(bounds.lowerBound))...\(short(bounds.upperBound))"
  }
}

// The arguments that both have.

extension Parameter where Root == any LearningRateController {
  fileprivate static func initial() -> Parameter where Value == Double {
    .number("initial", in: .any, unit: "learning rate", "the learning rate at the start")
  }
  fileprivate static func form() -> Parameter where Value == HypergradientForm {
    .choice("form", default: .additive, "how the hypergradient changes the rate")
  }
  fileprivate static func projection() -> Parameter where Value == ClosedRange<Double> {
    .range(
      "within", default: 0...Double.greatestFiniteMagnitude, unit: "learning rate",
      "the rate is projected onto these bounds; below 0 for the paper's unbounded form")
  }
  fileprivate static func transitionTo() -> Parameter where Value == Double? {
    .number(
      "transitionTo", orNone: .atLeast(0), unit: "learning rate",
      "the fixed rate that the learned one gives way to")
  }
  fileprivate static func transitionPower() -> Parameter where Value == Double {
    .number("transitionPower", in: .above(0), default: 2, "p of δ(t) = 1/t^p")
  }
}

extension HypergradientDescent {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    form = try state.value(.form)
    bounds = try state.value(.bounds)
    transitionTo = try state.numberOrNone(.transitionTo)
    transitionPower = try state.number(.transitionPower)
    held = try state.count(.held)
    currentAlpha = try state.number(.currentAlpha)
    alphaOptimizer = try state.value(.alphaOptimizer)
    appliedRate = try state.number(.appliedRate)
    try state.expect(
      alphaOptimizer.parameterCount == 1, .alphaOptimizer,
      "the rate's own optimizer is for \(alphaOptimizer.parameterCount) numbers, not one")
    try state.check(
      Recipe<any LearningRateController>.hypergradientTower.fault(
        of: currentAlpha, RuleOnObjective(alphaOptimizer.rule, on: alphaOptimizer.objective),
        alphaOptimizer.controller as any LearningRateController, form, bounds, transitionTo,
        transitionPower))
  }
}
