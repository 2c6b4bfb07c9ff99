public import HypergradientRecipes

/// COCOB-Backprop: every coordinate bets on the sign of its next gradient; no learning rate at all.
///
///     L = max(L, |g|)      G = G + |g|      R = max(R − g·(x − x₀), 0)      S = S − g
///     x = x₀ + S / (L·max(G + L, α L))·(L + R)
///
/// All per coordinate; α ("cautiousness") bounds the first bets. L begins at 10⁻⁸, so that a
/// coordinate without a gradient stays. A gradient that is not finite is discarded.
///
/// > Source: F. Orabona and T. Tommasi, Training Deep Networks without Learning Rates Through Coin
/// > Betting (NeurIPS 2017), Algorithm 2.
public struct COCOB<Scalar: ParameterScalar>: TrainingMethod {
  /// α > 0.
  public let cautiousness: Double
  /// The first value of L.
  public let initialScale: Double
  /// ‖x_t − x_{t−1}‖ / ‖g_t‖: there is no rate, this is the one that stands in its place in traces.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var origin: [Scalar] = []
  private var scale: [Scalar] = []
  private var magnitude: [Scalar] = []
  private var reward: [Scalar] = []
  private var sum: [Scalar] = []

  public init(cautiousness: Double = 100, initialScale: Double = 1e-8) {
    Self.recipe.check(cautiousness, initialScale)
    self.cautiousness = cautiousness
    self.initialScale = initialScale
  }

  public var memoryVectors: Int { 5 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    origin = Array(parameters)
    magnitude = [Scalar](repeating: 0, count: parameters.count)
    reward = magnitude
    sum = magnitude
    scale = [Scalar](repeating: Scalar.nearest(to: initialScale), count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, origin.count)
    let x = parameters.baseAddress!
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let norm = VectorLoops.norm(g, count: parameters.count)
    guard norm.isFinite else { return stepCounts.skip() }
    let moved = bet(x, g).squareRoot()
    learningRate = norm > 0 && (moved / norm).isFinite ? moved / norm : 0
  }

  /// Moves x; ‖x_t − x_{t−1}‖².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func bet(
    _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>
  ) -> Double {
    let alpha = Scalar.nearest(to: cautiousness)
    var square = 0.0
    for i in origin.indices {
      scale[i] = max(scale[i], abs(g[i]))
      magnitude[i] += abs(g[i])
      reward[i] = max(reward[i] - g[i] * (x[i] - origin[i]), 0)
      sum[i] -= g[i]
      let share = sum[i] / (scale[i] * max(magnitude[i] + scale[i], alpha * scale[i]))
      let next = origin[i] + share * (scale[i] + reward[i])
      guard next.isFinite else { continue }
      let move = Double(next) - Double(x[i])
      square += move * move
      x[i] = next
    }
    return square
  }
}

extension COCOB: HasRecipe {
  /// `cocob()`.
  public static var recipe: Recipe<COCOB> {
    Recipe(
      "cocob", COCOB.init(cautiousness:initialScale:),
      .number("cautiousness", in: .above(0), default: 100, "α, bounds the first bets"),
      .number(
        "initialScale", in: .above(0), default: 1e-8, unit: "gradient",
        "first bound of a gradient"),
      summary: "coin betting by coordinate, without a learning rate (Orabona and Tommasi 2017)",
      examples: [
        "cocob()"
      ], compared: [.init("cocob()", over: ["adam"])], standard: { COCOB() })
  }
}

extension COCOB {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    cautiousness = try state.number(.cautiousness)
    initialScale = try state.number(.initialScale)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    origin = try state.vector(.origin)
    scale = try state.vector(.scale, count: origin.count, in: .atLeast(0))
    magnitude = try state.vector(.magnitude, count: origin.count, in: .atLeast(0))
    reward = try state.vector(.reward, count: origin.count, in: .atLeast(0))
    sum = try state.vector(.sum, count: origin.count)
    try state.check(Self.recipe.fault(of: cautiousness, initialScale))
  }
}
