public import HypergradientRecipes

/// Adaptive gradient descent with the larger rates of its second analysis, AdGD2:
///
///     L_t = ‖g_t − g_{t−1}‖ / ‖x_t − x_{t−1}‖
///     λ_t = min(√(⅔ + θ_{t−1}) λ_{t−1}, λ_{t−1}/√(2 λ_{t−1}² L_t² − 1)₊)
///     x_{t+1} = x_t − λ_t g_t        θ_t = λ_t / λ_{t−1}        θ₀ = ⅓
///
/// The first rate is searched for: λ ("initial") is multiplied by 10 while λ L ≤ 2 for the L of the
/// step that it would make, at most four times, and then halved until λ L ≤ 2; each trial is a
/// gradient of the same draw. A gradient that is not finite is discarded. For deterministic
/// gradients: under noise the estimate is one of the noise.
///
/// > Source: Y. Malitsky and K. Mishchenko, Adaptive Proximal Gradient Method for Convex
/// > Optimization (NeurIPS 2024), Algorithm 2, with the search of the authors' code (`AdProxGD`).
/// > Deviations: the search ends after four tens, which is that code's limit of 10 for its first
/// > rate of 0.01, and the step that it ends with is made anew. Without a limit it would not end
/// > where gradients are bounded.
public struct AdaptiveDescent2<Scalar: ParameterScalar>: TrainingMethod {
  /// The first rate that is tried.
  public let initial: Double
  /// Whether the first rate is searched for.
  public let searches: Bool
  /// λ_t.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  /// θ_t.
  private var ratio = 1.0 / 3
  private var memory = GradientMemory<Scalar>()

  public init(initial: Double = 1e-2, searching: Bool = true) {
    Self.recipe.check(initial, searching)
    self.initial = initial
    searches = searching
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
    guard let (_, gradient) = oracle.finiteGradient(at: x) else { return stepCounts.skip() }
    let last = learningRate
    if memory.isFilled {
      let sums = memory.products(x, gradient)
      // λL, of no unit.
      let curvature = last * (sums.yy / sums.ss).squareRoot().scaled(by: -sums.exponent)
      let growth = (2.0 / 3 + ratio).squareRoot()
      let below = 2 * curvature * curvature - 1
      let factor = below > 0 ? min(growth, 1 / below.squareRoot()) : growth
      let next = factor * last
      if next.isFinite, next > 0 { learningRate = next }
      learningRate = oracle.heldRate(learningRate, of: 0)
      if (learningRate / last).isFinite { ratio = learningRate / last }
      memory.store(UnsafePointer(x), gradient)
      return VectorLoops.move(x, by: learningRate, along: gradient, count: parameters.count)
    }
    memory.store(UnsafePointer(x), gradient)
    // The next question ends the gradient's life.
    let g = Array(UnsafeBufferPointer(start: gradient, count: parameters.count))
    if searches { search(from: x, g, &oracle) }
    learningRate = oracle.heldRate(learningRate, of: 0)
    g.withUnsafeBufferPointer {
      VectorLoops.move(x, by: learningRate, along: $0.baseAddress!, count: parameters.count)
    }
  }

  private mutating func search<O: Oracle<Scalar>>(
    from x: UnsafeMutablePointer<Scalar>, _ g: [Scalar], _ oracle: inout O
  ) {
    var tens = 0
    var hasShrunk = false
    var rate = learningRate
    for _ in 0..<100 {
      var trial = Array(UnsafeBufferPointer(start: x, count: g.count))
      trial.withUnsafeMutableBufferPointer { trial in
        g.withUnsafeBufferPointer {
          VectorLoops.move(
            trial.baseAddress!, by: rate, along: $0.baseAddress!, count: trial.count)
        }
      }
      let curvature = trial.withUnsafeBufferPointer { trial in
        let (_, there) = oracle.evaluate(at: trial.baseAddress!, draw: 0)
        let sums = memory.products(trial.baseAddress!, there)
        return rate * (sums.yy / sums.ss).squareRoot().scaled(by: -sums.exponent)
      }
      if curvature <= 2 {
        learningRate = rate
        if hasShrunk || tens == 4 { return }
        tens += 1
        rate *= 10
      } else {
        // Not a number, too: the trial left them.
        hasShrunk = true
        rate /= 2
      }
      guard rate > 0, rate.isFinite else { return }
    }
  }
}

extension AdaptiveDescent2: HasRecipe {
  /// `adaptiveDescent2()`.
  public static var recipe: Recipe<AdaptiveDescent2> {
    Recipe(
      "adaptiveDescent2", AdaptiveDescent2.init(initial:searching:),
      .number(
        "initial", in: .above(0), default: 1e-2, unit: "learning rate",
        "the first rate that is tried"),
      .flag("searching", default: true, "whether the first rate is searched for"),
      summary: "adaptive descent with larger rates: AdGD2 (Malitsky and Mishchenko 2024)",
      examples: [
        "adaptiveDescent2(initial: 0.05)", "adaptiveDescent2(initial: 1e-3, searching: .no)",
      ], compared: ["adaptiveDescent2(initial: rate)"], standard: { AdaptiveDescent2() })
  }
}

extension AdaptiveDescent2 {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    searches = try state.value(.searches)
    learningRate = try state.number(.learningRate, in: .above(0))
    stepCounts = try state.value(.stepCounts)
    ratio = try state.number(.ratio, in: .atLeast(0))
    memory = try state.value(.memory)
    try state.check(Self.recipe.fault(of: initial, searches))
  }
}
