public import HypergradientRecipes

/// Adaptive gradient descent without descent: the rate from a local estimate of the smoothness.
///
///     λ_t = min(√(1 + θ_{t−1})·λ_{t−1}, ‖x_t − x_{t−1}‖ / (2 ‖g_t − g_{t−1}‖))
///     x_{t+1} = x_t − λ_t g_t        θ_t = λ_t / λ_{t−1}
///
/// λ₀ ("initial") is small and θ₀ infinite, so that the second step takes the estimate alone. Where
/// both differences are zero the first bound holds. A gradient that is not finite is discarded. For
/// deterministic gradients: under noise the estimate is one of the noise.
///
/// > Source: Y. Malitsky and K. Mishchenko, Adaptive Gradient Descent without Descent (ICML 2020),
/// > Algorithm 1.
public struct AdaptiveDescent<Scalar: ParameterScalar>: TrainingMethod {
  /// λ₀ > 0.
  public let initial: Double
  /// λ_t.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  /// θ_t; `nil` is infinite.
  private var ratio: Double?
  private var memory = GradientMemory<Scalar>()

  public init(initial: Double = 1e-10) {
    Self.recipe.check(initial)
    self.initial = initial
    learningRate = initial
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    memory.begin(count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, memory.count)
    let x = parameters.baseAddress!
    guard let (_, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    let last = learningRate
    var isLearned = false
    if memory.isFilled {
      let sums = memory.products(x, g)
      let growth = ratio.map { (1 + $0).squareRoot() * last } ?? .infinity
      let local =
        sums.yy > 0
        ? ((sums.ss / sums.yy).squareRoot() / 2).scaled(by: sums.exponent) : .infinity
      let next = min(growth, local)
      if next.isFinite, next > 0 {
        learningRate = next
        isLearned = true
      }
    }
    learningRate = oracle.heldRate(learningRate, of: 0)
    if isLearned { ratio = (learningRate / last).isFinite ? learningRate / last : nil }
    memory.store(UnsafePointer(x), g)
    VectorLoops.move(x, by: learningRate, along: g, count: parameters.count)
  }
}

extension AdaptiveDescent: HasRecipe {
  /// `adaptiveDescent()`.
  public static var recipe: Recipe<AdaptiveDescent> {
    Recipe(
      "adaptiveDescent", AdaptiveDescent.init(initial:),
      .number("initial", in: .above(0), default: 1e-10, unit: "learning rate", "the first rate"),
      summary:
        "gradient descent with a local estimate of smoothness (Malitsky and Mishchenko 2020)",
      examples: [
        "adaptiveDescent(initial: 1e-4)"
      ], standard: { AdaptiveDescent() })
  }
}

extension AdaptiveDescent {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    learningRate = try state.number(.learningRate, in: .above(0))
    stepCounts = try state.value(.stepCounts)
    ratio = try state.numberOrNone(.ratio, in: .atLeast(0))
    memory = try state.value(.memory)
    try state.check(Self.recipe.fault(of: initial))
  }
}
