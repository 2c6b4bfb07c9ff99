package import HypergradientRecipes

/// Stochastic line search with the Armijo condition: the largest rate of a geometric sequence that
/// decreases the same minibatch's loss enough, on top of a rule.
///
///     η ← γ·η_{t−1}, then η ← b·η until f(θ − η u) ≤ f(θ) − c·η·⟨u, g⟩
///     θ_t = θ_{t−1} − η_t · u_t
///
/// f, g and every trial are of the same draw. Of at most `maximumTrials` rates the last
/// is taken without a trial. The first trial of step t is γ·η_{t−1}, γ = 2^{1/n} with n the steps of an
/// epoch in the paper; `growth` is γ. A loss that is not finite fails the condition; a gradient that is not
/// leaves θ and η as they were.
///
/// > Source: S. Vaswani, A. Mishkin, I. Laradji, M. Schmidt, G. Gidel and S. Lacoste-Julien, Painless
/// > Stochastic Gradient: Interpolation, Line-Search, and Convergence Rates (NeurIPS 2019),
/// > Algorithm 1 with the reset of option 2. Deviation: the rule may be any, not gradient descent
/// > alone; where ⟨u, g⟩ ≤ 0 no rate decreases the loss to first order, and the step is not taken;
/// > where the search fails the authors' code takes 10⁻⁶, which depends on the unit of the rate.
public struct ArmijoLineSearch<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// c ∈ (0, 1): the share of the first-order decrease that is asked for.
  public let decrease: Double
  /// b ∈ (0, 1): what a failed rate is multiplied by.
  public let backtracking: Double
  /// γ ≥ 1: what the last rate is multiplied by at the next step.
  public let growth: Double
  /// No rate above.
  public let maximum: Double
  public let maximumTrials: Int
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  private var direction: RuleState<Rule>
  @Scratch private var trial: [Scalar] = []

  public init(
    _ rule: Rule, initial: Double = 1, decrease: Double = 0.1, backtracking: Double = 0.9,
    growth: Double = 1.1, maximum: Double = 10, maximumTrials: Int = 100
  ) {
    Recipe<any TrainingMethod<Scalar>>.armijo().check(
      RuleOnObjective(rule), initial, decrease, backtracking, growth, maximum, maximumTrials)
    self.decrease = decrease
    self.backtracking = backtracking
    self.growth = growth
    self.maximum = maximum
    self.maximumTrials = maximumTrials
    learningRate = initial / growth
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
    // The rule's state never sees a gradient that is not finite.
    guard let (loss, gradient) = oracle.finiteGradient(at: theta), loss.isFinite else {
      return stepCounts.skip()
    }
    let slope = direction.make(theta, gradient, loss: loss)
    // ⟨u, g⟩ = sum·2ⁿ, where it is itself past the numbers.
    var (sum, exponent) = (slope, 0)
    if !Norms.isSafe(slope.magnitude) {
      let scaled = direction.withDirection { u in
        Norms.scaled(parameters.count, { Double(u[$0]) }, { Double(gradient[$0]) })
      }
      if let scaled { (sum, exponent) = scaled }
    }
    guard sum.isFinite, sum > 0 else { return stepCounts.skip() }
    var rate = min(growth * learningRate, maximum)
    for _ in 1..<maximumTrials {
      let reached = direction.loss(from: theta, by: rate, at: &trial, &oracle)
      let asked = (decrease * rate * sum).scaled(by: exponent)
      if reached <= loss - asked { break }
      rate *= backtracking
    }
    learningRate = rate
    direction.apply(theta, rate: rate)
  }
}

extension Recipe {
  /// `armijo(adam, initial: 1)`.
  package static func armijo<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "armijo",
      {
        (
          rule: RuleOnObjective<S>, initial: Double, decrease: Double, backtracking: Double,
          growth: Double, maximum: Double, trials: Int
        ) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          ArmijoLineSearch(
            rule, initial: initial, decrease: decrease, backtracking: backtracking,
            growth: growth, maximum: maximum, maximumTrials: trials)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .number(
        "initial", in: .above(0), default: 1.0, unit: "learning rate",
        "the first rate that is tried"),
      .number(
        "decrease", in: .strictlyBetween(0, 1), default: 0.1,
        "share of the first-order decrease that is asked for"),
      .number(
        "backtracking", in: .strictlyBetween(0, 1), default: 0.9, "factor of a rate that failed"),
      .number("growth", in: .atLeast(1), default: 1.1, "factor between steps"),
      .number("maximum", in: .above(0), default: 10.0, unit: "learning rate", "no rate above"),
      .count("maximumTrials", in: .between(1, 1e9), default: 100, "rates tried in a step"),
      unless: { _, initial, _, _, _, maximum, _ in
        initial <= maximum ? nil : "'initial' is above 'maximum'"
      },
      summary: "stochastic Armijo line search on the same minibatch",
      examples: [
        "armijo(sgd, initial: 1)",
        "armijo(adam, initial: 0.1, growth: 1.2, backtracking: 0.5)",
      ], compared: ["armijo(rule, initial: rate, maximum: 1e9)"],
      standard: { ArmijoLineSearch(GradientDescent<S>()) })
  }
}

extension ArmijoLineSearch {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    decrease = try state.number(.decrease)
    backtracking = try state.number(.backtracking)
    growth = try state.number(.growth)
    maximum = try state.number(.maximum)
    maximumTrials = try state.count(.maximumTrials)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    direction = try state.value(.direction)
    trial = [Scalar](repeating: 0, count: direction.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.armijo().fault(
        of: RuleOnObjective(direction.rule), maximum, decrease, backtracking, growth, maximum,
        maximumTrials))
  }
}
