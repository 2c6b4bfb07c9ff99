public import HypergradientRecipes

/// Prodigy: Adam with a rate learned from the distance travelled along the gradients.
///
///     λ_t = η·d_t·√(1 − β₂ᵗ) / (1 − β₁ᵗ)
///     n_{t+1} = β₃ n_t + (d_t/d₀) λ_t ⟨g_t, x₀ − x_t⟩     s_{t+1} = β₃ s_t + (d_t/d₀) λ_t g_t
///     m_{t+1} = β₁ m_t + (1 − β₁) d_t g_t                v_{t+1} = β₂ v_t + (1 − β₂) d_t² g_t²
///     d_{t+1} = max(d_t, c·n_{t+1} / ‖s_{t+1}‖₁)
///     x_{t+1} = x_t − λ_t m_{t+1} / (√v_{t+1} + d_{t+1} ε) − w·λ_t·x_t
///
/// η ("factor") and c ("coefficient") multiply the learned rate, β₃ = √β₂, w is a decoupled weight
/// decay. With `safeguardsWarmup` λ_t in s is replaced by d_t, so that a warm-up of η does not stop d
/// from growing. A gradient that is not finite is discarded.
///
/// > Source: K. Mishchenko and A. Defazio, Prodigy: An Expeditiously Adaptive Parameter-Free Learner
/// > (ICML 2024), the Adam variant. Deviations, as in the authors' code: ε is scaled by the new d; and
/// > the bias correction, which is an option there, off by default, and is always on here. Not as in
/// > that code: where β₁ = 0 it moves by d_{t+1} g_t, here it is d_t g_t for any β₁; and its t begins
/// > with the first gradient that is not zero, here every step counts.
public struct Prodigy<Scalar: ParameterScalar>: TrainingMethod {
  public let factor: Double
  public let coefficient: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double
  public let safeguardsWarmup: Bool
  /// d₀.
  public let initialDistance: Double
  /// d_t.
  public private(set) var distance: Double
  /// d_t.
  public var distanceEstimate: Double? { distance }
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var numerator = 0.0
  private var power1 = 1.0
  private var power2 = 1.0
  private var origin: [Scalar] = []
  private var m: [Scalar] = []
  private var v: [Scalar] = []
  private var s: [Scalar] = []

  public init(
    factor: Double = 1, coefficient: Double = 1, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, initialDistance: Double = 1e-6,
    safeguardsWarmup: Bool = false
  ) {
    Self.recipe.check(
      factor, coefficient, beta1, beta2, epsilon, weightDecay, initialDistance, safeguardsWarmup)
    self.factor = factor
    self.coefficient = coefficient
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.initialDistance = initialDistance
    self.safeguardsWarmup = safeguardsWarmup
    distance = initialDistance
  }

  public var memoryVectors: Int { 4 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    origin = Array(parameters)
    m = [Scalar](repeating: 0, count: parameters.count)
    v = m
    s = m
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, m.count)
    let x = parameters.baseAddress!
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    guard VectorLoops.dot(g, g, count: parameters.count).isFinite else {
      return stepCounts.skip()
    }
    power1 *= beta1
    power2 *= beta2
    let lambda = oracle.heldRate(
      factor * distance * (1 - power2).squareRoot() / (1 - power1), of: 0)
    let beta3 = beta2.squareRoot()
    let (alignment, magnitude) = learn(x, g, lambda: lambda, beta3: beta3)
    numerator = beta3 * numerator + distance / initialDistance * lambda * alignment
    let estimate = coefficient * numerator / magnitude
    let next =
      magnitude > 0 && estimate.isFinite ? max(distance, estimate) : distance
    move(x, lambda: lambda, epsilon: next * epsilon)
    distance = next
    learningRate = lambda
  }

  /// The moments and sums; ⟨g, x₀ − x⟩ and ‖s‖₁.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func learn(
    _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, lambda: Double, beta3: Double
  ) -> (alignment: Double, magnitude: Double) {
    let (b1, b2, b3) = (
      Scalar.nearest(to: beta1), Scalar.nearest(to: beta2), Scalar.nearest(to: beta3)
    )
    let toMean = Scalar.nearest(to: (1 - beta1) * distance)
    let toSquare = Scalar.nearest(to: (1 - beta2) * distance * distance)
    let toSum = Scalar.nearest(
      to: distance / initialDistance * (safeguardsWarmup ? distance : lambda))
    var (alignment, magnitude) = (0.0, 0.0)
    for i in m.indices {
      alignment += Double(g[i]) * (Double(origin[i]) - Double(x[i]))
      m[i] = b1 * m[i] + toMean * g[i]
      v[i] = b2 * v[i] + toSquare * (g[i] * g[i])
      s[i] = b3 * s[i] + toSum * g[i]
      magnitude += Double(abs(s[i]))
    }
    return (alignment, magnitude)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func move(_ x: UnsafeMutablePointer<Scalar>, lambda: Double, epsilon: Double) {
    let (rate, decay) = (Scalar.nearest(to: lambda), Scalar.nearest(to: weightDecay * lambda))
    let epsilon = Scalar.nearest(to: epsilon)
    for i in m.indices {
      x[i] = x[i] - rate * m[i] / (v[i].squareRoot() + epsilon) - decay * x[i]
    }
  }
}

extension Prodigy: HasRecipe {
  /// `prodigy()`.
  public static var recipe: Recipe<Prodigy> {
    Recipe(
      "prodigy",
      Prodigy.init(
        factor:coefficient:beta1:beta2:epsilon:weightDecay:initialDistance:safeguardsWarmup:),
      .rateFactor,
      .number("coefficient", in: .above(0), default: 1, "multiplies the estimated distance"),
      .beta1, .beta2, .positiveEpsilon, .decoupledDecay, .initialDistance,
      .flag(
        "safeguardsWarmup", default: false,
        "whether a warm-up of the factor leaves the estimate alone"),
      summary: "Adam with a learned rate (Mishchenko and Defazio 2024)",
      examples: [
        "prodigy(initialDistance: 1e-3)",
        "prodigy(initialDistance: 1e-3, safeguardsWarmup: .yes)",
      ], compared: [.init("prodigy()", over: ["adam"])], standard: { Prodigy() })
  }
}

extension Prodigy {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    coefficient = try state.number(.coefficient)
    beta1 = try state.number(.beta1)
    beta2 = try state.number(.beta2)
    epsilon = try state.number(.epsilon)
    weightDecay = try state.number(.weightDecay)
    safeguardsWarmup = try state.value(.safeguardsWarmup)
    initialDistance = try state.number(.initialDistance)
    distance = try state.number(.distance, in: .above(0))
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    numerator = try state.number(.numerator)
    power1 = try state.number(.power1, in: .between(0, 1))
    power2 = try state.number(.power2, in: .between(0, 1))
    origin = try state.vector(.origin)
    m = try state.vector(.m, count: origin.count)
    v = try state.squares(.v, count: origin.count)
    s = try state.vector(.s, count: origin.count)
    try state.check(
      Self.recipe.fault(
        of: factor, coefficient, beta1, beta2, epsilon, weightDecay, initialDistance,
        safeguardsWarmup))
  }
}
