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
public struct StochasticMetaDescent<Scalar: ParameterScalar>: TrainingMethod {
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

  private var isTraceSet = false
  private var gradient: [Scalar] = []

  /// - Precondition: `initial` is within positive finite `bounds`; the others are in their ranges.
  public init(
    initial: Double, metaRate: Double = 0.02, discount: Double = 0.99, leastFactor: Double = 0.5,
    within bounds: ClosedRange<Double> = 1e-12...1e6
  ) {
    precondition(
      bounds.lowerBound > 0 && bounds.upperBound.isFinite,
      "the bounds \(bounds) are not positive and finite")
    precondition(bounds.contains(initial), "initial is \(initial), outside \(bounds)")
    precondition(metaRate >= 0 && metaRate.isFinite, "metaRate is \(metaRate), not at least 0")
    precondition(discount >= 0 && discount <= 1, "discount is \(discount), not in [0, 1]")
    precondition(
      leastFactor > 0 && leastFactor <= 1, "leastFactor is \(leastFactor), not in (0, 1]")
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
    let x = parameters.baseAddress!
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    guard VectorLoops.dot(g, g, count: parameters.count).isFinite else { return }
    VectorLoops.copy(g, clippedTo: nil, into: &gradient)
    var product: UnsafePointer<Scalar>?
    if isTraceSet, discount > 0 {
      product = trace.withUnsafeBufferPointer {
        oracle.hessianVectorProduct(at: UnsafePointer(x), $0.baseAddress!, draw: 0)
      }
    }
    learnAndMove(x, product)
    isTraceSet = true
    if !VectorLoops.isFinite(trace) {
      for i in trace.indices { trace[i] = 0 }
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

extension Recipe where Product == MethodPair {
  /// `smd(initial: 0.01)`.
  static let smd = Recipe(
    "smd",
    [
      Parameter(
        "initial", .number(.above(0)), default: "1e-3", unit: "learning rate", "the first gains"),
      Parameter(
        "metaRate", .number(.atLeast(0)), default: "0.02", unit: "1/loss",
        "μ, the rate of the gains' logarithms"),
      Parameter(
        "discount", .number(.between(0, 1)), default: "0.99",
        "λ, how much of the past the trace keeps"),
      Parameter(
        "leastFactor", .number(.excluding(0, through: 1)), default: "0.5",
        "ρ, the least factor of a gain in one step"),
      Parameter(
        "within", .range, default: "1e-12...1e6", unit: "learning rate", "bounds of the gains"),
    ], summary: "a gain for each parameter along a curvature-aware trace (Schraudolph 1999)"
  ) { arguments throws(SpecError) in
    let (initial, bounds) = (arguments.number("initial"), arguments.range("within"))
    guard bounds.lowerBound > 0, bounds.upperBound.isFinite, bounds.contains(initial) else {
      throw arguments.error("'within' is to be positive and to hold 'initial'")
    }
    func make<Scalar>(_: Scalar.Type) -> StochasticMetaDescent<Scalar> {
      StochasticMetaDescent(
        initial: initial, metaRate: arguments.number("metaRate"),
        discount: arguments.number("discount"), leastFactor: arguments.number("leastFactor"),
        within: bounds)
    }
    return MethodPair(make(Float.self), make(Double.self))
  }
}
