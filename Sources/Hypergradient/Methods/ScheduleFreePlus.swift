internal import PortableMath
public import HypergradientRecipes

/// ScheduleFree+: Schedule-Free Adam with a Polyak rate.
///
///     y_t = (1 − β) z_t + β x_t                        the loss f_t and gradient g_t are taken here
///     n_t = ρ n_{t−1} + (1 − ρ) √(π/2) ‖g_t‖₁
///     a_t = η (f_t − f_low + β ⟨g_t, z_t − x_t⟩)₊ (1 − ρᵗ⁺¹) / n_t
///     z_{t+1} = z_t − a_t² λ y_t − a_t m̂_t/(√v̂_t + ε)
///     x_{t+1} = (1 − c) x_t + c z_{t+1}      c = w_t/Σ_{i≤t} w_i      w_t = (t + 1)^r max_{i≤t} a_i²
///
/// m̂ and v̂ are Adam's. The parameters hold x. η is 1, a multiplier. f_low is a lower bound of the
/// loss, 0 in the paper. λ is a weight decay, scaled by a²: 20 or 50 rather than 0.1. For the first
/// `warmupSteps` steps c is 1, and their weights are not in the sum. With `annealingSteps` T > 0, 1
/// − β goes geometrically from its value to 1 − `finalInterpolation` over T steps; it is β_t in y_t
/// and, of the step before, in y itself. A loss or gradient that is not finite is discarded.
///
/// > Source: A. Defazio, ScheduleFree+ (2026, arXiv 2605.19095), as in the authors' code
/// > (`AdamCScheduleFreePlusPaper` of schedule_free). Deviations: f_low may be another bound than
/// > 0; where n is 0, a is 0; n is the plain average, where that code feeds the corrected one back
/// > (the same with ρ = 0, its default).
public struct ScheduleFreePlus<Scalar: ParameterScalar>: TrainingMethod {
  /// η > 0.
  public let factor: Double
  /// β ∈ [0, 1), at the start.
  public let interpolation: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  /// λ.
  public let weightDecay: Double
  /// r.
  public let power: Double
  /// ρ ∈ [0, 1).
  public let normDecay: Double
  public let lowerBound: Double
  public let warmupSteps: Int
  public let finalInterpolation: Double
  public let annealingSteps: Int
  /// a_t.
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var stepCount = 0
  private var power1 = 1.0
  private var power2 = 1.0
  private var norm = 0.0
  private var powerOfNorm = 1.0
  private var largest = 0.0
  private var weightSum = 0.0
  /// β of the last step.
  private var last: Double
  private var z: [Scalar] = []
  private var y: [Scalar] = []
  private var m: [Scalar] = []
  private var v: [Scalar] = []

  public init(
    factor: Double = 1, interpolation: Double = 0.9, beta1: Double = 0.9, beta2: Double = 0.95,
    epsilon: Double = 1e-8, weightDecay: Double = 0, power: Double = 0, normDecay: Double = 0,
    lowerBound: Double = 0, warmupSteps: Int = 0, finalInterpolation: Double = 0.965,
    annealingSteps: Int = 0
  ) {
    Self.recipe.check(
      factor, interpolation, beta1, beta2, epsilon, weightDecay, power, normDecay, lowerBound,
      warmupSteps, finalInterpolation, annealingSteps)
    self.factor = factor
    self.interpolation = interpolation
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.power = power
    self.normDecay = normDecay
    self.lowerBound = lowerBound
    self.warmupSteps = warmupSteps
    self.finalInterpolation = finalInterpolation
    self.annealingSteps = annealingSteps
    last = interpolation
  }

  public var memoryVectors: Int { 3 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    z = Array(parameters)
    y = z
    m = [Scalar](repeating: 0, count: z.count)
    v = m
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, z.count)
    let x = parameters.baseAddress!
    interpolate(x)
    let (f, g) = y.withUnsafeBufferPointer { oracle.evaluate(at: $0.baseAddress!, draw: 0) }
    let (size, inner) = measure(x, g)
    guard f.isFinite, size.isFinite, inner.isFinite,
      VectorLoops.dot(g, g, count: parameters.count).isFinite
    else { return stepCounts.skip() }
    let beta = currentInterpolation
    last = beta
    power1 *= beta1
    power2 *= beta2
    powerOfNorm *= normDecay
    // √(π/2).
    norm = normDecay * norm + (1 - normDecay) * size * 0x1.40d931ff62706p+0
    let height = max(0, f - lowerBound + beta * inner)
    let wanted = factor * height * (1 - powerOfNorm) / norm
    learningRate = oracle.heldRate(wanted.isFinite ? wanted : 0, of: 0)
    largest = max(largest, learningRate)
    move(g, by: learningRate)
    VectorLoops.approach(x, z, Scalar.nearest(to: share()))
    stepCount += 1
  }

  /// β_t.
  private var currentInterpolation: Double {
    guard annealingSteps > 0 else { return interpolation }
    let progress = min(Double(stepCount) / Double(annealingSteps), 1)
    let first = Portable.log(1 - interpolation) * (1 - progress)
    return 1 - Portable.exp(first + Portable.log(1 - finalInterpolation) * progress)
  }

  /// c.
  private mutating func share() -> Double {
    if stepCount < warmupSteps { return 1 }
    let count = Double(stepCount + 1)
    let weight = (power == 0 ? 1 : Portable.pow(count, power)) * (largest * largest)
    weightSum += weight
    // Weights that are all 0 or no numbers are equal ones.
    let share = weight / weightSum
    return share.isFinite ? share : 1 / count
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func interpolate(_ x: UnsafeMutablePointer<Scalar>) {
    let (beta, rest) = (Scalar.nearest(to: last), Scalar.nearest(to: 1 - last))
    for i in y.indices { y[i] = rest * z[i] + beta * x[i] }
  }

  /// ‖g‖₁ and ⟨g, z − x⟩.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func measure(
    _ x: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>
  ) -> (size: Double, inner: Double) {
    var (size, inner) = (0.0, 0.0)
    for i in z.indices {
      size += Double(g[i]).magnitude
      inner += Double(g[i]) * (Double(z[i]) - Double(x[i]))
    }
    return (size, inner)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func move(_ g: UnsafePointer<Scalar>, by rate: Double) {
    let decay = Scalar.nearest(to: rate * rate * weightDecay)
    let (b1, rest1) = (Scalar.nearest(to: beta1), Scalar.nearest(to: 1 - beta1))
    let (b2, rest2) = (Scalar.nearest(to: beta2), Scalar.nearest(to: 1 - beta2))
    let k1 = Scalar.nearest(to: 1 / (1 - power1))
    let k2 = Scalar.nearest(to: 1 / (1 - power2))
    let (rate, epsilon) = (Scalar.nearest(to: rate), Scalar.nearest(to: epsilon))
    for i in z.indices {
      m[i] = b1 * m[i] + rest1 * g[i]
      v[i] = b2 * v[i] + rest2 * (g[i] * g[i])
      let u = (m[i] * k1) / ((v[i] * k2).squareRoot() + epsilon)
      z[i] = z[i] - decay * y[i] - rate * u
    }
  }
}

extension ScheduleFreePlus: HasRecipe {
  /// `scheduleFreePlus()`.
  public static var recipe: Recipe<ScheduleFreePlus> {
    Recipe(
      "scheduleFreePlus",
      ScheduleFreePlus.init(
        factor:interpolation:beta1:beta2:epsilon:weightDecay:power:normDecay:lowerBound:
        warmupSteps:finalInterpolation:annealingSteps:),
      .polyakFactor, .interpolationOfPlus, .beta1, .beta2OfPlus, .positiveEpsilon, .decayOfPlus,
      .powerOfWeights, .normDecay, .lossBound, .averageWarmup, .finalInterpolation, .annealingSteps,
      summary: "Schedule-Free Adam with a Polyak rate (Defazio 2026)",
      examples: [
        "scheduleFreePlus()",
        "scheduleFreePlus(factor: 0.5, beta2: 0.99, power: 2, normDecay: 0.5, warmupSteps: 3, "
          + "annealingSteps: 50)",
      ],
      compared: [.init("scheduleFreePlus()", over: ["adam"])], standard: { ScheduleFreePlus() })
  }
}

extension Parameter where Value == Double {
  fileprivate static var polyakFactor: Parameter {
    .number("factor", in: .above(0), default: 1, "multiplies the Polyak rate")
  }
  fileprivate static var interpolationOfPlus: Parameter {
    .number(
      "interpolation", in: .from(0, below: 1), default: 0.9,
      "share of the average where the gradient is taken")
  }
  fileprivate static var beta2OfPlus: Parameter {
    .number("beta2", in: .from(0, below: 1), default: 0.95, "decay of the mean square")
  }
  fileprivate static var decayOfPlus: Parameter {
    .number(
      "weightDecay", in: .atLeast(0), default: 0, unit: "1/learning rate²",
      "weight decay, times the rate's square")
  }
  fileprivate static var powerOfWeights: Parameter {
    .number("power", in: .between(0, 10), default: 0, "r: weights of the average grow as tʳ")
  }
  fileprivate static var normDecay: Parameter {
    .number("normDecay", in: .from(0, below: 1), default: 0, "decay of the mean norm")
  }
  fileprivate static var lossBound: Parameter {
    .number("lowerBound", in: .any, default: 0, unit: "loss", "a lower bound of the loss")
  }
  fileprivate static var finalInterpolation: Parameter {
    .number(
      "finalInterpolation", in: .from(0, below: 1), default: 0.965, "the share after the annealing")
  }
}

extension Parameter where Value == Int {
  fileprivate static var averageWarmup: Parameter {
    .count(
      "warmupSteps", in: .between(0, 1e9), default: 0, unit: "steps",
      "steps before the average begins")
  }
  fileprivate static var annealingSteps: Parameter {
    .count(
      "annealingSteps", in: .between(0, 1e9), default: 0, unit: "steps",
      "steps of the share's annealing; 0 for none")
  }
}

extension ScheduleFreePlus {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    interpolation = try state.number(.interpolation)
    beta1 = try state.number(.beta1)
    beta2 = try state.number(.beta2)
    epsilon = try state.number(.epsilon)
    weightDecay = try state.number(.weightDecay)
    power = try state.number(.power)
    normDecay = try state.number(.normDecay)
    lowerBound = try state.number(.lowerBound)
    warmupSteps = try state.count(.warmupSteps)
    finalInterpolation = try state.number(.finalInterpolation)
    annealingSteps = try state.count(.annealingSteps)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    stepCount = try state.count(.stepCount)
    power1 = try state.number(.power1, in: .between(0, 1))
    power2 = try state.number(.power2, in: .between(0, 1))
    norm = try state.number(.norm, in: .atLeast(0))
    powerOfNorm = try state.number(.powerOfNorm, in: .between(0, 1))
    largest = try state.number(.largest, in: .atLeast(0))
    weightSum = try state.number(.weightSum, in: .atLeast(0))
    last = try state.number(.last, in: .from(0, below: 1))
    z = try state.vector(.z)
    y = try state.vector(.y, count: z.count)
    m = try state.vector(.m, count: z.count)
    v = try state.squares(.v, count: z.count)
    try state.check(
      Self.recipe.fault(
        of: factor, interpolation, beta1, beta2, epsilon, weightDecay, power, normDecay,
        lowerBound, warmupSteps, finalInterpolation, annealingSteps))
  }
}
