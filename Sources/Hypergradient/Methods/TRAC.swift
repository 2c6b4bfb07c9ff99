package import HypergradientRecipes
internal import PortableMath

/// TRAC: a scale for the updates of any rule, by discounted betting with a potential of the
/// imaginary error function.
///
///     h_t = ⟨g_t, S_t/(S_t + ε) Δ_t⟩
///     v_k = β_k² v_k + h²      σ_k = β_k σ_k − h      k = 1 … n,  β_k = 1 − 10^{−k}
///     S_{t+1} = (Σ_k s₀ erfi(σ_k/(√(2 v_k) + ε)) / erfi(1/√2))₊
///     Δ_{t+1} = S_t/(S_t + ε) Δ_t − η u_t             the rule's moves, S being the scale so far
///     x_{t+1} = x₀ + S_{t+1} Δ_{t+1}
///
/// Each σ_k begins at 10⁻⁸, v_k at 0. η ("rate") is the rule's own rate, s₀ the scale at the start, of
/// one bet. It is for problems that change: where the bets fail the parameters go back to x₀. S
/// past the largest number, or such that the parameters were, stays what it was. A gradient that is
/// not finite is discarded.
///
/// > Source: A. Muppidi, Z. Zhang and H. Yang, Fast TRAC: A Parameter-Free Optimizer for Lifelong
/// > Reinforcement Learning (NeurIPS 2024), Algorithms 1 and 2, as in the authors' code: σ begins
/// > at 10⁻⁸, and Δ is divided by S + ε. Deviation: erfi is exact where that code has an
/// > approximation.
public struct TRAC<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// η > 0.
  public let rate: Double
  /// s₀ > 0.
  public let initialScale: Double
  public let epsilon: Double
  /// S · η.
  public private(set) var learningRate = 0.0
  /// S: the scale of Δ.
  public var distanceEstimate: Double? { scale }
  public private(set) var stepCounts = StepCounts()
  private let betas: [Double]
  private var v: [SquareSum]
  private var sigma: [Double]
  private var scale = 0.0
  private var direction: RuleState<Rule>
  private var origin: [Scalar] = []
  private var offset: [Scalar] = []

  /// - Parameter betas: n, the number of time scales.
  public init(
    _ rule: Rule, rate: Double = 1, initialScale: Double = 1e-8, betas: Int = 6,
    epsilon: Double = 1e-8
  ) {
    Recipe<any TrainingMethod<Scalar>>.trac().check(
      RuleOnObjective(rule), rate, initialScale, betas, epsilon)
    self.rate = rate
    self.initialScale = initialScale
    self.epsilon = epsilon
    var power = 1.0
    self.betas = (0..<betas).map { _ in
      power /= 10
      return 1 - power
    }
    v = [SquareSum](repeating: SquareSum(), count: betas)
    sigma = [Double](repeating: 1e-8, count: betas)
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
    guard let (loss, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    let share = scale / (scale + epsilon)
    let h =
      share
      * offset.withUnsafeBufferPointer { VectorLoops.dot($0.baseAddress!, g, count: count) }
    guard h.isFinite else { return stepCounts.skip() }
    for k in betas.indices {
      v[k].add(h, decay: betas[k] * betas[k])
      sigma[k] = betas[k] * sigma[k] - h
    }
    direction.make(x, g, loss: loss)
    let (update, rate) = (direction, rate)
    offset.withUnsafeMutableBufferPointer { offset in
      VectorLoops.scale(offset, by: Scalar.nearest(to: share))
      update.apply(offset.baseAddress!, rate: rate)
    }
    let wealth = bets()
    if wealth.isFinite, (wealth * rate).isFinite { scale = wealth }
    let wanted = scale * rate
    learningRate = oracle.heldRate(wanted, of: 0)
    if learningRate != wanted { scale = learningRate / rate }
    VectorLoops.place(x, origin, offset, by: Scalar.nearest(to: scale))
  }

  /// (Σ s₀ erfi(σ/(√(2v) + ε))/erfi(1/√2))₊.
  private func bets() -> Double {
    var sum = 0.0
    for k in betas.indices {
      // √(2v) = √2 √v.
      sum += Portable.erfi(sigma[k] / (2.0.squareRoot() * v[k].root() + epsilon))
    }
    return max(0, initialScale * sum / Portable.erfi(0.5.squareRoot()))
  }
}

extension Recipe {
  /// `trac(adam, rate: 1e-2)`.
  package static func trac<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "trac",
      { (rule: RuleOnObjective<S>, rate: Double, scale: Double, betas: Int, epsilon: Double) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          TRAC(rule, rate: rate, initialScale: scale, betas: betas, epsilon: epsilon)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule whose updates are scaled"),
      .number(
        "rate", in: .above(0), default: 1, unit: "learning rate", "the rule's own rate"),
      .number("initialScale", in: .above(0), default: 1e-8, "the scale at the start, of one bet"),
      .count("betas", in: .between(1, 15), default: 6, "time scales, 1 − 10⁻¹ … 1 − 10⁻ⁿ"),
      .number("epsilon", in: .above(0), default: 1e-8, "added to the scale and to the root"),
      summary: "learns a scale for any rule, with a way back to the start (Muppidi et al. 2024)",
      examples: [
        "trac(sgd, initialScale: 1e-3)", "trac(adam, rate: 1e-2, initialScale: 0.01, betas: 4)",
      ], compared: ["trac(rule)"], standard: { TRAC(GradientDescent<S>()) })
  }
}

extension TRAC {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    rate = try state.number(.rate)
    initialScale = try state.number(.initialScale)
    epsilon = try state.number(.epsilon)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    betas = try state.numbers(.betas, in: .from(0, below: 1))
    v = try state.value(.v)
    try state.expect(v.count == betas.count, .v, "\(v.count) sums for \(betas.count) time scales")
    sigma = try state.numbers(.sigma, count: betas.count)
    scale = try state.number(.scale, in: .atLeast(0))
    direction = try state.value(.direction)
    origin = try state.vector(.origin, count: direction.count)
    offset = try state.vector(.offset, count: direction.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.trac().fault(
        of: RuleOnObjective(direction.rule), rate, initialScale, betas.count, epsilon))
  }
}
