public import HypergradientRecipes

/// SMD: a gain for every parameter, learned along a trace that Hessian-vector products carry.
///
///     d = −g_t
///     p_t = Π[p_{t−1} · max(ρ, 1 + μ d·v_t)]
///     θ_{t+1} = θ_t + p_t·d
///     v_{t+1} = λ v_t + p_t·(d − λ ∇²f(θ_t) v_t)
///
/// Products of vectors are by element. v estimates the derivative of θ with respect to the logarithms
/// of the gains: for λ = 1 and fixed gains it is exactly the derivative of θ_t with respect to one
/// logarithm that is added to all. d·v is then −∂f/∂ln p, coordinate by coordinate. μ ("metaRate")
/// has the unit 1/loss, λ ("discount") is 1 for all of the past and 0 for the last step alone, and
/// no gain falls below ρ ("leastFactor") times itself. Π keeps the gains within `bounds`.
///
/// One gradient a step, and a Hessian-vector product where λ v is not 0. A gradient that is not
/// finite is discarded with its step; a v that is not finite begins again at 0 (``traceRestarts``).
///
/// > Source: N. N. Schraudolph, Local Gain Adaptation in Stochastic Gradient Descent (1999), with the
/// > form and ρ = ½ of N. N. Schraudolph, Fast Curvature Matrix-Vector Products for Second-Order
/// > Gradient Descent (2002), checked in secondary sources; the defaults of μ and λ are those of a
/// > published implementation (pmtk). Deviations: the bounds; ∇²f for the Gauss–Newton matrix of
/// > 2002, which a general oracle doesn't have.
public struct SMD<Scalar: ParameterScalar>: TrainingMethod {
  public let initial: Double
  /// μ ≥ 0.
  public let metaRate: Double
  /// λ ∈ [0, 1].
  public let discount: Double
  /// ρ ∈ (0, 1].
  public let leastFactor: Double
  public let bounds: ClosedRange<Double>
  /// How often v was not finite.
  public private(set) var traceRestarts = 0
  /// p.
  public private(set) var gains: [Scalar] = []
  /// v.
  public private(set) var trace: [Scalar] = []
  /// The mean of the gains.
  public var learningRate: Double {
    gains.isEmpty ? initial : gains.reduce(0) { $0 + Double($1) } / Double(gains.count)
  }

  public private(set) var stepCounts = StepCounts()
  private var isTraceSet = false
  @Scratch private var gradient: [Scalar] = []

  public init(
    initial: Double = 1e-3, metaRate: Double = 0.02, discount: Double = 0.99,
    leastFactor: Double = 0.5,
    within bounds: ClosedRange<Double> = 1e-12...1e6
  ) {
    Self.recipe.check(initial, metaRate, discount, leastFactor, bounds)
    self.initial = initial
    self.metaRate = metaRate
    self.discount = discount
    self.leastFactor = leastFactor
    self.bounds = bounds
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    gains = [Scalar](repeating: Scalar.nearest(to: initial), count: parameters.count)
    trace = [Scalar](repeating: 0, count: parameters.count)
    gradient = trace
    isTraceSet = false
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, gains.count)
    let x = parameters.baseAddress!
    guard let (_, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    VectorLoops.copy(g, into: &gradient)
    var product: UnsafePointer<Scalar>?
    if isTraceSet, discount > 0 {
      product = trace.withUnsafeBufferPointer {
        oracle.hessianVectorProduct(at: UnsafePointer(x), $0.baseAddress!, draw: 0)
      }
    }
    learnAndMove(x, product)
    isTraceSet = true
    if !VectorLoops.isFinite(trace) {
      VectorLoops.clear(&trace)
      isTraceSet = false
      traceRestarts += 1
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func learnAndMove(
    _ x: UnsafeMutablePointer<Scalar>, _ product: UnsafePointer<Scalar>?
  ) {
    let (mu, lambda) = (Scalar.nearest(to: metaRate), Scalar.nearest(to: discount))
    let rho = Scalar.nearest(to: leastFactor)
    let low = Scalar.nearest(to: bounds.lowerBound)
    let high = Scalar.nearest(to: bounds.upperBound)
    for i in gains.indices {
      let d = -gradient[i]
      let v = trace[i]
      let p = min(max(gains[i] * max(rho, 1 + mu * d * v), low), high)
      gains[i] = p
      x[i] += p * d
      let curved = product.map { $0[i] } ?? 0
      trace[i] = lambda * v + p * (d - lambda * curved)
    }
  }
}

extension SMD: HasRecipe {
  /// `smd(initial: 0.01)`.
  public static var recipe: Recipe<SMD> {
    Recipe(
      "smd", SMD.init(initial:metaRate:discount:leastFactor:within:),
      .number("initial", in: .above(0), default: 1e-3, unit: "learning rate", "the first gains"),
      .number(
        "metaRate", in: .atLeast(0), default: 0.02, unit: "1/loss",
        "μ, the rate of the gains' logarithms"),
      .number(
        "discount", in: .between(0, 1), default: 0.99, "λ, how much of the past the trace keeps"),
      .number(
        "leastFactor", in: .excluding(0, through: 1), default: 0.5,
        "ρ, the least factor of a gain in one step"),
      .range("within", default: 1e-12...1e6, unit: "learning rate", "bounds of the gains"),
      unless: { initial, _, _, _, bounds in faultOfPositive(bounds, initial) },
      summary: "a gain for each parameter along a curvature-aware trace (Schraudolph 1999)",
      examples: [
        "smd(initial: 0.01)",
        "smd(initial: 0.02, metaRate: 0.1, discount: 0)",
      ], compared: ["smd(initial: rate, within: 1e-20...1e20)"], standard: { SMD() })
  }
}

extension SMD {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    metaRate = try state.number(.metaRate)
    discount = try state.number(.discount)
    leastFactor = try state.number(.leastFactor)
    bounds = try state.value(.bounds)
    traceRestarts = try state.count(.traceRestarts)
    stepCounts = try state.value(.stepCounts)
    isTraceSet = try state.value(.isTraceSet)
    gains = try state.vector(.gains, in: .atLeast(0))
    trace = try state.vector(.trace, count: gains.count)
    gradient = [Scalar](repeating: 0, count: gains.count)
    try state.check(Self.recipe.fault(of: initial, metaRate, discount, leastFactor, bounds))
  }
}
