package import HypergradientRecipes

/// The rate by forward-mode hypergradients: RTHO, MARTHE, and hypergradient descent between them.
///
///     u_t from the rule and g_t = ∇f(θ_t)       θ_{t+1} = θ_t − η_t u_t
///     Z_{t+1} = μ_t (Z_t − η_t u̇_t) − u_t       for gradient descent μ_t (I − η_t H_t) Z_t − g_t
///     h_t = ⟨∇E(θ_{t+1}), Z_{t+1}⟩
///     η_{t+1} = Π[η_t − β_t h_t]                 β_{t+1} = max(0, β_t + α h_t η_{t+1})
///
/// Z estimates dθ/dη, by the rule's tangent (``TangentRule``), and Π projects on `bounds`.
/// μ = 0 is hypergradient descent on ∇E, μ = 1 RTHO, an automatic μ MARTHE
/// (``HypergradientDiscount``). With μ = 0, E = f and one draw, η_{t+1} here is the rate that
/// ``HypergradientDescent`` finds at its step t + 1 from ⟨u_t, g_{t+1}⟩ and uses there: the same rates
/// and parameters, but that this method knows η_{t+1} one step sooner.
///
/// E is the oracle's loss of draw 1, where the training steps have draw 0: an independent sample of
/// the same step, not a held-out set, unless the oracle answers draw 1 from one. With `clip`, the
/// elements of g, of H·Z and of ∇E are brought within ±clip, before anything else.
///
/// Two gradients a step, and a Hessian-vector product where μ > 0 and Z is not 0. A gradient g that
/// is not finite is discarded with its step; a ∇E or an h that is not finite leaves rate, β and μ as
/// they are (``heldSteps`` counts both); a Z that is not finite begins again at 0
/// (``tangentRestarts``).
///
/// > Source: L. Franceschi, M. Donini, P. Frasconi and M. Pontil, Forward and Reverse Gradient-Based
/// > Hyperparameter Optimization (2017), RTHO; M. Donini, L. Franceschi, O. Majumder,
/// > M. Pontil and P. Frasconi, MARTHE: Scheduling the Learning Rate Via Online Hypergradients
/// > (2020). The rules of μ, of β and of the clipping (there at 100) are those of the authors'
/// > published code; the paper's text of them was not compared. Deviations from that code: the
/// > recursion uses the current rate, not the initial one; the rate is never negative; Adam's tangent
/// > is its derivative; the first step of Adam and of momentum counts; an ℓ2 penalty belongs to the
/// > objective, so that H has it.
public struct ForwardHypergradient<Rule: TangentRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// α ≥ 0.
  public let hyperHyperLearningRate: Double
  public let bounds: ClosedRange<Double>
  public let clip: Double?
  /// η_t, the rate that the last step applied.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  /// η_{t+1}.
  public private(set) var nextLearningRate: Double
  /// β.
  public private(set) var hyperLearningRate: Double
  /// μ.
  public var discount: Double { discounting.value }
  /// h of the last step that had one.
  public private(set) var hypergradient = 0.0
  /// Steps whose gradient, validation gradient or product was not finite.
  public private(set) var heldSteps = 0
  /// How often Z was not finite.
  public private(set) var tangentRestarts = 0
  /// Z.
  public var tangent: [Scalar] { rateTangent.value }

  private var discounting: DiscountState
  private var direction: RuleState<Rule>
  private var rateTangent = RateTangent<Scalar>()
  @Scratch private var gradient: [Scalar] = []
  @Scratch private var validation: [Scalar] = []

  public init(
    _ rule: Rule, initial: Double, hyperLearningRate: Double,
    discount: HypergradientDiscount = .fixed(1),
    hyperHyperLearningRate: Double = 0, within bounds: ClosedRange<Double> = 0...1e6,
    clip: Double? = nil
  ) {
    let checked = TangentRuleOnObjective(rule: rule)
    Recipe<any TrainingMethod<Scalar>>.rtho().check(
      checked, initial, hyperLearningRate, discount.fixed ?? 1, bounds, clip)
    Recipe<any TrainingMethod<Scalar>>.marthe().check(
      checked, initial, hyperLearningRate, hyperHyperLearningRate, bounds, clip)
    discounting = DiscountState(discount)
    self.hyperLearningRate = hyperLearningRate
    self.hyperHyperLearningRate = hyperHyperLearningRate
    self.bounds = bounds
    self.clip = clip
    learningRate = initial
    nextLearningRate = initial
    direction = RuleState(rule)
  }

  /// The rule's state and its tangents, and Z.
  public var memoryVectors: Int { 2 * direction.memoryVectors + 1 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    direction.begin(parameterCount: parameters.count)
    rateTangent.begin(count: parameters.count, stateVectors: direction.memoryVectors)
    gradient = [Scalar](repeating: 0, count: parameters.count)
    validation = gradient
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let x = parameters.baseAddress!
    guard let (loss, g) = oracle.finiteGradient(at: x) else {
      heldSteps += 1
      return stepCounts.skip()
    }
    VectorLoops.copy(g, clippedTo: clip, into: &gradient)
    if discount > 0 {
      rateTangent.differentiateGradient(at: UnsafePointer(x), clip: clip, &oracle)
    }
    let kept = gradient
    kept.withUnsafeBufferPointer { _ = direction.make(x, $0.baseAddress!, loss: loss) }
    let rate = oracle.heldRate(nextLearningRate, of: 0)
    if !rateTangent.advance(direction, gradient: gradient, rate: rate, discount: discount) {
      tangentRestarts += 1
    }
    direction.apply(x, rate: rate)
    learningRate = rate
    learn(UnsafePointer(x), &oracle)
  }

  /// η_{t+1}, β_{t+1} and μ_{t+1} from the gradient of E at θ_{t+1}.
  private mutating func learn<O: Oracle<Scalar>>(_ x: UnsafePointer<Scalar>, _ oracle: inout O) {
    let (_, above) = oracle.evaluate(at: x, draw: 1)
    VectorLoops.copy(above, clippedTo: clip, into: &validation)
    let h = VectorLoops.dot(validation, rateTangent.value)
    guard h.isFinite, VectorLoops.isFinite(validation) else {
      heldSteps += 1
      return
    }
    hypergradient = h
    let next = learningRate - hyperLearningRate * h
    nextLearningRate = bounds.nearest(to: next)
    let hyper = hyperLearningRate + hyperHyperLearningRate * h * nextLearningRate
    if hyper.isFinite { hyperLearningRate = max(hyper, 0) }
    discounting.learn(
      rate: nextLearningRate, alignment: VectorLoops.dot(validation, gradient))
  }
}

extension Recipe {
  /// `rtho(sgd, initial: 0.1, hyperLearningRate: 1e-3)`.
  package static func rtho<S: ParameterScalar>() -> Recipe where Product == any TrainingMethod<S> {
    Recipe(
      "rtho",
      {
        (
          rule: TangentRuleOnObjective<S>, initial: Double, hyperLearningRate: Double,
          discount: Double, bounds: ClosedRange<Double>, clip: Double?
        ) in
        rule.forward(
          initial, hyperLearningRate, .fixed(discount), hyperHyperLearningRate: 0, bounds, clip)
      },
      .tangentRule(), .initialOfForward,
      .number(
        "hyperLearningRate", in: .atLeast(0), unit: "learning rate²/loss",
        "β, the rate of the rate"),
      .number(
        "discount", in: .between(0, 1), default: 1,
        "μ: 1 for the whole past, 0 for the last step alone"),
      .boundsOfForward, .clip,
      unless: { _, initial, _, _, bounds, _ in faultOfBounds(bounds, initial) },
      summary:
        "the rate by forward-mode hypergradients of a validation loss (Franceschi et al. 2017)",
      examples: [
        "rtho(hyperLearningRate: 1e-4)",
        "rtho(adam, initial: 0.01, hyperLearningRate: 1e-5, discount: 0.9)",
        "rtho(heavyBall(momentum: 0.8), initial: 0.01, hyperLearningRate: 1e-5, "
          + "discount: 0)",
      ],
      compared: ["rtho(rule, initial: rate, hyperLearningRate: 1e-8)"],
      standard: {
        ForwardHypergradient(GradientDescent<S>(), initial: 0.01, hyperLearningRate: 1e-4)
      })
  }

  /// `marthe(sgd, initial: 0.1)`.
  package static func marthe<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "marthe",
      {
        (
          rule: TangentRuleOnObjective<S>, initial: Double, hyperLearningRate: Double,
          hyperHyper: Double, bounds: ClosedRange<Double>, clip: Double?
        ) in
        rule.forward(
          initial, hyperLearningRate, .automatic, hyperHyperLearningRate: hyperHyper, bounds,
          clip)
      },
      .tangentRule(), .initialOfForward,
      .number(
        "hyperLearningRate", in: .atLeast(0), default: 1e-8, unit: "learning rate²/loss",
        "β, the rate of the rate"),
      .number(
        "hyperHyperLearningRate", in: .atLeast(0), default: 1e-6, unit: "learning rate²/loss²",
        "the rate of β"),
      .boundsOfForward, .clip,
      unless: { _, initial, _, _, bounds, _ in faultOfBounds(bounds, initial) },
      summary: "rtho with a discount and a hyper-learning rate that adapt (Donini et al. 2020)",
      examples: [
        "marthe(nesterov(momentum: 0.7), initial: 0.01, hyperLearningRate: 1e-5)"
      ],
      compared: ["marthe(rule, initial: rate, hyperLearningRate: 1e-8)"],
      standard: {
        ForwardHypergradient(
          GradientDescent<S>(), initial: 0.01, hyperLearningRate: 1e-8, discount: .automatic,
          hyperHyperLearningRate: 1e-6)
      })
  }
}

/// A rule whose tangent is known, with the objective that a text gave it.
struct TangentRuleOnObjective<Scalar: ParameterScalar>: Sendable {
  let rule: any TangentRule<Scalar>
  var objective = Objective.plain

  func forward(
    _ initial: Double, _ hyperLearningRate: Double, _ discount: HypergradientDiscount,
    hyperHyperLearningRate: Double, _ bounds: ClosedRange<Double>, _ clip: Double?
  ) -> any TrainingMethod<Scalar> {
    func open<R: TangentRule<Scalar>>(_ rule: R) -> any TrainingMethod<Scalar> {
      ForwardHypergradient(
        rule, initial: initial, hyperLearningRate: hyperLearningRate, discount: discount,
        hyperHyperLearningRate: hyperHyperLearningRate, within: bounds, clip: clip)
    }
    return open(rule).on(objective)
  }
}

extension Parameter {
  fileprivate static func tangentRule<S: ParameterScalar>() -> Parameter
  where Value == TangentRuleOnObjective<S> {
    Parameter(
      "_", nil,
      .refined("rule", shown: { _ in "sgd" }) { (_, rule: RuleOnObjective<S>) in
        guard let known = rule.rule as? any TangentRule<S> else {
          return .failure(
            Refusal("a rule whose tangent is known: sgd, heavyBall, nesterov or adam"))
        }
        return .success(TangentRuleOnObjective(rule: known, objective: rule.objective))
      }, default: TangentRuleOnObjective(rule: GradientDescent<S>()),
      "the rule: sgd, heavyBall, nesterov or adam")
  }
}

extension Parameter where Value == Double {
  fileprivate static var initialOfForward: Parameter {
    .number("initial", in: .atLeast(0), default: 0.01, unit: "learning rate", "the first rate")
  }
}

extension Parameter where Value == ClosedRange<Double> {
  fileprivate static var boundsOfForward: Parameter {
    .range("within", default: 0...1e6, unit: "learning rate", "bounds of the rate")
  }
}

extension Parameter where Value == Double? {
  fileprivate static var clip: Parameter {
    .number(
      "clip", orNone: .above(0), "the largest size of an element of the gradients and of H·Z")
  }
}

extension ForwardHypergradient {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    hyperHyperLearningRate = try state.number(.hyperHyperLearningRate)
    bounds = try state.value(.bounds)
    clip = try state.numberOrNone(.clip)
    learningRate = try state.number(.learningRate)
    stepCounts = try state.value(.stepCounts)
    nextLearningRate = try state.number(.nextLearningRate)
    hyperLearningRate = try state.number(.hyperLearningRate)
    hypergradient = try state.number(.hypergradient)
    heldSteps = try state.count(.heldSteps)
    tangentRestarts = try state.count(.tangentRestarts)
    discounting = try state.value(.discounting)
    direction = try state.value(.direction)
    rateTangent = try state.value(.rateTangent)
    gradient = [Scalar](repeating: 0, count: direction.count)
    validation = gradient
    try state.check(
      rateTangent.fault(count: direction.count, stateVectors: direction.memoryVectors))
    let checked = TangentRuleOnObjective(rule: direction.rule)
    for rate in [learningRate, nextLearningRate] {
      try state.check(
        Recipe<any TrainingMethod<Scalar>>.marthe().fault(
          of: checked, rate, hyperLearningRate, hyperHyperLearningRate, bounds, clip))
    }
  }
}
