package import HypergradientRecipes
internal import PortableMath

/// MetaOptimize: the logarithm of the rate trained by a sign method on a discounted trace.
///
///     p_t = ⟨h_{t−1}, g_t⟩                      −∂f/∂b, b = log α, for each group
///     b_t = b_{t−1} + κ·sign(c q_{t−1} + (1 − c) p_t)      q_t = ρ q_{t−1} + (1 − ρ) p_t
///     θ_t = θ_{t−1} − α_t u_t                   α_t = exp(b_t)
///     h_t = γ h_{t−1} + α_t u_t
///
/// u is a rule's direction, κ ("metaRate") the step of b, γ the discount of the trace (1: all of the
/// past counts, 0: the last step alone), c = 0.9, ρ = 0.99 as in Lion. With `byGroup` every group of
/// the parameters (a layer) has its own α. b is held between log `bounds`. A gradient that is not
/// finite is discarded.
///
/// > Source: A. Sharifnassab, S. Salehkaleybar and R. Sutton, MetaOptimize: A Framework for Optimizing
/// > Step Sizes and Other Meta-parameters (2025), as in the authors' programs of its experiments
/// > (`HF.py`): Lion as the meta-update, its sign of the average of before; all that the rule moved in the
/// > trace, and no Hessian. Deviations from these: the new α moves the step that it was learned at, and
/// > h is γ h, not γ (1 − α w) h, with a decoupled decay w. Their later classes for AdamW
/// > (`MetaOptimize_AdamW_Lion_hg`) have the average of now in the sign, α g/(√v̂ + ε) in the trace and γ =
/// > 0.9999; the one in JAX moves by the new α, too.
public struct MetaOptimize<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// κ ≥ 0.
  public let metaRate: Double
  /// γ ∈ [0, 1].
  public let discount: Double
  public let bounds: ClosedRange<Double>
  public let byGroup: Bool
  /// α of the first group.
  public var learningRate: Double { Portable.exp(logRates.first ?? initialLog) }
  public private(set) var stepCounts = StepCounts()
  private let initialLog: Double
  private var logRates: [Double] = []
  private var averages: [Double] = []
  private var groups: [Range<Int>] = []
  private var direction: RuleState<Rule>
  private var trace: [Scalar] = []

  /// - Precondition: `initial` is within positive finite `bounds`, the others are in their ranges.
  public init(
    _ rule: Rule, initial: Double = 1e-3, metaRate: Double = 1e-3, discount: Double = 1,
    within bounds: ClosedRange<Double> = 1e-12...1e6, byGroup: Bool = false
  ) {
    Recipe<any TrainingMethod<Scalar>>.metaOptimize().check(
      RuleOnObjective(rule), initial, metaRate, discount, bounds, byGroup)
    self.metaRate = metaRate
    self.discount = discount
    self.bounds = bounds
    self.byGroup = byGroup
    initialLog = Portable.log(initial)
    direction = RuleState(rule)
  }

  public var memoryVectors: Int { direction.memoryVectors + 1 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    self.groups = byGroup ? groups : [0..<parameters.count]
    logRates = self.groups.map { _ in initialLog }
    averages = self.groups.map { _ in 0 }
    trace = [Scalar](repeating: 0, count: parameters.count)
    direction.begin(parameterCount: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let x = parameters.baseAddress!
    guard let (loss, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    let (low, high) = (Portable.log(bounds.lowerBound), Portable.log(bounds.upperBound))
    for (k, group) in groups.enumerated() {
      let p = trace.withUnsafeBufferPointer {
        VectorLoops.dot(
          $0.baseAddress! + group.lowerBound, g + group.lowerBound, count: group.count)
      }
      guard p.isFinite else { continue }
      let moment = 0.9 * averages[k] + 0.1 * p
      if moment != 0 {
        logRates[k] = min(max(logRates[k] + (moment > 0 ? metaRate : -metaRate), low), high)
      }
      averages[k] = 0.99 * averages[k] + 0.01 * p
    }
    direction.make(x, g, loss: loss)
    let rates = logRates.indices.map { k in
      let wanted = Portable.exp(logRates[k])
      let rate = oracle.heldRate(wanted, of: k)
      if rate != wanted { logRates[k] = min(max(Portable.log(rate), low), high) }
      return rate
    }
    let groups = groups
    let discount = Scalar.nearest(to: discount)
    let host = direction
    host.withDirection { u in
      trace.withUnsafeMutableBufferPointer { h in
        for (k, group) in groups.enumerated() {
          let (first, count) = (group.lowerBound, group.count)
          let rate = Scalar.nearest(to: rates[k])
          Elementwise.subtract(x + first, rate, u + first, count)
          VectorLoops.decayAndAdd(
            h.baseAddress! + first, discount, rate, u + first,
            count)
        }
      }
    }
  }
}

extension Recipe {
  /// `metaOptimize(adam, initial: 1e-3)`.
  package static func metaOptimize<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "metaOptimize",
      {
        (
          rule: RuleOnObjective<S>, initial: Double, metaRate: Double, discount: Double,
          bounds: ClosedRange<Double>, byGroup: Bool
        ) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          MetaOptimize(
            rule, initial: initial, metaRate: metaRate, discount: discount, within: bounds,
            byGroup: byGroup)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .number("initial", in: .above(0), default: 1e-3, unit: "learning rate", "the first rate"),
      .number("metaRate", in: .atLeast(0), default: 1e-3, "step of the rate's logarithm"),
      .number("discount", in: .between(0, 1), default: 1, "how much of the past the trace keeps"),
      .range("within", default: 1e-12...1e6, unit: "learning rate", "bounds of the rate"),
      .byGroup, unless: { _, initial, _, _, bounds, _ in faultOfPositive(bounds, initial) },
      summary: "sign steps on the rate's logarithm along a trace (Sharifnassab et al. 2025)",
      examples: [
        "metaOptimize(sgd, initial: 0.05)",
        "metaOptimize(adam, initial: 0.01, discount: 0.9)",
      ], compared: ["metaOptimize(rule, initial: rate, within: 1e-20...1e20)"],
      standard: { MetaOptimize(GradientDescent<S>()) })
  }
}

extension MetaOptimize {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    metaRate = try state.number(.metaRate)
    discount = try state.number(.discount)
    bounds = try state.value(.bounds)
    byGroup = try state.value(.byGroup)
    stepCounts = try state.value(.stepCounts)
    initialLog = try state.number(.initialLog)
    direction = try state.value(.direction)
    groups = try state.groups(.groups, covering: direction.count)
    try state.expect(byGroup || groups.count <= 1, .groups, "there is one group, not several")
    logRates = try state.numbers(.logRates, count: groups.count)
    averages = try state.numbers(.averages, count: groups.count)
    trace = try state.vector(.trace, count: direction.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.metaOptimize().fault(
        of: RuleOnObjective(direction.rule), bounds.lowerBound, metaRate, discount, bounds, byGroup)
    )
    let (low, high) = (Portable.log(bounds.lowerBound), Portable.log(bounds.upperBound))
    try state.expect(
      (logRates + [initialLog]).allSatisfy { (low - 1e-9...high + 1e-9).contains($0) }, .logRates,
      "a rate is outside 'within'")
  }
}
