public import HypergradientRecipes

/// MoMo-Adam: a Polyak rate for Adam's direction, from a model of the loss built of averages.
///
///     m_t = β₁ m_{t−1} + (1 − β₁) g_t          v_t = β₂ v_{t−1} + (1 − β₂) g_t²
///     f̄_t = β₁ f̄_{t−1} + (1 − β₁) f_t          γ_t = β₁ γ_{t−1} + (1 − β₁) ⟨g_t, x_t⟩
///     D_t = ε + √(v_t/(1 − β₂ᵗ))               ρ_t = 1 − β₁ᵗ
///     h_t = f̄_t + ⟨m_t, x_t⟩ − γ_t
///     τ_t = min(η/ρ_t, (h_t − ρ_t f_low)₊ / ⟨m_t, m_t/D_t⟩)
///     x_{t+1} = x_t − τ_t m_t/D_t
///
/// η ("maximum") is the largest of Adam's rates. f_low ("lowerBound") bounds the loss from below;
/// with `adapting` it is learned, and `lowerBound` bounds it: where h < ρ f_low, f_low ← max(h/2ρ,
/// bound) before the step, and f_low ← max((h − ½ τ ⟨m, m/D⟩)/ρ, bound) after it. ``learningRate``
/// is ρτ, which is η where the model does not hold it down. A loss or gradient that is not finite
/// is discarded.
///
/// > Source: F. Schaipp, R. Ohana, M. Eickenberg, A. Defazio and R. M. Gower, MoMo: Momentum Models
/// > for Adaptive Learning Rates (ICML 2024), Algorithms 2 and 3, without weight decay.
public struct MoMoAdam<Scalar: ParameterScalar>: TrainingMethod {
  public let maximum: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  /// ρτ_t.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var bound: LossBound
  private var power1 = 1.0
  private var power2 = 1.0
  private var loss = 0.0
  private var product = 0.0
  private var m: [Scalar] = []
  private var v: [Scalar] = []

  /// The bound of the loss that the next step begins with.
  public var lowerBound: Double { bound.value }

  public init(
    maximum: Double = 1e-2, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    lowerBound: Double = 0, adapting: Bool = false
  ) {
    Self.recipe.check(maximum, beta1, beta2, epsilon, lowerBound, adapting)
    self.maximum = maximum
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    bound = LossBound(lowerBound, adapts: adapting)
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    m = [Scalar](repeating: 0, count: parameters.count)
    v = m
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, m.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (f, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let along = VectorLoops.dot(g, UnsafePointer(x), count: count)
    guard f.isFinite, along.isFinite, VectorLoops.dot(g, g, count: count).isFinite else {
      return stepCounts.skip()
    }
    power1 *= beta1
    power2 *= beta2
    loss = beta1 * loss + (1 - beta1) * f
    product = beta1 * product + (1 - beta1) * along
    let rho = 1 - power1
    let square = average(g)
    let height =
      loss
      + m.withUnsafeBufferPointer {
        VectorLoops.dot($0.baseAddress!, UnsafePointer(x), count: count)
      } - product
    let low = bound.cut(height: height, weight: rho)
    let model = max(0, height - rho * low) / square
    let wanted = model.isFinite ? min(maximum, rho * model) : 0
    learningRate = oracle.heldRate(wanted, of: 0)
    bound.learn(height: height, rate: learningRate / rho, square: square, weight: rho)
    move(x, by: learningRate / rho)
  }

  /// The moments; ⟨m, m/D⟩.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func average(_ g: UnsafePointer<Scalar>) -> Double {
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let (epsilon, k2) = (Scalar.nearest(to: epsilon), Scalar.nearest(to: 1 / (1 - power2)))
    var square = 0.0
    for i in m.indices {
      m[i] = b1 * m[i] + rest1 * g[i]
      v[i] = b2 * v[i] + rest2 * (g[i] * g[i])
      square += Double(m[i]) * Double(m[i] / (epsilon + (v[i] * k2).squareRoot()))
    }
    return square
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func move(_ x: UnsafeMutablePointer<Scalar>, by rate: Double) {
    let (epsilon, k2) = (Scalar.nearest(to: epsilon), Scalar.nearest(to: 1 / (1 - power2)))
    let rate = Scalar.nearest(to: rate)
    for i in m.indices { x[i] = x[i] - rate * (m[i] / (epsilon + (v[i] * k2).squareRoot())) }
  }
}

extension MoMoAdam: HasRecipe {
  /// `momoAdam(maximum: 0.01)`.
  public static var recipe: Recipe<MoMoAdam> {
    Recipe(
      "momoAdam", MoMoAdam.init(maximum:beta1:beta2:epsilon:lowerBound:adapting:),
      .number(
        "maximum", in: .above(0), default: 1e-2, unit: "learning rate", "the largest rate"),
      .beta1, .beta2, .positiveEpsilon,
      .number("lowerBound", in: .any, default: 0, unit: "loss", "a lower bound of the loss"),
      .flag("adapting", default: false, "whether the bound is learned, above that"),
      summary: "a Polyak rate for Adam: MoMo-Adam (Schaipp et al. 2024)",
      examples: [
        "momoAdam(maximum: 0.1)", "momoAdam(maximum: 0.2, lowerBound: -1, adapting: .yes)",
      ],
      compared: [
        .init("momoAdam(maximum: rate)", over: ["adam"]),
        .init(
          "momoAdam(maximum: rate, adapting: .yes)", as: "momoAdam-adapting", over: ["adam"]),
      ], standard: { MoMoAdam() })
  }
}

extension MoMoAdam {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    maximum = try state.number(.maximum)
    beta1 = try state.number(.beta1)
    beta2 = try state.number(.beta2)
    epsilon = try state.number(.epsilon)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    bound = try state.value(.bound)
    power1 = try state.number(.power1, in: .between(0, 1))
    power2 = try state.number(.power2, in: .between(0, 1))
    loss = try state.number(.loss)
    product = try state.number(.product)
    m = try state.vector(.m)
    v = try state.squares(.v, count: m.count)
    try state.check(
      Self.recipe.fault(of: maximum, beta1, beta2, epsilon, bound.least, bound.adapts))
  }
}
