package import HypergradientRecipes

/// Mechanic: a scale for the updates of any rule, learned by betting against its regret.
///
///     Δ_t = −Σ_{i<t} η u_i                       what the rule would have moved
///     h_t = ⟨Δ_t, g_t + λ (Σ_k s_k) ‖g_t‖ x_t/‖x_t‖⟩
///     m_k = max(β_k m_k, |h|)     v_k = β_k² v_k + h²     r_k = max(0, β_k r_k − s_k h)
///     s_k = (m_k s₀/n + r_k) / (√v_k + ε)        k = 1 … n,  β_k = 1 − 10^{−k}
///     x_{t+1} = x₀ + (Σ_k s_k) Δ_{t+1}
///
/// η ("rate") is the rule's own rate, s₀ the scale at the start. A gradient that is not finite is
/// discarded.
///
/// > Source: A. Cutkosky, A. Defazio and H. Mehta, Mechanic: A Learning Rate Tuner (NeurIPS 2023),
/// > Algorithm 1. Published code differs from it, and so from this, most in the first steps: the
/// > authors' begins m_k at 10⁻⁶, by which s_k is about 100 s₀/n at once, divides by Σ s_k + ε to have Δ
/// > back, and takes x after the rule's step in λ's term; Optax clips h_t to ±m_k and has s₀ = 10⁻⁶.
public struct Mechanic<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// η > 0.
  public let rate: Double
  /// λ ≥ 0.
  public let decay: Double
  /// s₀ > 0.
  public let initialScale: Double
  public let epsilon: Double
  /// Σ s_k · η.
  public private(set) var learningRate: Double
  /// Σ s_k: the scale of Δ, which is the distance to a solution where the rule's moves have length 1
  /// in all, and otherwise the distance over that length.
  public var distanceEstimate: Double? { s.reduce(0, +) }
  public private(set) var stepCounts = StepCounts()
  private let betas: [Double]
  private var m: [Double]
  private var v: [SquareSum]
  private var r: [Double]
  private var s: [Double]
  private var direction: RuleState<Rule>
  private var origin: [Scalar] = []
  private var offset: [Scalar] = []

  /// - Parameter betas: n, the number of time scales.
  public init(
    _ rule: Rule, rate: Double = 1, decay: Double = 0.01, initialScale: Double = 1e-8,
    betas: Int = 6, epsilon: Double = 1e-8
  ) {
    Recipe<any TrainingMethod<Scalar>>.mechanic().check(
      RuleOnObjective(rule), rate, decay, initialScale, betas, epsilon)
    self.rate = rate
    self.decay = decay
    self.initialScale = initialScale
    self.epsilon = epsilon
    var power = 1.0
    self.betas = (0..<betas).map { _ in
      power /= 10
      return 1 - power
    }
    m = [Double](repeating: 0, count: betas)
    (r, s) = (m, m)
    v = [SquareSum](repeating: SquareSum(), count: betas)
    learningRate = 0
    direction = RuleState(rule)
  }

  public var memoryVectors: Int { direction.memoryVectors + 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    origin = Array(parameters)
    offset = [Scalar](repeating: 0, count: parameters.count)
    direction.begin(parameterCount: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (loss, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let norm = VectorLoops.norm(g, count: count)
    guard norm.isFinite else { return stepCounts.skip() }
    let length = VectorLoops.norm(x, count: count)
    let (along, across) = offset.withUnsafeBufferPointer {
      (
        VectorLoops.dot($0.baseAddress!, g, count: count),
        VectorLoops.dot($0.baseAddress!, UnsafePointer(x), count: count)
      )
    }
    let total = s.reduce(0, +)
    var penalty = length > 0 ? decay * total * norm * across / length : 0
    if !penalty.isFinite { penalty = decay * total * (across / length) * norm }
    let h = along + penalty
    guard h.isFinite else { return stepCounts.skip() }
    for k in betas.indices {
      m[k] = max(betas[k] * m[k], abs(h))
      v[k].add(h, decay: betas[k] * betas[k])
      r[k] = max(0, betas[k] * r[k] - s[k] * h)
      let wealth = m[k] * initialScale / Double(betas.count) + r[k]
      s[k] = wealth / (v[k].root() + epsilon)
    }
    direction.make(x, g, loss: loss)
    let (update, rate) = (direction, rate)
    offset.withUnsafeMutableBufferPointer { update.apply($0.baseAddress!, rate: rate) }
    let scale = s.reduce(0, +)
    learningRate = oracle.heldRate(scale * self.rate, of: 0)
    place(x, learningRate == scale * self.rate ? scale : learningRate / self.rate)
  }

  @specialized(where Rule == GradientDescent<Float>)
  @specialized(where Rule == Adam<Float>)
  @specialized(where Rule == GradientDescent<Double>)
  @specialized(where Rule == Adam<Double>)
  private func place(_ x: UnsafeMutablePointer<Scalar>, _ scale: Double) {
    let scale = Scalar.nearest(to: scale)
    for i in origin.indices { x[i] = origin[i] + scale * offset[i] }
  }
}

extension Recipe {
  /// `mechanic(adam, rate: 1e-3)`.
  package static func mechanic<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "mechanic",
      {
        (
          rule: RuleOnObjective<S>, rate: Double, decay: Double, scale: Double, betas: Int,
          epsilon: Double
        ) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          Mechanic(
            rule, rate: rate, decay: decay, initialScale: scale, betas: betas, epsilon: epsilon)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule whose updates are scaled"),
      .number(
        "rate", in: .above(0), default: 1, unit: "learning rate", "the rule's own rate"),
      .number("decay", in: .atLeast(0), default: 0.01, "λ of the regularisation"),
      .number("initialScale", in: .above(0), default: 1e-8, "the scale at the start"),
      .count("betas", in: .between(1, 15), default: 6, "time scales, 1 − 10⁻¹ … 1 − 10⁻ⁿ"),
      .number("epsilon", in: .above(0), default: 1e-8, unit: "loss", "added to the root"),
      summary: "learns a scale for any rule (Cutkosky et al. 2023)",
      examples: [
        "mechanic(sgd, initialScale: 1e-3)",
        "mechanic(adam, rate: 1e-2)",
      ], compared: ["mechanic(rule)"], standard: { Mechanic(GradientDescent<S>()) })
  }
}

extension Mechanic {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    rate = try state.number(.rate)
    decay = try state.number(.decay)
    initialScale = try state.number(.initialScale)
    epsilon = try state.number(.epsilon)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    betas = try state.numbers(.betas, in: .from(0, below: 1))
    m = try state.numbers(.m, count: betas.count, in: .atLeast(0))
    v = try state.value(.v)
    try state.expect(v.count == betas.count, .v, "\(v.count) sums for \(betas.count) time scales")
    r = try state.numbers(.r, count: betas.count, in: .atLeast(0))
    s = try state.numbers(.s, count: betas.count, in: .atLeast(0))
    direction = try state.value(.direction)
    origin = try state.vector(.origin, count: direction.count)
    offset = try state.vector(.offset, count: direction.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.mechanic().fault(
        of: RuleOnObjective(direction.rule), rate, decay, initialScale, betas.count, epsilon))
  }
}
