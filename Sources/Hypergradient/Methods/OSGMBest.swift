public import HypergradientRecipes

/// OSGM-Best: a diagonal scaling P and a momentum β learned by online gradient descent, with a
/// look-ahead step and null steps.
///
///     y = x − P g + β d                     d = x − x₋, the last accepted move; 0 after a null step
///     x̂ = y − ∇f(y)/L                       the look-ahead
///     h = (f(y) − f(x)) / D                 D = ‖g‖² + (τ/2)‖d‖²,  τ = L²/2
///     P ← Π[P − η_P ∂h/∂P]                  ∂h/∂P = −∇f(y) ∘ g / D,  η_P = 1/L
///     β ← Π[β − η_β ∂h/∂β]                  ∂h/∂β = ⟨∇f(y), d⟩ / D,  η_β = min(1, L)
///     x ← x̂ where f(x̂) ≤ f(x); else a null step: x stays
///
/// P begins at 0 and stays within [0, 10⁵/L]; β begins at 0.95 and stays within [0, 0.9995]. The first
/// look-ahead, with P = 0 and d = 0, is a gradient step of 1/L: where L bounds the Hessian's norm it is
/// always taken.
///
/// Two losses and gradients a step for a deterministic objective, at y and x̂; a third at x for another,
/// all on the same draw. A trial or a look-ahead that is not finite is a null step; the first halves P.
///
/// > Source: Y.-C. Chu, W. Gao, Y. Ye and M. Udell, Gradient Methods with Online Scaling, Part II:
/// > Practical Aspects (2025), OSGM-Best, with the constants of a third party's published
/// > implementation; the paper's own listing was not compared. The weight ω of the move in the
/// > potential f + (ω/2)‖d‖² is 0, as there. Deviations: L is given (that implementation estimates it
/// > by one probe); under noise f(x) is of the step's own draw.
public struct OSGMBest<Scalar: ParameterScalar>: TrainingMethod {
  /// L > 0.
  public let curvature: Double
  /// η_P and η_β.
  public let scalingRate: Double
  public let momentumRate: Double
  /// β.
  public private(set) var momentum: Double
  /// P.
  public private(set) var p: [Scalar] = []
  /// Steps that left x where it was.
  public private(set) var nullSteps = 0
  /// Null steps, and those whose gradient at x was not finite.
  public private(set) var stepCounts = StepCounts()
  /// The mean of P.
  public var learningRate: Double {
    p.isEmpty ? 0 : p.reduce(0) { $0 + Double($1) } / Double(p.count)
  }

  private var move: [Scalar] = []
  private var gradient: [Scalar] = []
  private var loss: Double?
  @Scratch private var trial: [Scalar] = []
  @Scratch private var ahead: [Scalar] = []

  /// - Parameters:
  ///   - curvature: L, a bound of the Hessian's norm.
  ///   - scalingRate: η_P; nil for 1/L.
  ///   - momentumRate: η_β; nil for min(1, L), 0 for a momentum that stays.
  public init(
    curvature: Double, scalingRate: Double? = nil, momentumRate: Double? = nil,
    initialMomentum: Double = 0.95
  ) {
    Self.recipe.check(curvature, scalingRate, momentumRate, initialMomentum)
    self.curvature = curvature
    self.scalingRate = scalingRate ?? 1 / curvature
    self.momentumRate = momentumRate ?? min(1, curvature)
    momentum = initialMomentum
  }

  /// P, the move and the gradient.
  public var memoryVectors: Int { 3 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    p = [Scalar](repeating: 0, count: parameters.count)
    move = p
    gradient = p
    trial = p
    ahead = p
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, p.count)
    let x = parameters.baseAddress!
    guard let f = lossHere(x, &oracle) else { return stepCounts.skip() }
    propose(x)
    let (reached, above) = trial.withUnsafeBufferPointer {
      oracle.evaluate(at: $0.baseAddress!, draw: 0)
    }
    guard reached.isFinite, VectorLoops.isFinite(above, count: p.count) else {
      VectorLoops.halve(&p)
      return reject()
    }
    lookAhead(above)
    learn(above)
    let (best, g) = ahead.withUnsafeBufferPointer {
      oracle.evaluate(at: $0.baseAddress!, draw: 0)
    }
    guard best <= f, VectorLoops.isFinite(g, count: p.count) else { return reject() }
    accept(x, g)
    loss = best
  }

  /// f at x, its gradient in `gradient`; `nil` where they are not finite.
  private mutating func lossHere<O: Oracle<Scalar>>(
    _ x: UnsafeMutablePointer<Scalar>, _ oracle: inout O
  ) -> Double? {
    if let loss, oracle.isDeterministic { return loss }
    guard let (f, g) = oracle.finiteGradient(at: x), f.isFinite else { return nil }
    loss = f
    VectorLoops.copy(g, into: &gradient)
    return f
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func propose(_ x: UnsafeMutablePointer<Scalar>) {
    let beta = Scalar.nearest(to: momentum)
    for i in trial.indices { trial[i] = x[i] - p[i] * gradient[i] + beta * move[i] }
  }

  /// x̂ = y − ∇f(y)/L.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func lookAhead(_ above: UnsafePointer<Scalar>) {
    let rate = Scalar.nearest(to: 1 / curvature)
    for i in ahead.indices { ahead[i] = trial[i] - rate * above[i] }
  }

  private mutating func learn(_ above: UnsafePointer<Scalar>) {
    let (norm, moves) = (VectorLoops.dot(gradient, gradient), VectorLoops.dot(move, move))
    let denominator = norm + 0.25 * curvature * curvature * moves
    guard Norms.isSafe(denominator) else { return learnScaled(above) }
    let across = move.withUnsafeBufferPointer {
      VectorLoops.dot(above, $0.baseAddress!, count: $0.count)
    }
    let next = momentum - momentumRate * across / denominator
    if next.isFinite { momentum = min(max(next, 0), 0.9995) }
    let most = min(1e5 / curvature, Double(Scalar.greatestFiniteMagnitude))
    Self.learn(
      &p, above, gradient, Scalar.nearest(to: scalingRate), Scalar.nearest(to: denominator),
      Scalar.nearest(to: most))
  }

  /// The same where D is past the numbers, with gradients times a power of 2.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func learnScaled(_ above: UnsafePointer<Scalar>) {
    guard
      let e = Norms.exponent(
        2 * p.count, { Double($0 < p.count ? gradient[$0] : above[$0 - p.count]) })
    else { return }
    let unit = 1.0.scaled(by: min(max(-e, -1000), 1000))
    let slope = unit * curvature
    var (denominator, across) = (0.0, 0.0)
    for i in p.indices {
      let (g, d) = (unit * Double(gradient[i]), Double(move[i]))
      denominator += g * g + 0.25 * slope * slope * d * d
      across += unit * Double(above[i]) * d
    }
    guard denominator > 0, denominator.isFinite else { return }
    let next = momentum - momentumRate * (across / denominator * unit)
    if next.isFinite { momentum = min(max(next, 0), 0.9995) }
    let most = min(1e5 / curvature, Double(Scalar.greatestFiniteMagnitude))
    for i in p.indices {
      let h = -(unit * Double(above[i])) * (unit * Double(gradient[i])) / denominator
      let next = Double(p[i]) - scalingRate * h
      if next.isFinite { p[i] = Scalar.nearest(to: min(max(next, 0), most)) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func learn(
    _ p: inout [Scalar], _ above: UnsafePointer<Scalar>, _ g: [Scalar], _ rate: Scalar,
    _ denominator: Scalar, _ most: Scalar
  ) {
    for i in p.indices {
      let h = -above[i] * g[i] / denominator
      let next = p[i] - rate * h
      if next.isFinite { p[i] = min(max(next, 0), most) }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func accept(_ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>) {
    for i in move.indices {
      move[i] = ahead[i] - x[i]
      x[i] = ahead[i]
      gradient[i] = g[i]
    }
  }

  private mutating func reject() {
    VectorLoops.clear(&move)
    nullSteps += 1
    stepCounts.skip()
  }
}

extension OSGMBest: HasRecipe {
  /// `osgmBest(curvature: 10)`.
  public static var recipe: Recipe<OSGMBest> {
    Recipe(
      "osgmBest",
      OSGMBest.init(curvature:scalingRate:momentumRate:initialMomentum:),
      .curvature,
      .number(
        "scalingRate", orNone: .above(0), unit: "learning rate",
        "η_P, the rate of the scaling; 1/L where it is left out"),
      .number(
        "momentumRate", orNone: .atLeast(0), unit: "1/learning rate",
        "η_β, the rate of the momentum; min(1, L) where it is left out"),
      .initialMomentum,
      unless: { curvature, _, _, _ in faultOf(curvature: curvature) },
      summary: "OSGM-Best: learned scaling and momentum with a look-ahead step (Chu et al. 2025)",
      examples: [
        "osgmBest(curvature: 4)"
      ], compared: ["osgmBest(curvature: 1/rate)"], standard: { OSGMBest(curvature: 4) })
  }
}

extension Parameter where Value == Double {
  static var curvature: Parameter {
    .number(
      "curvature", in: .above(0), unit: "1/learning rate", "L, a bound of the Hessian's norm")
  }
  static var initialMomentum: Parameter {
    .number("initialMomentum", in: .between(0, 0.9995), default: 0.95, "the first momentum")
  }
}

/// Why a curvature gives no rate; `nil` where it does.
func faultOf(curvature: Double) -> String? {
  (10 / curvature).isFinite && (1e10 / curvature).isFinite
    ? nil : "'curvature' is \(curvature), so small that its inverse is no rate"
}

extension OSGMBest {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    curvature = try state.number(.curvature)
    scalingRate = try state.number(.scalingRate)
    momentumRate = try state.number(.momentumRate)
    momentum = try state.number(.momentum)
    nullSteps = try state.count(.nullSteps)
    stepCounts = try state.value(.stepCounts)
    p = try state.vector(.p, in: .atLeast(0))
    move = try state.vector(.move, count: p.count)
    gradient = try state.vector(.gradient, count: p.count)
    trial = [Scalar](repeating: 0, count: p.count)
    ahead = trial
    loss = try state.numberOrNone(.loss)
    try state.check(
      Self.recipe.fault(of: curvature, Optional(scalingRate), Optional(momentumRate), momentum))
  }
}
