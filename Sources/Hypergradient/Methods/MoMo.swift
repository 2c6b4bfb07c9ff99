public import HypergradientRecipes

/// MoMo: a Polyak rate for momentum, from a model of the loss built of averaged losses, gradients and
/// inner products.
///
///     f̄_t = β f̄_{t−1} + (1 − β) f_t       d_t = β d_{t−1} + (1 − β) g_t
///     γ_t = β γ_{t−1} + (1 − β) ⟨g_t, x_t⟩
///     τ_t = min(η, (f̄_t + ⟨d_t, x_t⟩ − γ_t − f_low)₊ / ‖d_t‖²)
///     x_{t+1} = x_t − τ_t d_t
///
/// The averages begin at their first values. η is the largest rate, f_low a lower bound of the
/// loss; with `adapting` it is learned, and `lowerBound` bounds it: with h = f̄ + ⟨d, x⟩ − γ, f_low
/// ← max(h/2, bound) before a step where h < f_low, and f_low ← max(h − ½ τ‖d‖², bound) after it. A
/// loss or gradient that is not finite is discarded.
///
/// > Source: F. Schaipp, R. Ohana, M. Eickenberg, A. Defazio and R. M. Gower, MoMo: Momentum Models
/// > for Adaptive Learning Rates (ICML 2024), Algorithm 1, without weight decay; section 4.2 for
/// > the bound, as in the authors' code.
public struct MoMo<Scalar: ParameterScalar>: TrainingMethod {
  /// η > 0.
  public let maximum: Double
  /// β ∈ [0, 1).
  public let momentum: Double
  /// f_low, or its lower bound where it is learned.
  public let lowerBound: Double
  /// τ_t.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var stepCount = 0
  private var loss = 0.0
  private var product = 0.0
  private var parameterCount = 0
  private var d: [Scalar] = []
  private var bound: LossBound

  public init(
    maximum: Double = 1, momentum: Double = 0.9, lowerBound: Double = 0, adapting: Bool = false
  ) {
    Self.recipe.check(maximum, momentum, lowerBound, adapting)
    self.maximum = maximum
    self.momentum = momentum
    self.lowerBound = lowerBound
    bound = LossBound(lowerBound, adapts: adapting)
  }

  public var memoryVectors: Int { 1 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    parameterCount = parameters.count
    d = [Scalar](repeating: 0, count: parameterCount)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, d.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (f, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let along = VectorLoops.dot(g, UnsafePointer(x), count: count)
    guard f.isFinite, along.isFinite, VectorLoops.isFinite(g, count: count) else {
      return stepCounts.skip()
    }
    let beta = stepCount == 0 ? 0 : momentum
    stepCount += 1
    loss = beta * loss + (1 - beta) * f
    product = beta * product + (1 - beta) * along
    average(g, beta)
    d.withUnsafeBufferPointer { d in
      let d = d.baseAddress!
      let square = VectorLoops.dot(d, d, count: count)
      let model = loss + VectorLoops.dot(d, UnsafePointer(x), count: count) - product
      let height = model - bound.cut(height: model, weight: 1)
      let norm = Norms.isSafe(square) ? square.squareRoot() : VectorLoops.norm(d, count: count)
      let rate =
        Norms.isSafe(square)
        ? max(0, height) / square : norm > 0 ? max(0, height) / norm / norm : 0
      learningRate = oracle.heldRate(rate.isFinite ? min(maximum, rate) : 0, of: 0)
      bound.learn(height: model, rate: learningRate, square: square, weight: 1)
      VectorLoops.move(x, by: learningRate, along: d, count: count)
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func average(_ g: UnsafePointer<Scalar>, _ beta: Double) {
    let (beta, rest) = (Scalar.nearest(to: beta), Scalar.nearest(to: 1 - beta))
    for i in d.indices { d[i] = beta * d[i] + rest * g[i] }
  }
}

extension MoMo: HasRecipe {
  /// `momo(maximum: 1)`.
  public static var recipe: Recipe<MoMo> {
    Recipe(
      "momo", MoMo.init(maximum:momentum:lowerBound:adapting:),
      .number(
        "maximum", in: .above(0), default: 1, unit: "learning rate", "the largest rate"),
      .number("momentum", in: .from(0, below: 1), default: 0.9, "decay of the averages"),
      .number("lowerBound", in: .any, default: 0, unit: "loss", "a lower bound of the loss"),
      .flag("adapting", default: false, "whether the bound is learned, above that"),
      summary: "a Polyak rate for momentum (Schaipp et al. 2024)",
      examples: [
        "momo(maximum: 0.2)", "momo(maximum: 0.3, lowerBound: -1, adapting: .yes)",
      ],
      compared: [
        .init("momo(maximum: rate)", over: ["heavyBall"]),
        .init("momo(maximum: rate, adapting: .yes)", as: "momo-adapting", over: ["heavyBall"]),
      ], standard: { MoMo() })
  }
}

extension MoMo {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    maximum = try state.number(.maximum)
    momentum = try state.number(.momentum)
    lowerBound = try state.number(.lowerBound)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    stepCount = try state.count(.stepCount)
    loss = try state.number(.loss)
    product = try state.number(.product)
    parameterCount = try state.count(.parameterCount, through: CheckpointLimits.parameters)
    d = try state.vector(.d, count: parameterCount)
    // Earlier releases had no such thing.
    bound = try state.valueOrNone(.bound) ?? LossBound(lowerBound, adapts: false)
    try state.expect(bound.least == lowerBound, .bound, "it is not above 'lowerBound'")
    try state.check(Self.recipe.fault(of: maximum, momentum, lowerBound, bound.adapts))
  }
}
