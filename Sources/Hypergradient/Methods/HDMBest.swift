public import HypergradientRecipes

/// HDM-Best: a scaling P and a momentum β learned online from hypergradients, with null steps.
///
///     y = x − P g + β d                       d = x − x₋, the last accepted move; 0 after a null step
///     G_P = −(g(y) ∘ g) / D                   g_β = ⟨g(y), d⟩ / D        D = ‖g‖² + τ ‖d‖²
///     P ← Π[P − λ G_P / √ΣG_P²]               β ← Π[β − λ_β g_β / √Σg_β²]
///     x ← y where f(y) < f(x); else a null step: x stays
///
/// P is a number or diagonal, within [0, 10¹⁰/L]; β in [0, 0.9995] from 0.95; until the curvature is
/// known τ = 0 and D has 10⁻¹² more, then τ = L²/4. λ is 10/L and falls by a fifth every 50 steps, to
/// no less than a thousandth; once `stepsBeforeEstimate` more steps were accepted than rejected (a
/// rejected step counts double) L becomes the mean of ‖Δg‖/‖Δx‖ over accepted moves longer than 10⁻³,
/// λ becomes 1/L and the sum of squares begins anew.
///
/// One loss and gradient a step for a deterministic objective; two for another, at x and at the
/// trial, on the same draw. A trial that is not finite is a null step, and halves P.
///
/// > Source: Y.-C. Chu, W. Gao, Y. Ye and M. Udell, Provable and Practical Online Learning Rate
/// > Adaptation with Hypergradient Descent (2025), HDM-Best, with the schedule of λ, the bounds and
/// > the curvature estimate of the authors' published code.
public struct HDMBest<Scalar: ParameterScalar>: TrainingMethod {
  /// What P is.
  public enum Scaling: String, Sendable, Codable, CaseIterable {
    case scalar, diagonal
  }

  public let scaling: Scaling
  /// λ_β ≥ 0; 0 leaves β at its first value.
  public let momentumRate: Double
  public let stepsBeforeEstimate: Int
  /// λ, the rate of P.
  public private(set) var scalingRate: Double
  /// L, as given or estimated.
  public private(set) var curvature: Double
  /// β.
  public private(set) var momentum: Double
  /// Steps that left x where it was.
  public private(set) var nullSteps = 0
  /// Null steps, and those whose gradient at x was not finite.
  public private(set) var stepCounts = StepCounts()
  /// The mean of P's elements.
  public var learningRate: Double {
    scale.isEmpty ? 0 : scale.reduce(0) { $0 + Double($1) } / Double(scale.count)
  }

  private var leastRate: Double
  private var iterations = 0
  private var isEstimated = false
  private var monotoneSteps = 0
  private var curvatureSum = 0.0
  private var curvatureCount = 0
  private var momentumSquares = 0.0
  /// P, one element or as many as the parameters, and the sums of its squared hypergradients.
  private var scale: [Scalar] = []
  private var squares: [Scalar] = []
  private var move: [Scalar] = []
  private var gradient: [Scalar] = []
  private var loss: Double?
  @Scratch private var trial: [Scalar] = []

  /// - Parameters:
  ///   - curvature: L > 0, a bound of the Hessian's norm.
  ///   - scalingRate: λ; `nil` for 10/L.
  public init(
    curvature: Double, scaling: Scaling = .diagonal, scalingRate: Double? = nil,
    momentumRate: Double = 10, initialMomentum: Double = 0.95, stepsBeforeEstimate: Int = 200
  ) {
    Self.recipe.check(
      curvature, scaling, scalingRate, momentumRate, initialMomentum, stepsBeforeEstimate)
    let rate = scalingRate ?? 10 / curvature
    self.curvature = curvature
    self.scaling = scaling
    self.scalingRate = rate
    self.momentumRate = momentumRate
    self.stepsBeforeEstimate = stepsBeforeEstimate
    momentum = initialMomentum
    leastRate = rate * 1e-3
  }

  /// The move, the gradient, and P with its squares where it is diagonal.
  public var memoryVectors: Int { scaling == .diagonal ? 4 : 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    move = [Scalar](repeating: 0, count: parameters.count)
    gradient = move
    trial = move
    scale = scaling == .diagonal ? move : [0]
    squares = scale
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, move.count)
    let x = parameters.baseAddress!
    guard let f = lossHere(x, &oracle) else { return stepCounts.skip() }
    iterations += 1
    proposeTrial(x)
    let (reached, above) = trial.withUnsafeBufferPointer {
      oracle.evaluate(at: $0.baseAddress!, draw: 0)
    }
    guard reached.isFinite, VectorLoops.isFinite(above, count: move.count) else {
      VectorLoops.halve(&scale)
      reject()
      return
    }
    let moved = learn(x, above)
    if iterations % 50 == 49, !isEstimated {
      scalingRate = max(0.8 * scalingRate, leastRate)
    }
    if reached < f {
      if moved.length > 1e-3 {
        curvatureSum += moved.change / moved.length
        curvatureCount += 1
      }
      accept(x, above, reached)
    } else {
      reject()
    }
    if !isEstimated, monotoneSteps > stepsBeforeEstimate, curvatureCount > 0 { estimate() }
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
  private mutating func proposeTrial(_ x: UnsafeMutablePointer<Scalar>) {
    let beta = Scalar.nearest(to: momentum)
    for i in trial.indices {
      let p = scaling == .diagonal ? scale[i] : scale[0]
      trial[i] = x[i] - p * gradient[i] + beta * move[i]
    }
  }

  /// One step of P and β; how far the trial is from x, and how much the gradient changed.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func learn(
    _ x: UnsafeMutablePointer<Scalar>, _ above: UnsafePointer<Scalar>
  ) -> (length: Double, change: Double) {
    var (along, across, denominator) = (0.0, 0.0, 0.0)
    /// What g is multiplied with, so that its squares are numbers.
    var unit = 1.0
    var (length, change) = (0.0, 0.0)
    func sum() {
      var (norm, moves) = (0.0, 0.0)
      (along, across, length, change) = (0, 0, 0, 0)
      for i in move.indices {
        let (g, a, d) = (unit * Double(gradient[i]), unit * Double(above[i]), Double(move[i]))
        let step = Double(trial[i]) - Double(x[i])
        norm += g * g
        moves += d * d
        along += a * g
        across += a * d
        length += step * step
        change += (a - g) * (a - g)
      }
      let slope = unit * curvature
      denominator =
        norm + (isEstimated ? 0.25 * moves * slope * slope : 1e-12 * unit * unit)
    }
    sum()
    if !(Norms.isSafe(denominator) && along.isFinite && change.isFinite),
      let e = Norms.exponent(
        2 * move.count,
        { Double($0 < move.count ? gradient[$0] : above[$0 - move.count]) })
    {
      unit = 1.0.scaled(by: min(max(-e, -1000), 1000))
      sum()
    }
    let most = Scalar.nearest(to: min(1e10 / curvature, Double(Scalar.greatestFiniteMagnitude)))
    let rate = Scalar.nearest(to: scalingRate)
    for i in scale.indices {
      let h: Scalar =
        scaling == .diagonal
        ? (unit == 1
          ? -above[i] * gradient[i] / Scalar.nearest(to: denominator)
          : Scalar.nearest(
            to: -(unit * Double(above[i])) * (unit * Double(gradient[i])) / denominator))
        : Scalar.nearest(to: -along / denominator)
      guard h.isFinite else { continue }
      squares[i] += h * h
      let next = scale[i] - rate * h / (squares[i].squareRoot() + Self.smallest)
      scale[i] = min(max(next, 0), most)
    }
    let h = across / denominator * unit
    guard h.isFinite else { return (length.squareRoot(), change.squareRoot() / unit) }
    momentumSquares += h * h
    let next = momentum - momentumRate * h / (momentumSquares.squareRoot() + 1e-12)
    if next.isFinite { momentum = min(max(next, 0), 0.9995) }
    return (length.squareRoot(), change.squareRoot() / unit)
  }

  private static var smallest: Scalar { Scalar.nearest(to: 1e-12) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func accept(
    _ x: UnsafeMutablePointer<Scalar>, _ above: UnsafePointer<Scalar>, _ reached: Double
  ) {
    for i in move.indices {
      move[i] = trial[i] - x[i]
      x[i] = trial[i]
      gradient[i] = above[i]
    }
    loss = reached
    monotoneSteps += 1
  }

  private mutating func reject() {
    VectorLoops.clear(&move)
    nullSteps += 1
    stepCounts.skip()
    monotoneSteps = max(0, monotoneSteps - 2)
  }

  private mutating func estimate() {
    let found = curvatureSum / Double(curvatureCount)
    guard found > 0, found.isFinite, faultOf(curvature: found) == nil else { return }
    curvature = found
    scalingRate = 1 / found
    VectorLoops.clear(&squares)
    isEstimated = true
  }
}

extension HDMBest: HasRecipe {
  /// `hdmBest(curvature: 10)`.
  public static var recipe: Recipe<HDMBest> {
    Recipe(
      "hdmBest",
      HDMBest.init(
        curvature:scaling:scalingRate:momentumRate:initialMomentum:stepsBeforeEstimate:),
      .curvature,
      .choice(
        "scaling", default: .diagonal, "what is learned: a number or one for each parameter"),
      .number(
        "scalingRate", orNone: .above(0), unit: "learning rate",
        "λ, the rate of the scaling; 10/L where it is left out"),
      .number("momentumRate", in: .atLeast(0), default: 10, "the rate of the momentum"),
      .initialMomentum,
      .count(
        "stepsBeforeEstimate", in: .between(1, 1e9), default: 200, unit: "steps",
        "accepted steps before the curvature is estimated"),
      unless: { curvature, _, _, _, _, _ in faultOf(curvature: curvature) },
      summary: "HDM-Best: learned scaling and momentum with null steps (Chu et al. 2025)",
      examples: [
        "hdmBest(curvature: 4)",
        "hdmBest(curvature: 4, scaling: .scalar, stepsBeforeEstimate: 20)",
      ], aliases: ["hdm"], compared: [.init("hdm(curvature: 1/rate)", as: "hdm")],
      standard: { HDMBest(curvature: 4) })
  }
}

extension HDMBest {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    scaling = try state.value(.scaling)
    momentumRate = try state.number(.momentumRate)
    stepsBeforeEstimate = try state.count(.stepsBeforeEstimate)
    scalingRate = try state.number(.scalingRate)
    curvature = try state.number(.curvature)
    momentum = try state.number(.momentum)
    nullSteps = try state.count(.nullSteps)
    stepCounts = try state.value(.stepCounts)
    leastRate = try state.number(.leastRate, in: .atLeast(0))
    iterations = try state.count(.iterations)
    isEstimated = try state.value(.isEstimated)
    monotoneSteps = try state.count(.monotoneSteps)
    curvatureSum = try state.number(.curvatureSum, in: .atLeast(0))
    curvatureCount = try state.count(.curvatureCount)
    momentumSquares = try state.number(.momentumSquares, in: .atLeast(0))
    move = try state.vector(.move)
    gradient = try state.vector(.gradient, count: move.count)
    trial = [Scalar](repeating: 0, count: move.count)
    scale = try state.vector(
      .scale, count: scaling == .diagonal ? move.count : min(move.count, 1), in: .atLeast(0))
    squares = try state.squares(.squares, count: scale.count)
    loss = try state.numberOrNone(.loss)
    try state.check(
      Self.recipe.fault(
        of: curvature, scaling, Optional(scalingRate), momentumRate, momentum, stepsBeforeEstimate))
  }
}
