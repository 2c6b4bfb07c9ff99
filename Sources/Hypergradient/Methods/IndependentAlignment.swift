package import HypergradientRecipes

/// A rule times a controller whose alignments come from a gradient of their own: a guard against
/// learning the rate from correlated noise.
///
///     g′_t = ∇f at θ_{t−1} of another draw       g_t = ∇f at θ_{t−1}, as ever
///     η_t = controller(⟨u_{t−1}, g′_t⟩, ‖g′_t‖, …)
///     θ_t = θ_{t−1} − η_t u_t                    u_t of the rule, from g_t
///
/// Where the noise of consecutive gradients is correlated (minibatches that share examples, data in
/// order, noise with a memory), ⟨u_{t−1}, g_t⟩ has a part that is the noise's own: normalised
/// hypergradient descent is driven to the edge of stability, or to nothing. The noise of g′ is
/// independent of u's, and only ⟨u_{t−1}, ∇f(θ_{t−1})⟩, the derivative of the expected loss, is left.
///
/// Traces are of u and are aligned with g′. With ``interval`` k, g′ is asked for in every k-th step
/// alone, and the controller sees alignments of zero in the others: 1 + 1/k gradients a step.
///
/// The derivative remains that of the next step's loss: the rate still falls in the noise ball, for the
/// multiplicative form as 1/t, sooner than is best (short-horizon bias). A trace helps there,
/// ``TraceGuard``. Studies/StationarityGuard has the measured table.
///
/// A gradient g that is not finite is discarded; g′ goes by the controller's policy.
///
/// > Source: a second gradient as in M. Donini, L. Franceschi, M. Pontil, O. Majumder and P. Frasconi,
/// > MARTHE: Scheduling the Learning Rate via Online Hypergradients (IJCAI 2020), with μ = 0, where it
/// > is the validation error's; here it is another draw of the objective.
public struct IndependentAlignment<Rule: UpdateRule, Controller: LearningRateController>:
  TrainingMethod
{
  public typealias Scalar = Rule.Scalar

  public private(set) var controller: Controller
  /// k ≥ 1.
  public let interval: Int
  public private(set) var stepCounts = StepCounts()
  public private(set) var learningRate: Double
  private var steps = 0
  private var missedMetric = MissedMetric()
  private var hasDirection = false
  /// ⟨u_{t−1}, g_{t−1}⟩.
  private var slope = CodedDouble(0)
  private var direction: RuleState<Rule>
  private var trace: [Scalar] = []

  /// - Parameter interval: k, steps for each second gradient.
  public init(_ rule: Rule, by controller: Controller, every interval: Int = 1) {
    Recipe<any TrainingMethod<Scalar>>.independentAlignment().check(
      RuleOnObjective(rule), controller as any LearningRateController, interval)
    self.controller = controller
    self.interval = interval
    learningRate = controller.learningRate
    direction = RuleState(rule)
  }

  public var controllerRequirements: ControllerRequirements { controller.requirements }

  /// The rule's, u_{t−1} and the trace, if it is read.
  public var memoryVectors: Int {
    direction.memoryVectors + 1 + (controller.needs.containsTrace ? 1 : 0)
  }

  /// The controller with its rate held.
  ///
  /// - Precondition: it is not begun.
  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    require(direction.count == 0, "a method of a controller is limited before it is begun")
    func open<C: LearningRateController>(_ controller: C) -> any TrainingMethod<Scalar> {
      IndependentAlignment<Rule, C>(direction.rule, by: controller, every: interval)
    }
    return open(controller.limited(by: limit))
  }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    direction.begin(parameterCount: parameters.count)
    if controller.needs.containsTrace {
      trace = [Scalar](repeating: 0, count: parameters.count)
    }
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let x = parameters.baseAddress!
    var signals = StepSignals(step: steps)
    var isFinite = true
    let isDue = hasDirection && steps % interval == 0
    if isDue {
      let (_, other) = oracle.evaluate(at: UnsafePointer(x), draw: 1)
      isFinite = VectorLoops.isFinite(other, count: parameters.count)
      pass(other, judges: true, to: &signals)
    }
    guard let (loss, g) = oracle.finiteGradient(at: x) else {
      stepCounts.skipped += 1
      missedMetric.keep(oracle.passedMetric)
      return
    }
    if !isDue { pass(g, judges: false, to: &signals) }
    signals[.loss] = loss
    if let epoch = oracle.epoch { signals[.epoch] = epoch }
    if let metric = missedMetric.taken(oracle.passedMetric) { signals.metric = metric }
    let decision = controller.decide(signals)
    if decision.counts(isFinite: isFinite && loss.isFinite) { steps += 1 }
    switch decision {
    case .step(let rate):
      slope = CodedDouble(direction.make(x, g, loss: loss))
      direction.apply(x, rate: rate)
      learningRate = rate
      if !trace.isEmpty { lengthenTrace() }
      hasDirection = true
    case .retake(let rate):
      direction.apply(x, rate: rate - learningRate)
      learningRate = rate
      stepCounts.retaken += 1
    case .skip, .restore:
      stepCounts.skipped += 1
    }
  }

  /// What the controller needs of the gradient that it sees.
  private func pass(_ g: UnsafePointer<Scalar>, judges: Bool, to signals: inout StepSignals) {
    direction.withDirection { u in
      signals.pass(
        controller.needs, gradient: g, judges: judges, direction: hasDirection ? u : nil,
        trace: trace, slope: slope.value, count: direction.count)
    }
  }

  /// T_t = d·T_{t−1} + u_t.
  private mutating func lengthenTrace() {
    let decay = Scalar.nearest(to: hasDirection ? controller.requirements.traceDecay : 0)
    let (host, count) = (direction, direction.count)
    host.withDirection { u in
      trace.withUnsafeMutableBufferPointer {
        VectorLoops.decayAndAdd($0.baseAddress!, decay, 1, u, count)
      }
    }
  }
}

extension Recipe {
  /// `independentAlignment(sgd, by: hypergradient(…))`.
  package static func independentAlignment<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "independentAlignment",
      { (rule: RuleOnObjective<S>, controller: any LearningRateController, interval: Int) in
        func open<R: UpdateRule<S>, C: LearningRateController>(
          _ rule: R, _ controller: C
        ) -> any TrainingMethod<S> {
          IndependentAlignment(rule, by: controller, every: interval)
        }
        return open(rule.rule, controller).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .controller("by", "the controller, which sees alignments with another draw"),
      .count(
        "every", in: .between(1, 1e9), default: 1, unit: "steps",
        "for each second gradient; alignments are zero in the others"),
      unless: { _, controller, _ in
        controller.needs.isDisjoint(with: .ofNewDirection) && !controller.requirements.keepsBest
          ? nil : "'by' reads the new direction, or keeps the best parameters"
      },
      summary: "a rule times a controller that judges the last step by an independent gradient",
      examples: [
        "independentAlignment(by: hypergradient(initial: 0.05, "
          + "hyperLearningRate: 1e-3))",
        "independentAlignment(adam, by: hypergradient(initial: 0.01, "
          + "hyperLearningRate: 0.02, form: .multiplicative, within: "
          + "1e-9...1).guardedByTrace(), every: 3)",
      ],
      compared: [
        .init(
          "independentAlignment(rule, by: hypergradient(initial: rate, "
            + "hyperLearningRate: 0.05, form: .multiplicative))")
      ],
      standard: {
        IndependentAlignment(
          GradientDescent<S>(), by: HypergradientDescent(initial: 0.05, hyperLearningRate: 1e-3))
      })
  }
}

extension IndependentAlignment {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    controller = try state.value(.controller)
    interval = try state.count(.interval)
    stepCounts = try state.value(.stepCounts)
    learningRate = try state.number(.learningRate)
    steps = try state.count(.steps)
    missedMetric = try state.value(.missedMetric)
    hasDirection = try state.value(.hasDirection)
    slope = try state.value(.slope)
    direction = try state.value(.direction)
    trace = try state.vector(
      .trace, count: controller.needs.containsTrace ? direction.count : 0)
    try state.expect(
      Double(steps) <= controller.requirements.lastStep, .steps,
      "the controller's schedule has ended")
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.independentAlignment().fault(
        of: RuleOnObjective(direction.rule), controller as any LearningRateController, interval))
  }
}
