package import HypergradientRecipes

/// SaLSA: an Armijo line search whose two sides are averages over steps, on top of a rule; not at
/// every step, but the more often the more its rates change.
///
///     h_t = β h + (1 − β) ⟨u_t, g_t⟩
///     η = γ η₋, then η ← b η until β Δ + (1 − β)(f(θ) − f(θ − η u)) ≥ c η h_t
///     Δ ← β Δ + (1 − β)(f(θ) − f(θ − η u))
///     fast ← 0.9 fast + 0.1 η      slow ← 0.99 slow + 0.01 η
///     θ ← θ − η u
///
/// η₋ is the rate of the last search. There is a search at the first nine steps and wherever
/// min(10, 1/(r − 1)) steps have passed since the last one, r ≥ 1 the ratio of fast and slow or its
/// inverse; the other steps take γ η₋ without a question. A trial whose loss is f(θ) to the bit
/// passes and leaves Δ. f, g and every trial are of the same draw; after `maximumTrials` failures
/// the last rate is taken. A step whose gradient or loss is not finite is discarded.
///
/// > Source: P. Kenneweg, T. Kenneweg, F. Fumagalli and B. Hammer, No learning rates needed:
/// > Introducing SALSA — Stable Armijo Line Search Adaptation (IJCNN 2024), as in the authors'
/// > package with its momentum in the search (`use_mv`). Deviations: the rule may be any, and
/// > corrects its means as Adam does, at t where that package has t + 1; where h is not above 0 the
/// > rate is the last one, where the package lets it grow without a question, as at losses below
/// > 1e-8.
public struct SaLSA<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// c ∈ (0, 1).
  public let decrease: Double
  /// b ∈ (0, 1).
  public let backtracking: Double
  /// γ ≥ 1.
  public let growth: Double
  /// β ∈ [0, 1).
  public let smoothing: Double
  public let maximumTrials: Int
  public private(set) var learningRate = 0.0
  public private(set) var stepCounts = StepCounts()
  /// η₋.
  private var searched: Double
  private var stepCount = 0
  private var stepsSinceSearch = 100
  private var meanSlope = 0.0
  private var meanDecrease = 0.0
  private var fast = 1e-8
  private var slow = 1e-8
  private var direction: RuleState<Rule>
  @Scratch private var trial: [Scalar] = []

  public init(
    _ rule: Rule, initial: Double = 1, decrease: Double = 0.5, backtracking: Double = 0.8,
    growth: Double = 1.1, smoothing: Double = 0.9, maximumTrials: Int = 100
  ) {
    Recipe<any TrainingMethod<Scalar>>.salsa().check(
      RuleOnObjective(rule), initial, decrease, backtracking, growth, smoothing, maximumTrials)
    self.decrease = decrease
    self.backtracking = backtracking
    self.growth = growth
    self.smoothing = smoothing
    self.maximumTrials = maximumTrials
    searched = initial
    direction = RuleState(rule)
  }

  public var memoryVectors: Int { direction.memoryVectors }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    direction.begin(parameterCount: parameters.count)
    trial = [Scalar](repeating: 0, count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let theta = parameters.baseAddress!
    guard let (loss, gradient) = oracle.finiteGradient(at: theta), loss.isFinite else {
      return stepCounts.skip()
    }
    stepCount += 1
    stepsSinceSearch += 1
    let slope = direction.make(theta, gradient, loss: loss)
    let ratio = max(fast / slow, slow / fast)
    let isSearch =
      stepCount < 10 || !ratio.isFinite
      || Double(stepsSinceSearch) >= min(10, 1 / (ratio - 1 + 1e-8))
    let rate = isSearch ? search(theta, loss, slope, &oracle) : most(growth * searched)
    learningRate = rate
    direction.apply(theta, rate: rate)
  }

  /// A rate that has been found, and the averages with it.
  private mutating func search<O: Oracle<Scalar>>(
    _ theta: UnsafeMutablePointer<Scalar>, _ loss: Double, _ slope: Double, _ oracle: inout O
  ) -> Double {
    stepsSinceSearch = 0
    let next = smoothing * meanSlope + (1 - smoothing) * slope
    if next.isFinite { meanSlope = next }
    guard meanSlope > 0 else { return searched }
    var rate = most(growth * searched)
    for trialNumber in 1...maximumTrials {
      let reached = direction.loss(from: theta, by: rate, at: &trial, &oracle)
      if reached == loss { break }
      let mean = smoothing * meanDecrease + (1 - smoothing) * (loss - reached)
      if mean >= decrease * rate * meanSlope {
        meanDecrease = mean.isFinite ? mean : meanDecrease
        break
      }
      if trialNumber < maximumTrials { rate *= backtracking }
    }
    searched = rate
    fast = 0.9 * fast + 0.1 * rate
    slow = 0.99 * slow + 0.01 * rate
    return rate
  }

  /// No rate above 10¹⁰⁰.
  private func most(_ rate: Double) -> Double { min(rate, 1e100) }
}

extension Recipe {
  /// `salsa(adam)`.
  package static func salsa<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "salsa",
      {
        (
          rule: RuleOnObjective<S>, initial: Double, decrease: Double, backtracking: Double,
          growth: Double, smoothing: Double, trials: Int
        ) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          SaLSA(
            rule, initial: initial, decrease: decrease, backtracking: backtracking,
            growth: growth, smoothing: smoothing, maximumTrials: trials)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: Adam<S>(), "the rule that makes the direction"),
      .number(
        "initial", in: .excluding(0, through: 1e99), default: 1.0, unit: "learning rate",
        "the rate before the first search"),
      .number(
        "decrease", in: .strictlyBetween(0, 1), default: 0.5,
        "share of the mean first-order decrease that is asked for"),
      .number(
        "backtracking", in: .strictlyBetween(0, 1), default: 0.8, "factor of a rate that failed"),
      .number("growth", in: .between(1, 1e6), default: 1.1, "factor between searches"),
      .number("smoothing", in: .from(0, below: 1), default: 0.9, "decay of the averages"),
      .count("maximumTrials", in: .between(1, 1e9), default: 100, "rates tried in a search"),
      summary: "an Armijo search of averages, now and then: SaLSA (Kenneweg et al. 2024)",
      examples: [
        "salsa(adam)", "salsa(sgd, initial: 0.5, decrease: 0.3, smoothing: 0.5)",
      ], compared: ["salsa(rule, initial: rate)"], standard: { SaLSA(Adam<S>()) })
  }
}

extension SaLSA {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    decrease = try state.number(.decrease)
    backtracking = try state.number(.backtracking)
    growth = try state.number(.growth)
    smoothing = try state.number(.smoothing)
    maximumTrials = try state.count(.maximumTrials)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    searched = try state.number(.searched, in: .excluding(0, through: 1e100))
    stepCount = try state.count(.stepCount)
    stepsSinceSearch = try state.count(.stepsSinceSearch)
    meanSlope = try state.number(.meanSlope)
    meanDecrease = try state.number(.meanDecrease)
    fast = try state.number(.fast, in: .between(0, 1e101))
    slow = try state.number(.slow, in: .between(0, 1e101))
    direction = try state.value(.direction)
    trial = [Scalar](repeating: 0, count: direction.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.salsa().fault(
        of: RuleOnObjective(direction.rule), min(searched, 1e99), decrease, backtracking, growth,
        smoothing, maximumTrials))
  }
}
