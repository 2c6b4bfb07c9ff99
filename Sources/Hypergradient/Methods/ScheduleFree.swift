package import HypergradientRecipes

/// Schedule-Free: a schedule replaced by interpolation with a running average.
///
///     y_t = (1 − β) z_t + β x_t              the gradient is taken here
///     z_{t+1} = z_t − γ_t·u(g(y_t)) − γ_t·w·y_t
///     c_{t+1} = γ_t² / Σ_{i≤t} γ_i²
///     x_{t+1} = (1 − c_{t+1}) x_t + c_{t+1} z_{t+1}
///
/// The parameters hold x. u is the gradient for ``Base/gradientDescent``; for ``Base/adam`` u =
/// g/(√v + ε) with v = β₂ v + (1 − β₂) g², and γ_t carries √(1 − β₂ᵗ). γ_t is warmed up linearly
/// over `warmupSteps`; w is a weight decay at y. For ``Base/rAdam`` u = g/(√v̂ + ε), v̂ = v/(1 −
/// β₂ᵗ), and γ_t carries the rectifier of ``RAdam`` in place of a warm-up: it is 0 for the first
/// steps, while ρ_t ≤ 4. A gradient that is not finite is discarded.
///
/// > Source: A. Defazio, X. Yang, H. Mehta, K. Mishchenko, A. Khaled and A. Cutkosky, The Road Less
/// > Scheduled (NeurIPS 2024), eqs. 3–5 and Algorithm 1; the rectified form as in the authors'
/// > package (`RAdamScheduleFree`). Its Adam (`schedulefree` 1.4.1) differs from Algorithm 1, and so
/// > from this: it has √v̂ below, in place of √(1 − β₂ᵗ) in γ_t, and the square of the largest γ so far
/// > in c.
public struct ScheduleFree<Scalar: ParameterScalar>: TrainingMethod {
  /// What makes u.
  public enum Base: String, Sendable, Codable, CaseIterable {
    case gradientDescent, adam, rAdam
  }

  public let base: Base
  /// γ > 0.
  public let rate: Double
  /// β ∈ [0, 1).
  public let interpolation: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double
  public let warmupSteps: Int
  /// γ_t.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var stepCount = 0
  private var power2 = 1.0
  private var weightSum = 0.0
  private var z: [Scalar] = []
  private var v: [Scalar] = []
  private var y: [Scalar] = []

  public init(
    _ base: Base, rate: Double, interpolation: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0, warmupSteps: Int = 0
  ) {
    Recipe<any TrainingMethod<Scalar>>.scheduleFreeAdam().check(
      rate, interpolation, weightDecay, warmupSteps, beta2, epsilon)
    self.base = base
    self.rate = rate
    self.interpolation = interpolation
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.warmupSteps = warmupSteps
  }

  public var memoryVectors: Int { base == .gradientDescent ? 1 : 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    z = Array(parameters)
    y = z
    v = base == .gradientDescent ? [] : [Scalar](repeating: 0, count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, z.count)
    let x = parameters.baseAddress!
    interpolate(x)
    let (_, g) = y.withUnsafeBufferPointer { oracle.evaluate(at: $0.baseAddress!, draw: 0) }
    let isGood =
      base == .gradientDescent
      ? VectorLoops.isFinite(g, count: parameters.count)
      : VectorLoops.dot(g, g, count: parameters.count).isFinite
    guard isGood else {
      return stepCounts.skip()
    }
    stepCount += 1
    power2 *= beta2
    var gamma = rate
    if stepCount < warmupSteps { gamma *= Double(stepCount) / Double(warmupSteps) }
    if base == .adam { gamma *= (1 - power2).squareRoot() }
    if base == .rAdam { gamma *= rectifier }
    gamma = oracle.heldRate(gamma, of: 0)
    weightSum += gamma * gamma
    move(g, gamma)
    // Weights whose squares are no numbers are equal ones.
    let share = gamma * gamma / weightSum
    VectorLoops.approach(
      x, z, Scalar.nearest(to: share.isFinite ? share : 1 / Double(stepCount)))
    learningRate = gamma
  }

  /// RAdam's r_t; 0 where ρ_t ≤ 4.
  private var rectifier: Double {
    varianceRectification(beta2, power2, step: stepCount, above: 4) ?? 0
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func interpolate(_ x: UnsafeMutablePointer<Scalar>) {
    let (beta, rest) = (
      Scalar.nearest(to: interpolation), Scalar.nearest(to: 1 - interpolation)
    )
    for i in y.indices { y[i] = rest * z[i] + beta * x[i] }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func move(_ g: UnsafePointer<Scalar>, _ gamma: Double) {
    let (gamma, decay) = (Scalar.nearest(to: gamma), Scalar.nearest(to: gamma * weightDecay))
    switch base {
    case .gradientDescent:
      for i in z.indices { z[i] = z[i] - gamma * g[i] - decay * y[i] }
    case .adam:
      let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
      let epsilon = Scalar.nearest(to: epsilon)
      for i in z.indices {
        v[i] = b2 * v[i] + rest2 * (g[i] * g[i])
        z[i] = z[i] - gamma * g[i] / (v[i].squareRoot() + epsilon) - decay * y[i]
      }
    case .rAdam:
      let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
      let (epsilon, k2) = (Scalar.nearest(to: epsilon), Scalar.nearest(to: 1 / (1 - power2)))
      for i in z.indices {
        v[i] = b2 * v[i] + rest2 * (g[i] * g[i])
        z[i] = z[i] - gamma * g[i] / ((v[i] * k2).squareRoot() + epsilon) - decay * y[i]
      }
    }
  }
}

extension Recipe {
  /// `scheduleFreeSGD(rate: 1)`.
  package static func scheduleFreeSGD<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "scheduleFreeSGD",
      { (rate: Double, interpolation: Double, decay: Double, warmup: Int) in
        ScheduleFree<S>(
          .gradientDescent, rate: rate, interpolation: interpolation, weightDecay: decay,
          warmupSteps: warmup)
      },
      .finalRateOfFree, .interpolation, .decayOfFree, .warmupSteps,
      summary: "Schedule-Free gradient descent (Defazio et al. 2024)",
      examples: [
        "scheduleFreeSGD(rate: 0.1)"
      ], compared: ["scheduleFreeSGD(rate: rate)"],
      standard: { ScheduleFree<S>(.gradientDescent, rate: 0.1) })
  }

  /// `scheduleFreeAdam(rate: 2.5e-3)`.
  package static func scheduleFreeAdam<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "scheduleFreeAdam",
      {
        (
          rate: Double, interpolation: Double, decay: Double, warmup: Int, beta2: Double,
          epsilon: Double
        ) in
        ScheduleFree<S>(
          .adam, rate: rate, interpolation: interpolation, beta2: beta2, epsilon: epsilon,
          weightDecay: decay, warmupSteps: warmup)
      },
      .finalRateOfFree, .interpolation, .decayOfFree, .warmupSteps, .beta2, .positiveEpsilon,
      summary: "Schedule-Free AdamW (Defazio et al. 2024)",
      examples: [
        "scheduleFreeAdam(rate: 0.05)",
        "scheduleFreeAdam(rate: 0.05, warmupSteps: 5)",
      ], compared: [.init("scheduleFreeAdam(rate: rate)", over: ["adam"])],
      standard: { ScheduleFree<S>(.adam, rate: 0.05) })
  }
}

extension Recipe {
  /// `scheduleFreeRAdam(rate: 2.5e-3)`.
  package static func scheduleFreeRAdam<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "scheduleFreeRAdam",
      { (rate: Double, interpolation: Double, decay: Double, beta2: Double, epsilon: Double) in
        ScheduleFree<S>(
          .rAdam, rate: rate, interpolation: interpolation, beta2: beta2, epsilon: epsilon,
          weightDecay: decay)
      },
      .finalRateOfFree, .interpolation, .decayOfFree, .beta2, .positiveEpsilon,
      summary: "Schedule-Free RAdam, without a warm-up (Defazio et al. 2024)",
      examples: ["scheduleFreeRAdam(rate: 0.06)"],
      compared: [.init("scheduleFreeRAdam(rate: rate)", over: ["adam"])],
      standard: { ScheduleFree<S>(.rAdam, rate: 0.06) })
  }
}

extension Parameter where Value == Double {
  fileprivate static var finalRateOfFree: Parameter {
    .number("rate", in: .above(0), unit: "learning rate", "γ, after the warm-up")
  }
  fileprivate static var interpolation: Parameter {
    .number(
      "interpolation", in: .from(0, below: 1), default: 0.9,
      "share of the average where the gradient is taken")
  }
  fileprivate static var decayOfFree: Parameter {
    .number(
      "weightDecay", in: .atLeast(0), default: 0, unit: "1/learning rate",
      "weight decay at that point")
  }
}

extension Parameter where Value == Int {
  fileprivate static var warmupSteps: Parameter {
    .count("warmupSteps", in: .between(0, 1e9), default: 0, unit: "steps", "linear warm-up")
  }
}

extension ScheduleFree {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    rate = try state.number(.rate)
    interpolation = try state.number(.interpolation)
    beta2 = try state.number(.beta2)
    epsilon = try state.number(.epsilon)
    weightDecay = try state.number(.weightDecay)
    warmupSteps = try state.count(.warmupSteps)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    stepCount = try state.count(.stepCount)
    power2 = try state.number(.power2, in: .between(0, 1))
    weightSum = try state.number(.weightSum, in: .atLeast(0))
    z = try state.vector(.z)
    v = try state.squares(.v, count: base == .gradientDescent ? 0 : z.count)
    y = try state.vector(.y, count: z.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.scheduleFreeAdam().fault(
        of: rate, interpolation, weightDecay, warmupSteps, beta2, epsilon))
  }
}
