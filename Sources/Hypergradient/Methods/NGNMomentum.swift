public import HypergradientRecipes

/// NGN-M: the rate of a non-negative Gauss–Newton step, with momentum over the moves.
///
///     γ_t = σ / (1 + σ ‖g_t‖² / (2 (f_t − f_low)))
///     x_{t+1} = x_t − (1 − β) γ_t g_t + β (x_t − x_{t−1})
///
/// The momentum is that of moves, each with its own rate, so that it is no rule times ``NGNRate``.
/// σ is the largest rate, f_low a lower bound of the loss. A loss or gradient that is not finite is
/// discarded.
///
/// > Source: R. Islamov, N. Ajroldi, A. Orvieto and A. Lucchi, Enhancing Optimizer Stability:
/// > Momentum Adaptation of the NGN Step-size (NeurIPS 2025), Algorithm 1.
public struct NGNMomentum<Scalar: ParameterScalar>: TrainingMethod {
  /// σ > 0.
  public let maximum: Double
  /// β ∈ [0, 1).
  public let momentum: Double
  /// f_low.
  public let lowerBound: Double
  /// γ_t.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var parameterCount = 0
  /// x_t − x_{t+1}.
  private var move: [Scalar] = []

  public init(maximum: Double = 1, momentum: Double = 0.9, lowerBound: Double = 0) {
    Self.recipe.check(maximum, momentum, lowerBound)
    self.maximum = maximum
    self.momentum = momentum
    self.lowerBound = lowerBound
  }

  public var memoryVectors: Int { 1 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    parameterCount = parameters.count
    move = [Scalar](repeating: 0, count: parameterCount)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, move.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (f, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let norm = VectorLoops.norm(g, count: count)
    guard f.isFinite, norm.isFinite else { return stepCounts.skip() }
    learningRate = oracle.heldRate(NGNRate.rate(maximum, f - lowerBound, norm), of: 0)
    let weight = Scalar.nearest(to: (1 - momentum) * learningRate)
    move.withUnsafeMutableBufferPointer { move in
      let move = move.baseAddress!
      VectorLoops.decayAndAdd(move, Scalar.nearest(to: momentum), weight, g, count)
      VectorLoops.move(x, by: 1, along: UnsafePointer(move), count: count)
    }
  }
}

extension NGNMomentum: HasRecipe {
  /// `ngnMomentum(maximum: 1)`.
  public static var recipe: Recipe<NGNMomentum> {
    Recipe(
      "ngnMomentum", NGNMomentum.init(maximum:momentum:lowerBound:),
      .number("maximum", in: .above(0), default: 1, unit: "learning rate", "σ, the largest rate"),
      .number("momentum", in: .from(0, below: 1), default: 0.9, "decay of the moves"),
      .number("lowerBound", in: .any, default: 0, unit: "loss", "a lower bound of the loss"),
      summary: "NGN with momentum: NGN-M (Islamov et al. 2025)",
      examples: ["ngnMomentum(maximum: 0.2)"],
      compared: [.init("ngnMomentum(maximum: rate)", over: ["heavyBall"])],
      standard: { NGNMomentum() })
  }
}

extension NGNMomentum {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    maximum = try state.number(.maximum)
    momentum = try state.number(.momentum)
    lowerBound = try state.number(.lowerBound)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    parameterCount = try state.count(.parameterCount, through: CheckpointLimits.parameters)
    move = try state.vector(.move, count: parameterCount)
    try state.check(Self.recipe.fault(of: maximum, momentum, lowerBound))
  }
}
