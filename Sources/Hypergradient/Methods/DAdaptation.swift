public import HypergradientRecipes

/// D-Adaptation of gradient descent: d is a lower bound of the distance to a solution, learned from
/// the inner products of gradients with their weighted sum.
///
///     λ_t = η·d_t / ‖g₀‖
///     n_{t+1} = n_t + λ_t ⟨g_t, s_t⟩        s_{t+1} = s_t + λ_t g_t
///     d_{t+1} = max(d_t, 2 n_{t+1} / ‖s_{t+1}‖)
///     z_{t+1} = z_t − λ_t g_t               x_{t+1} = μ x_t + (1 − μ) z_{t+1}
///
/// η ("factor") is a multiplier of the learned rate, 1 by default; μ ∈ [0, 1) the momentum of the
/// primal averaging. d has the unit of the parameters and only grows; an n past the numbers stays
/// what it was. A gradient that is not finite is discarded, as is one with which λ would not be: g₀ is
/// the first gradient of a step that is taken.
///
/// > Source: A. Defazio and K. Mishchenko, Learning-Rate-Free Learning by D-Adaptation (ICML 2023),
/// > the SGD variant with the practical d̂ = 2 Σ λ⟨g, s⟩ / ‖s‖.
public struct DAdaptedGradientDescent<Scalar: ParameterScalar>: TrainingMethod {
  /// η > 0.
  public let factor: Double
  /// μ.
  public let momentum: Double
  /// d_t.
  public private(set) var distance: Double
  /// d_t.
  public var distanceEstimate: Double? { distance }
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var firstNorm = 0.0
  private var numerator = 0.0
  private var s: [Scalar] = []
  private var z: [Scalar] = []

  /// - Parameter initialDistance: d₀ > 0, below the distance to a solution.
  public init(factor: Double = 1, momentum: Double = 0, initialDistance: Double = 1e-6) {
    Self.recipe.check(factor, momentum, initialDistance)
    self.factor = factor
    self.momentum = momentum
    distance = initialDistance
  }

  public var memoryVectors: Int { 2 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    z = Array(parameters)
    s = [Scalar](repeating: 0, count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, z.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (_, g) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let norm = VectorLoops.norm(g, count: count)
    guard norm.isFinite else { return stepCounts.skip() }
    let first = firstNorm > 0 ? firstNorm : norm
    let wanted = factor * distance / first
    guard Scalar.nearest(to: wanted).isFinite else { return stepCounts.skip() }
    firstNorm = first
    let lambda = oracle.heldRate(wanted, of: 0)
    let next =
      numerator
      + lambda * s.withUnsafeBufferPointer { VectorLoops.dot($0.baseAddress!, g, count: count) }
    if next.isFinite { numerator = next }
    let weight = Scalar.nearest(to: lambda)
    s.withUnsafeMutableBufferPointer { VectorLoops.add(weight, g, to: $0.baseAddress!, count) }
    let length = s.withUnsafeBufferPointer {
      VectorLoops.norm($0.baseAddress!, count: count)
    }
    let estimate = 2 * numerator / length
    if length > 0, estimate.isFinite { distance = max(distance, estimate) }
    z.withUnsafeMutableBufferPointer { Elementwise.subtract($0.baseAddress!, weight, g, count) }
    VectorLoops.approach(x, z, Scalar.nearest(to: 1 - momentum))
    learningRate = lambda
  }
}

extension DAdaptedGradientDescent: HasRecipe {
  /// `dAdaptSGD()`.
  public static var recipe: Recipe<DAdaptedGradientDescent> {
    Recipe(
      "dAdaptSGD", DAdaptedGradientDescent.init(factor:momentum:initialDistance:),
      .rateFactor,
      .number("momentum", in: .from(0, below: 1), default: 0, "of the primal averaging"),
      .initialDistance,
      summary: "D-Adaptation of gradient descent (Defazio and Mishchenko 2023)",
      examples: [
        "dAdaptSGD(initialDistance: 1e-2)",
        "dAdaptSGD(momentum: 0.5, initialDistance: 1e-2)",
      ], standard: { DAdaptedGradientDescent() })
  }
}

// What D-Adaptation and Prodigy share.
extension Parameter where Value == Double {
  static var rateFactor: Parameter {
    .number("factor", in: .above(0), default: 1, "multiplies the learned rate")
  }
  static var initialDistance: Parameter {
    .number(
      "initialDistance", in: .above(0), default: 1e-6, unit: "parameters",
      "first bound of the distance to a solution")
  }
  static var decoupledDecay: Parameter {
    .number(
      "weightDecay", in: .atLeast(0), default: 0, unit: "1/learning rate", "decoupled weight decay")
  }
  /// β₁, β₂ and ε of Adam, the last above 0.
  static var beta1: Parameter {
    .number("beta1", in: .from(0, below: 1), default: 0.9, "decay of the mean")
  }
  static var beta2: Parameter {
    .number("beta2", in: .from(0, below: 1), default: 0.999, "decay of the mean square")
  }
  static var positiveEpsilon: Parameter {
    .number("epsilon", in: .above(0), default: 1e-8, unit: "gradient", "added to the root")
  }
}

extension DAdaptedGradientDescent {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    factor = try state.number(.factor)
    momentum = try state.number(.momentum)
    distance = try state.number(.distance)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    firstNorm = try state.number(.firstNorm, in: .atLeast(0))
    numerator = try state.number(.numerator)
    s = try state.vector(.s)
    z = try state.vector(.z, count: s.count)
    try state.check(Self.recipe.fault(of: factor, momentum, distance))
  }
}
