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

  /// Signals that a controller may read here.
  static var provided: StepSignals.Needs {
    [
      .alignment, .gradientNorm, .previousDirectionNorm, .previousDirectionAlignment, .loss, .epoch,
      .metric, .traceAlignment, .traceNorm,
    ]
  }

  public private(set) var controller: Controller
  /// k ≥ 1.
  public let interval: Int
  /// Steps that the controller skipped.
  public private(set) var skippedSteps = 0
  public private(set) var learningRate: Double
  private var steps = 0
  private var hasDirection = false
  /// ⟨u_{t−1}, g_{t−1}⟩.
  private var slope = 0.0
  private var direction: DirectionMaker<Rule>
  private var trace: [Scalar] = []

  /// - Parameter interval: k, steps for each second gradient.
  /// - Precondition: the controller reads neither the new direction nor the best parameters, and
  ///   `interval` is at least 1.
  public init(_ rule: Rule, by controller: Controller, every interval: Int = 1) {
    precondition(interval >= 1, "interval is \(interval), not at least 1")
    precondition(
      controller.needs.isSubset(of: Self.provided) && !controller.keepsBest,
      "the controller reads the new direction, or the best parameters")
    self.controller = controller
    self.interval = interval
    learningRate = controller.learningRate
    direction = DirectionMaker(rule)
  }

  /// The rule's, u_{t−1} and the trace, if it is read.
  public var memoryVectors: Int {
    direction.memoryVectors + 1 + (controller.needs.containsTrace ? 1 : 0)
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
    let x = parameters.baseAddress!
    var judged = Judgement()
    let isDue = hasDirection && steps % interval == 0
    if isDue {
      let (_, other) = oracle.evaluate(at: UnsafePointer(x), draw: 1)
      judged = judge(by: other)
    }
    let (loss, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let square = VectorLoops.dot(g, g, count: parameters.count)
    guard square.isFinite else { return }
    if !isDue { judged.gradientNorm = square.squareRoot() }
    let signals = signals(judged, loss, epoch: oracle.epoch, metric: oracle.metric)
    steps += 1
    switch controller.decide(signals) {
    case .step(let rate):
      slope = direction.make(x, g, loss: loss)
      direction.apply(x, rate: rate)
      learningRate = rate
      if !trace.isEmpty { lengthenTrace() }
      hasDirection = true
    case .retake(let rate):
      direction.apply(x, rate: rate - learningRate)
      learningRate = rate
    case .skip, .restore:
      skippedSteps += 1
    }
  }

  /// What g′ says.
  private struct Judgement {
    var alignment = 0.0
    var traceAlignment = 0.0
    var gradientNorm = 0.0
  }

  private func judge(by g: UnsafePointer<Scalar>) -> Judgement {
    func along(_ vector: [Scalar]) -> Double {
      vector.withUnsafeBufferPointer {
        $0.isEmpty ? 0 : VectorLoops.dot($0.baseAddress!, g, count: $0.count)
      }
    }
    let norm = VectorLoops.dot(g, g, count: direction.direction.count).squareRoot()
    return Judgement(
      alignment: along(direction.direction), traceAlignment: along(trace), gradientNorm: norm)
  }

  /// Those that the controller needs; before the first direction, zero as in an optimizer.
  private func signals(
    _ judged: Judgement, _ loss: Double, epoch: Double?, metric: Double?
  ) -> StepSignals {
    let needs = controller.needs
    func value(_ need: StepSignals.Needs, _ value: @autoclosure () -> Double) -> Double? {
      needs.contains(need) ? value() : nil
    }
    func norm(_ vector: [Scalar]) -> Double {
      vector.withUnsafeBufferPointer {
        VectorLoops.dot($0.baseAddress!, $0.baseAddress!, count: $0.count).squareRoot()
      }
    }
    return StepSignals(
      step: steps, epoch: epoch, loss: loss, metric: metric,
      alignment: value(.alignment, judged.alignment),
      gradientNorm: value(.gradientNorm, judged.gradientNorm),
      previousDirectionNorm: value(
        .previousDirectionNorm, hasDirection ? norm(direction.direction) : 0),
      previousDirectionAlignment: value(.previousDirectionAlignment, slope),
      traceAlignment: value(.traceAlignment, judged.traceAlignment),
      traceNorm: value(.traceNorm, hasDirection ? norm(trace) : 0))
  }

  /// T_t = d·T_{t−1} + u_t.
  private mutating func lengthenTrace() {
    let decay = Scalar.nearest(to: hasDirection ? controller.traceDecay : 0)
    direction.direction.withUnsafeBufferPointer { u in
      trace.withUnsafeMutableBufferPointer {
        VectorLoops.decayAndAdd($0.baseAddress!, decay, 1, u.baseAddress!, u.count)
      }
    }
  }
}

extension Recipe where Product == MethodPair {
  /// `independentAlignment(sgd, by: hypergradient(…))`.
  static let independentAlignment = Recipe(
    "independentAlignment",
    [
      Parameter("_", .rule, default: "sgd", "the rule that makes the direction"),
      Parameter("by", .controller, "the controller, which sees alignments with another draw"),
      Parameter(
        "every", .integer(.atLeast(1)), default: "1", unit: "steps",
        "for each second gradient; alignments are zero in the others"),
    ], summary: "a rule times a controller that judges the last step by an independent gradient"
  ) { arguments throws(SpecError) in
    let rule = try arguments.ruleWithoutPenalty("_")
    let (controller, interval) = (arguments.controller("by"), arguments.integer("every"))
    func open<Scalar: ParameterScalar, C: LearningRateController>(
      _ rule: any UpdateRule<Scalar>, _ controller: C
    ) throws(SpecError) -> any TrainingMethod<Scalar> {
      func make<R: UpdateRule<Scalar>>(_ rule: R) -> any TrainingMethod<Scalar> {
        IndependentAlignment(rule, by: controller, every: interval)
      }
      guard
        controller.needs.isSubset(of: IndependentAlignment<Adam<Scalar>, C>.provided),
        !controller.keepsBest
      else {
        throw arguments.error("'by' reads the new direction, or keeps the best parameters")
      }
      return make(rule)
    }
    return MethodPair(try open(rule.float, controller), try open(rule.double, controller))
  }
}
