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
/// > the Adam variant; the bias correction, which the paper leaves out, as in the authors' and
/// > Optax' code.
public struct DAdaptedAdam<Scalar: ParameterScalar>: TrainingMethod {
  public let factor: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double
  /// d_t.
  public private(set) var distance: Double
  public private(set) var learningRate = 0.0
  private var numerator = 0.0
  private var power1 = 1.0
  private var power2 = 1.0
  private var m: [Scalar] = []
  private var v: [Scalar] = []
  private var s: [Scalar] = []

  /// - Precondition: the numbers are in their ranges.
  public init(
    factor: Double = 1, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0, initialDistance: Double = 1e-6
  ) {
    precondition(factor > 0 && factor.isFinite, "factor is \(factor), not greater than 0")
    precondition(beta1 >= 0 && beta1 < 1, "beta1 is \(beta1), not in [0, 1)")
    precondition(beta2 >= 0 && beta2 < 1, "beta2 is \(beta2), not in [0, 1)")
    precondition(epsilon > 0 && epsilon.isFinite, "epsilon is \(epsilon), not greater than 0")
    precondition(
      weightDecay >= 0 && weightDecay.isFinite, "weightDecay is \(weightDecay), not at least 0")
    precondition(
      initialDistance > 0 && initialDistance.isFinite,
      "initialDistance is \(initialDistance), not greater than 0")
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
    let x = parameters.baseAddress!
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    guard VectorLoops.dot(g, g, count: parameters.count).isFinite else { return }
    power1 *= beta1
    power2 *= beta2
    let lambda = factor * distance * (1 - power2).squareRoot() / (1 - power1)
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

extension Recipe where Product == MethodPair {
  /// `dAdaptAdam()`.
  static let dAdaptAdam = Recipe(
    "dAdaptAdam",
    [Parameter("factor", .number(.above(0)), default: "1", "multiplies the learned rate")]
      + distanceAdamParameters,
    summary: "D-Adaptation of Adam (Defazio and Mishchenko 2023)"
  ) { arguments in
    func make<Scalar>(_: Scalar.Type) -> DAdaptedAdam<Scalar> {
      DAdaptedAdam(
        factor: arguments.number("factor"), beta1: arguments.number("beta1"),
        beta2: arguments.number("beta2"), epsilon: arguments.number("epsilon"),
        weightDecay: arguments.number("weightDecay"),
        initialDistance: arguments.number("initialDistance"))
    }
    return MethodPair(make(Float.self), make(Double.self))
  }

  /// What D-Adaptation and Prodigy share.
  static var distanceAdamParameters: [Parameter] {
    [
      Parameter("beta1", .number(.from(0, below: 1)), default: "0.9", "decay of the mean"),
      Parameter(
        "beta2", .number(.from(0, below: 1)), default: "0.999", "decay of the mean square"),
      Parameter(
        "epsilon", .number(.above(0)), default: "1e-8", unit: "gradient", "added to the root"),
      Parameter("weightDecay", .number(.atLeast(0)), default: "0", "decoupled weight decay"),
      Parameter(
        "initialDistance", .number(.above(0)), default: "1e-6", unit: "parameters",
        "first bound of the distance to a solution"),
    ]
  }
}
