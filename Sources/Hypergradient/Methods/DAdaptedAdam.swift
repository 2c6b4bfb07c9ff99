public import HypergradientRecipes

/// D-Adaptation of Adam: Adam's moments weighted by a learned bound d of the distance to a solution.
///
///     λ_t = η·d_t·√(1 − β₂ᵗ) / (1 − β₁ᵗ)
///     a_t = ⟨g_t, s_t / (√v_t + ε)⟩
///     m_{t+1} = β₁ m_t + (1 − β₁) λ_t g_t       v_{t+1} = β₂ v_t + (1 − β₂) g_t²
///     s_{t+1} = √β₂ s_t + (1 − √β₂) λ_t g_t     n_{t+1} = √β₂ n_t + (1 − √β₂) λ_t a_t
///     d_{t+1} = max(d_t, n_{t+1} / ((1 − √β₂) ‖s_{t+1}‖₁))
///     x_{t+1} = x_t − m_{t+1} / (√v_{t+1} + ε) − w·λ_t·x_t
///
/// η ("factor") multiplies the learned rate, w is a decoupled weight decay. A gradient that is not
/// finite is discarded.
///
/// > Source: A. Defazio and K. Mishchenko, Learning-Rate-Free Learning by D-Adaptation (ICML 2023),
/// > the Adam variant; the bias correction, which the paper leaves out and which is off by default in
/// > the authors' code, is always on, as in Optax' code. Deviation from the authors': their t begins with
/// > the first gradient that is not zero, here every step counts.
public struct DAdaptedAdam<Scalar: ParameterScalar>: TrainingMethod {
  public let factor: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double
  /// d_t.
  public private(set) var distance: Double
  /// d_t.
  public var distanceEstimate: Double? { distance }
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var numerator = 0.0
  private var power1 = 1.0
  private var power2 = 1.0
  private var m: [Scalar] = []
  private var v: [Scalar] = []
  private var s: [Scalar] = []

  public init(
    factor: Double = 1, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, initialDistance: Double = 1e-6
  ) {
    Self.recipe.check(factor, beta1, beta2, epsilon, weightDecay, initialDistance)
    self.factor = factor
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    distance = initialDistance
  }

  public var memoryVectors: Int { 3 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
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
    let root = beta2.squareRoot()
    let (alignment, magnitude) = update(x, g, lambda: lambda, root: root)
    numerator = root * numerator + (1 - root) * lambda * alignment
    let estimate = numerator / ((1 - root) * magnitude)
    if magnitude > 0, estimate.isFinite { distance = max(distance, estimate) }
    learningRate = lambda
  }

  /// The update of every element; ⟨g, s/(√v + ε)⟩ before it and ‖s‖₁ after it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func update(
    _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, lambda: Double, root: Double
  ) -> (alignment: Double, magnitude: Double) {
    let (b1, b2, b3) = (
      Scalar.nearest(to: beta1), Scalar.nearest(to: beta2), Scalar.nearest(to: root)
    )
    let (rest2, epsilon) = (Scalar.nearest(to: 1 - beta2), Scalar.nearest(to: epsilon))
    let toMean = Scalar.nearest(to: (1 - beta1) * lambda)
    let toSum = Scalar.nearest(to: (1 - root) * lambda)
    let decay = Scalar.nearest(to: weightDecay * lambda)
    var (alignment, magnitude) = (0.0, 0.0)
    for i in m.indices {
      alignment += Double(g[i]) * Double(s[i] / (v[i].squareRoot() + epsilon))
      m[i] = b1 * m[i] + toMean * g[i]
      v[i] = b2 * v[i] + rest2 * (g[i] * g[i])
      s[i] = b3 * s[i] + toSum * g[i]
      magnitude += Double(abs(s[i]))
      x[i] = x[i] - m[i] / (v[i].squareRoot() + epsilon) - decay * x[i]
    }
    return (alignment, magnitude)
  }
}

extension DAdaptedAdam: HasRecipe {
  /// `dAdaptAdam()`.
  public static var recipe: Recipe<DAdaptedAdam> {
    Recipe(
      "dAdaptAdam",
      DAdaptedAdam.init(factor:beta1:beta2:epsilon:weightDecay:initialDistance:),
      .rateFactor, .beta1, .beta2, .positiveEpsilon, .decoupledDecay, .initialDistance,
      summary: "D-Adaptation of Adam (Defazio and Mishchenko 2023)",
      examples: [
        "dAdaptAdam(initialDistance: 1e-3)"
      ], compared: [.init("dAdaptAdam()", over: ["adam"])], standard: { DAdaptedAdam() })
  }
}

extension DAdaptedAdam {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    beta1 = try state.number(.beta1)
    beta2 = try state.number(.beta2)
    epsilon = try state.number(.epsilon)
    weightDecay = try state.number(.weightDecay)
    distance = try state.number(.distance)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    numerator = try state.number(.numerator)
    power1 = try state.number(.power1, in: .between(0, 1))
    power2 = try state.number(.power2, in: .between(0, 1))
    m = try state.vector(.m)
    v = try state.squares(.v, count: m.count)
    s = try state.vector(.s, count: m.count)
    try state.check(
      Self.recipe.fault(of: factor, beta1, beta2, epsilon, weightDecay, distance))
  }
}
