public import HypergradientRecipes

/// PoNoS: a non-monotone line search from a Polyak rate, which remembers how far it had to come
/// back.
///
///     C_t = (ξ Q_{t−1} C_{t−1} + f_t)/Q_t      Q_t = ξ Q_{t−1} + 1        Q_{−1} = 0
///     η = within(δ^{l} (f_t − f*)/(c_p ‖g_t‖²))
///     η ← δ η   until f(x_t − η g_t) ≤ max(C_t, f_t) − c η ‖g_t‖²
///     l ← max(l + k − 1, 0)                                   k rates had failed
///     x_{t+1} = x_t − η g_t
///
/// f, g and every trial are of the same draw. f* ("optimalLoss") is a lower bound of the minibatch
/// loss. Where `maximumTrials` rates have failed the least one is taken. A loss that is not finite
/// fails the condition; at a gradient of zero nothing moves, and at one that is not finite, or a
/// loss that is not, neither do the averages.
///
/// > Source: L. Galli, H. Rauhut and M. Schmidt, Don't be so Monotone: Relaxing Stochastic Line
/// > Search in Over-Parameterized Models (NeurIPS 2023), with the constants of the authors' code
/// > (`PoNoS.py`). Deviation: that code adds 1e-8 to c_p‖g‖².
public struct PoNoS<Scalar: ParameterScalar>: TrainingMethod {
  /// c ∈ (0, 1).
  public let decrease: Double
  /// c_p > 0.
  public let scale: Double
  /// δ ∈ (0, 1).
  public let backtracking: Double
  /// ξ ∈ [0, 1]: 0 is monotone, 1 the mean of all losses.
  public let memory: Double
  public let bounds: ClosedRange<Double>
  public let optimalLoss: Double
  public let maximumTrials: Int
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  private var mean = 0.0
  private var weight = 0.0
  private var backtracks = 0
  private var parameterCount = 0
  private var trial: [Scalar] = []

  public init(
    decrease: Double = 0.5, scale: Double = 0.1, backtracking: Double = 0.5, memory: Double = 1,
    within bounds: ClosedRange<Double> = 1e-6...10, optimalLoss: Double = 0,
    maximumTrials: Int = 100
  ) {
    Self.recipe.check(
      decrease, scale, backtracking, memory, bounds, optimalLoss, maximumTrials)
    self.decrease = decrease
    self.scale = scale
    self.backtracking = backtracking
    self.memory = memory
    self.bounds = bounds
    self.optimalLoss = optimalLoss
    self.maximumTrials = maximumTrials
  }

  public var memoryVectors: Int { 0 }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    parameterCount = parameters.count
    trial = [Scalar](repeating: 0, count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, trial.count)
    let x = parameters.baseAddress!
    let count = parameters.count
    let (loss, gradient) = oracle.evaluate(at: UnsafePointer(x), draw: 0)
    let norm = VectorLoops.norm(gradient, count: count)
    guard loss.isFinite, norm.isFinite else { return stepCounts.skip() }
    let next = memory * weight + 1
    mean = (memory * weight * mean + loss) / next
    weight = next
    guard norm > 0 else { return stepCounts.skip() }
    // The next question ends the gradient's life.
    let g = Array(UnsafeBufferPointer(start: gradient, count: count))
    let polyak = max(0, loss - optimalLoss) / norm / norm / scale
    var factor = 1.0
    for _ in 0..<min(backtracks, 2000) { factor *= backtracking }
    var rate = bounds.nearest(to: polyak * factor)
    if !rate.isFinite { rate = bounds.upperBound }
    let reference = max(mean, loss)
    var failed = 0
    while true {
      place(x, g, by: rate)
      let reached = trial.withUnsafeBufferPointer { oracle.loss(at: $0.baseAddress!, draw: 0) }
      if reached <= reference - decrease * rate * norm * norm { break }
      failed += 1
      if failed == maximumTrials {
        rate = bounds.lowerBound
        place(x, g, by: rate)
        break
      }
      rate *= backtracking
    }
    backtracks = min(max(backtracks + min(failed, maximumTrials - 1) - 1, 0), 1_000_000)
    learningRate = rate
    trial.withUnsafeBufferPointer { x.update(from: $0.baseAddress!, count: count) }
  }

  private mutating func place(_ x: UnsafeMutablePointer<Scalar>, _ g: [Scalar], by rate: Double) {
    VectorLoops.copy(x, into: &trial)
    trial.withUnsafeMutableBufferPointer { trial in
      g.withUnsafeBufferPointer {
        VectorLoops.move(trial.baseAddress!, by: rate, along: $0.baseAddress!, count: $0.count)
      }
    }
  }
}

extension PoNoS: HasRecipe {
  /// `ponos()`.
  public static var recipe: Recipe<PoNoS> {
    Recipe(
      "ponos",
      PoNoS.init(
        decrease:scale:backtracking:memory:within:optimalLoss:maximumTrials:),
      .number(
        "decrease", in: .strictlyBetween(0, 1), default: 0.5,
        "share of the first-order decrease that is asked for"),
      .number("scale", in: .above(0), default: 0.1, "c of the Polyak rate, before ‖g‖²"),
      .number(
        "backtracking", in: .strictlyBetween(0, 1), default: 0.5, "factor of a rate that failed"),
      .number(
        "memory", in: .between(0, 1), default: 1.0,
        "of the mean loss that may be exceeded; 0 for a monotone search"),
      .range("within", default: 1e-6...10, unit: "learning rate", "bounds of the first rate"),
      .number(
        "optimalLoss", in: .any, default: 0.0, unit: "loss", "a lower bound of the minibatch loss"),
      .count("maximumTrials", in: .between(1, 1e9), default: 100, "rates tried in a step"),
      unless: { _, _, _, _, bounds, _, _ in
        bounds.lowerBound > 0 && bounds.upperBound.isFinite
          ? nil : "'within' is to be positive and finite"
      },
      summary: "a non-monotone line search from a Polyak rate: PoNoS (Galli et al. 2023)",
      examples: ["ponos()", "ponos(decrease: 0.1, scale: 1, memory: 0.5, within: 1e-4...100)"],
      compared: ["ponos()"], standard: { PoNoS() })
  }
}

extension PoNoS {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    decrease = try state.number(.decrease)
    scale = try state.number(.scale)
    backtracking = try state.number(.backtracking)
    memory = try state.number(.memory)
    bounds = try state.value(.bounds)
    optimalLoss = try state.number(.optimalLoss)
    maximumTrials = try state.count(.maximumTrials)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    mean = try state.number(.mean)
    weight = try state.number(.weight, in: .atLeast(0))
    backtracks = try state.count(.backtracks)
    parameterCount = try state.count(.parameterCount, through: CheckpointLimits.parameters)
    trial = try state.vector(.trial, count: parameterCount)
    try state.check(
      Self.recipe.fault(
        of: decrease, scale, backtracking, memory, bounds, optimalLoss, maximumTrials))
  }
}
