public import HypergradientRecipes

/// D-Adaptation of Lion:
///
///     λ_t = η·d_t
///     u_t = sign(β₁ m_t + (1 − β₁) g_t)
///     x_{t+1} = (1 − w λ_t) x_t − λ_t u_t
///     m_{t+1} = β₂ m_t + (1 − β₂) λ_t g_t
///     n_{t+1} = √β₂ n_t + (1 − √β₂) λ_t ⟨u_t, s_t⟩
///     s_{t+1} = √β₂ s_t + (1 − √β₂) λ_t u_t
///     d_{t+1} = max(d_t, n_{t+1} / ((1 − √β₂) ‖s_{t+1}‖₁))
///
/// η ("factor") multiplies the learned rate, w is a decoupled weight decay. m has the factor λ and
/// g under the sign has none, as in the authors' code. A gradient that is not finite is discarded.
///
/// > Source: A. Defazio and K. Mishchenko, Learning-Rate-Free Learning by D-Adaptation (ICML 2023);
/// > the Lion variant is in the authors' package `dadaptation` (`DAdaptLion`), not in the paper.
public struct DAdaptedLion<Scalar: ParameterScalar>: TrainingMethod {
  public let factor: Double
  public let beta1: Double
  public let beta2: Double
  public let weightDecay: Double
  /// d_t.
  public private(set) var distance: Double
  /// d_t.
  public var distanceEstimate: Double? { distance }
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var numerator = 0.0
  private var m: [Scalar] = []
  private var s: [Scalar] = []

  public init(
    factor: Double = 1, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0,
    initialDistance: Double = 1e-6
  ) {
    Self.recipe.check(factor, beta1, beta2, weightDecay, initialDistance)
    self.factor = factor
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
    distance = initialDistance
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    m = [Scalar](repeating: 0, count: parameters.count)
    s = m
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, m.count)
    let x = parameters.baseAddress!
    guard let (_, g) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    let lambda = oracle.heldRate(factor * distance, of: 0)
    let root = beta2.squareRoot()
    let (alignment, magnitude) = update(x, g, lambda: lambda, root: root)
    numerator = root * numerator + (1 - root) * lambda * alignment
    let estimate = numerator / ((1 - root) * magnitude)
    if magnitude > 0, estimate.isFinite { distance = max(distance, estimate) }
    learningRate = lambda
  }

  /// The update of every element; ⟨u, s⟩ before it and ‖s‖₁ after it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func update(
    _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, lambda: Double, root: Double
  ) -> (alignment: Double, magnitude: Double) {
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, b3) = (Scalar.nearest(to: beta2), Scalar.nearest(to: root))
    let toMean = Scalar.nearest(to: (1 - beta2) * lambda)
    let toSum = Scalar.nearest(to: (1 - root) * lambda)
    let rate = Scalar.nearest(to: lambda)
    let kept = Scalar.nearest(to: 1 - weightDecay * lambda)
    var (alignment, magnitude) = (0.0, 0.0)
    for i in m.indices {
      let u = sign(b1 * m[i] + rest1 * g[i])
      alignment += Double(u) * Double(s[i])
      x[i] = kept * x[i] - rate * u
      m[i] = b2 * m[i] + toMean * g[i]
      s[i] = b3 * s[i] + toSum * u
      magnitude += Double(abs(s[i]))
    }
    return (alignment, magnitude)
  }
}

extension DAdaptedLion: HasRecipe {
  /// `dAdaptLion()`.
  public static var recipe: Recipe<DAdaptedLion> {
    Recipe(
      "dAdaptLion", DAdaptedLion.init(factor:beta1:beta2:weightDecay:initialDistance:),
      .rateFactor,
      .beta1.described(as: "weight of the past in the sign"),
      .number("beta2", in: .from(0, below: 1), default: 0.99, "decay of the mean"),
      .decoupledDecay, .initialDistance,
      summary: "D-Adaptation of Lion (Defazio and Mishchenko 2023)",
      examples: ["dAdaptLion(initialDistance: 1e-3)"],
      compared: [.init("dAdaptLion()", over: ["adam"])], standard: { DAdaptedLion() })
  }
}

extension DAdaptedLion {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    beta1 = try state.number(.beta1)
    beta2 = try state.number(.beta2)
    weightDecay = try state.number(.weightDecay)
    distance = try state.number(.distance)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    numerator = try state.number(.numerator)
    m = try state.vector(.m)
    s = try state.vector(.s, count: m.count)
    try state.check(Self.recipe.fault(of: factor, beta1, beta2, weightDecay, distance))
  }
}
