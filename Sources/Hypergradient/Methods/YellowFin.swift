public import HypergradientRecipes
internal import PortableMath

/// YellowFin: a rate and a momentum that minimise a local quadratic model with noise, from running
/// measurements of curvature, variance and distance.
///
///     h_t = ‖g_t‖²
///     h_min, h_max: geometric averages of the least and the largest of the last 20 of them
///     C = E[‖g‖²] − ‖E[g]‖²           D = E[E[‖g‖]/E[‖g‖²]]
///     √μ_t = max(x, (√(h_max/h_min) − 1)/(√(h_max/h_min) + 1))
///     x: (x − 1)³ + p x = 0           p = D² h_min²/(2C)
///     η_t = (1 − √μ_t)²/h_min · min(1, (t + 1)/200)
///     v_t = μ_t v_{t−1} + g_t          θ_t = θ_{t−1} − η_t v_t
///
/// Averages decay with β and are corrected for their beginning at 0. The first step has the rate
/// `initial` and leaves no velocity. A gradient is cut to √(100 h_max) before it is measured and,
/// where its square has reached h_max, to √h_max before it moves v, h_max being that of the step
/// before; no move of g alone is longer than `longestMove`. A rate past the numbers is that of the step
/// before. A gradient that is zero or not finite is discarded.
///
/// > Source: J. Zhang and I. Mitliagkas, YellowFin and the Art of Momentum Tuning (2017),
/// > Algorithms 1 to 5, with the logarithms, the slow start and the clipping of the authors'
/// > PyTorch code. Deviation: that code adds 1e-6 to most quantities.
public struct YellowFin<Scalar: ParameterScalar>: TrainingMethod {
  public let initial: Double
  /// β ∈ [0, 1).
  public let decay: Double
  /// In the unit of the parameters.
  public let longestMove: Double
  public private(set) var learningRate = 0.0
  /// μ_t.
  public private(set) var momentum = 0.0
  public private(set) var stepCounts = StepCounts()
  private var stepCount = 0
  private var power = 1.0
  private var window: [Double] = []
  private var logLeast = 0.0
  private var logMost = 0.0
  /// h_max.
  private var most = 0.0
  private var meanNorm = 0.0
  private var meanSquare = 0.0
  private var meanDistance = 0.0
  private var mean: [Scalar] = []
  private var velocity: [Scalar] = []

  private static var windowLength: Int { 20 }

  public init(initial: Double = 1e-4, decay: Double = 0.999, longestMove: Double = 100) {
    Self.recipe.check(initial, decay, longestMove)
    self.initial = initial
    self.decay = decay
    self.longestMove = longestMove
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    mean = [Scalar](repeating: 0, count: parameters.count)
    velocity = mean
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, mean.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let whole = VectorLoops.norm(g, count: count)
    guard whole > 0, whole.isFinite, Norms.isSafe(whole * whole) else {
      return stepCounts.skip()
    }
    let norm = stepCount > 1 ? min(whole, (100 * most).squareRoot()) : whole
    let isExploding = stepCount > 0 && norm * norm >= most
    let applied = isExploding ? min(norm, most.squareRoot()) : norm
    let least = measure(g, norm, scale: norm / whole)
    var rate = initial
    if stepCount > 0 {
      (rate, momentum) = tuned(least)
      rate *= min(1, Double(stepCount + 1) / Double(10 * Self.windowLength))
    }
    if rate * norm >= longestMove { rate = longestMove / norm }
    if !Scalar.nearest(to: rate).isFinite { rate = learningRate }
    learningRate = oracle.heldRate(rate, of: 0)
    stepCount += 1
    velocity.withUnsafeMutableBufferPointer { v in
      VectorLoops.decayAndAdd(
        v.baseAddress!, stepCount > 2 ? Scalar.nearest(to: momentum) : 0,
        Scalar.nearest(to: applied / whole), g, count)
      VectorLoops.move(x, by: learningRate, along: UnsafePointer(v.baseAddress!), count: count)
    }
  }

  /// Takes a gradient into the averages, and h_max; h_min.
  private mutating func measure(
    _ g: UnsafePointer<Scalar>, _ norm: Double, scale: Double
  ) -> Double {
    let square = norm * norm
    if window.count < Self.windowLength {
      window.append(square)
    } else {
      window[stepCount % Self.windowLength] = square
    }
    let rest = 1 - decay
    power *= decay
    logLeast = decay * logLeast + rest * Portable.log(window.min()!)
    logMost = decay * logMost + rest * Portable.log(window.max()!)
    most = Portable.exp(logMost / (1 - power))
    meanSquare = decay * meanSquare + rest * square
    meanNorm = decay * meanNorm + rest * norm
    meanDistance = decay * meanDistance + rest * (meanNorm / meanSquare)
    let count = mean.count
    mean.withUnsafeMutableBufferPointer {
      VectorLoops.decayAndAdd(
        $0.baseAddress!, Scalar.nearest(to: decay), Scalar.nearest(to: rest * scale), g, count)
    }
    return Portable.exp(logLeast / (1 - power))
  }

  /// η_t, without the slow start, and μ_t.
  private func tuned(_ least: Double) -> (rate: Double, momentum: Double) {
    let whole = 1 - power
    let variance = meanSquare / whole - VectorLoops.dot(mean, mean) / (whole * whole)
    let reach = meanDistance / whole * least
    let range = max(1, most / least).squareRoot()
    let root = max(
      Self.root(of: variance > 0 ? reach / variance * reach / 2 : .infinity),
      (range - 1) / (range + 1))
    return ((1 - root) * (1 - root) / least, min(root * root, 0x1.fffffffffffffp-1))
  }

  /// The x in [0, 1] with (x − 1)³ + p x = 0, p ≥ 0.
  package static func root(of p: Double) -> Double {
    if p == .infinity { return 0 }
    // From 0 the steps of Newton's method rise to it: the cubic is concave below 1.
    var x = 0.0
    for _ in 0..<200 {
      let y = x - 1
      let next = x - (y * y * y + p * x) / (3 * y * y + p)
      if !(next > x) { break }
      x = min(next, 1)
    }
    return x
  }
}

extension YellowFin: HasRecipe {
  /// `yellowFin()`.
  public static var recipe: Recipe<YellowFin> {
    Recipe(
      "yellowFin", YellowFin.init(initial:decay:longestMove:),
      .number(
        "initial", in: .above(0), default: 1e-4, unit: "learning rate",
        "the rate of the first step"),
      .number("decay", in: .from(0, below: 1), default: 0.999, "decay of the averages"),
      .number(
        "longestMove", in: .above(0), default: 100, unit: "parameters",
        "no gradient alone moves farther"),
      summary: "a rate and a momentum from curvature, variance and distance (Zhang et al. 2017)",
      examples: ["yellowFin(decay: 0.99)"],
      compared: [.init("yellowFin()", over: ["heavyBall"])], standard: { YellowFin() })
  }
}

extension YellowFin {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    decay = try state.number(.decay)
    longestMove = try state.number(.longestMove)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    momentum = try state.number(.momentum, in: .from(0, below: 1))
    stepCounts = try state.value(.stepCounts)
    stepCount = try state.count(.stepCount)
    power = try state.number(.power, in: .between(0, 1))
    window = try state.numbers(.window, in: .above(0))
    try state.expect(
      window.count == min(stepCount, Self.windowLength), .window,
      "\(window.count) numbers after \(stepCount) steps")
    logLeast = try state.number(.logLeast)
    logMost = try state.number(.logMost)
    most = try state.number(.most, in: .atLeast(0))
    meanNorm = try state.number(.meanNorm, in: .atLeast(0))
    meanSquare = try state.number(.meanSquare, in: .atLeast(0))
    meanDistance = try state.number(.meanDistance, in: .atLeast(0))
    mean = try state.vector(.mean)
    velocity = try state.vector(.velocity, count: mean.count)
    try state.check(Self.recipe.fault(of: initial, decay, longestMove))
  }
}
