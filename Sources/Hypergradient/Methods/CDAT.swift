package import HypergradientRecipes

/// CDAT: the rate that keeps a rule at the edge of its stability, from the curvature along its
/// direction.
///
///     n_t = β n_{t−1} + (1 − β) ⟨g_t, u_t⟩₊        d_t = β d_{t−1} + (1 − β)(|⟨u_t, ∇²f u_t⟩| + ε)
///     η_t = σ n_t / d_t
///     θ_t = θ_{t−1} − η_t · u_t
///
/// σ ("factor") of 1 is the greedy rate of a quadratic model, of 2 the largest that does not ascend
/// by it: on a quadratic gradient descent then stands still in the loss. The Hessian-vector product
/// is of the same draw as the gradient. Where the quotient is not finite the last rate is kept; a
/// gradient or a product that is not finite is discarded.
///
/// > Source: V. Roulet, A. Agarwala, J.-B. Grill, G. Swirszcz, M. Blondel and F. Pedregosa,
/// > Stepping on the Edge: Curvature Aware Learning Rate Tuners (NeurIPS 2024), eq. of CDAT with
/// > the exponential averages of numerator and denominator. Deviation: ε is 0 by default, and β is
/// > 0.9.
public struct CDAT<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// σ > 0.
  public let factor: Double
  /// β ∈ [0, 1).
  public let decay: Double
  public let epsilon: Double
  /// η_t.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var numerator = 0.0
  private var denominator = 0.0
  /// n and d are kept times 2 to this power, which makes numbers of them in every unit of the loss: −2
  /// times the exponent of the first u.
  private var power: Int?
  private var direction: RuleState<Rule>

  public init(_ rule: Rule, factor: Double = 2, decay: Double = 0.9, epsilon: Double = 0) {
    Recipe<any TrainingMethod<Scalar>>.cdat().check(
      RuleOnObjective(rule), factor, decay, epsilon)
    self.factor = factor
    self.decay = decay
    self.epsilon = epsilon
    direction = RuleState(rule)
  }

  public var memoryVectors: Int { direction.memoryVectors }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    direction.begin(parameterCount: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let theta = parameters.baseAddress!
    let count = parameters.count
    guard let (loss, gradient) = oracle.finiteGradient(at: theta) else { return stepCounts.skip() }
    direction.make(theta, gradient, loss: loss)
    if power == nil {
      power = direction.withDirection { u in Norms.exponent(count) { Double(u[$0]) } }.map {
        -2 * $0
      }
    }
    let n = power ?? 0
    let (slope, curvature) = direction.withDirection { u in
      let slope = VectorLoops.dot(u, gradient, count: count, times: n)
      let product = oracle.hessianVectorProduct(at: UnsafePointer(theta), u, draw: 0)
      return (slope, VectorLoops.dot(u, product, count: count, times: n))
    }
    guard slope.isFinite, curvature.isFinite else { return stepCounts.skip() }
    let epsilon = epsilon.scaled(by: n)
    numerator = decay * numerator + (1 - decay) * max(0, slope)
    denominator = decay * denominator + (1 - decay) * (curvature.magnitude + epsilon)
    let rate = factor * (numerator / denominator)
    learningRate = oracle.heldRate(rate.isFinite ? rate : learningRate, of: 0)
    direction.apply(theta, rate: learningRate)
  }
}

extension Recipe {
  /// `cdat(adam)`.
  package static func cdat<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "cdat",
      { (rule: RuleOnObjective<S>, factor: Double, decay: Double, epsilon: Double) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          CDAT(rule, factor: factor, decay: decay, epsilon: epsilon)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .number("factor", in: .above(0), default: 2, "σ: 1 is greedy, 2 the edge of stability"),
      .number("decay", in: .from(0, below: 1), default: 0.9, "decay of the two averages"),
      .number(
        "epsilon", in: .atLeast(0), default: 0, unit: "loss/learning rate²",
        "added to the curvature"),
      summary: "the rate at the edge of stability, by the curvature along u (Roulet et al. 2024)",
      examples: ["cdat(sgd, factor: 1.5)", "cdat(adam, factor: 1, decay: 0.5, epsilon: 1e-6)"],
      compared: ["cdat(rule)", .init("cdat(rule, factor: 1)", as: "cdat-greedy")],
      standard: { CDAT(GradientDescent<S>()) })
  }
}

extension CDAT {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    decay = try state.number(.decay)
    epsilon = try state.number(.epsilon)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    numerator = try state.number(.numerator, in: .atLeast(0))
    denominator = try state.number(.denominator, in: .atLeast(0))
    power = try state.countOrNone(.power, from: -2048)
    direction = try state.value(.direction)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.cdat().fault(
        of: RuleOnObjective(direction.rule), factor, decay, epsilon))
  }
}
