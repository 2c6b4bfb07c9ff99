package import HypergradientRecipes

/// The first learning rate by doubling or halving, then an optimizer as before:
///
///     x(α) = x₀ − α u₀        c(α) = ⟨∇f(x(α)), u₀⟩, the sign of the correction of α that
///                             hypergradient descent would make
///     c(α₀) > σ c(0): double α while c(α) > σ c(0), then halve it once
///     c(α₀) < 0:      halve α while c(α) < 0
///
/// with σ the share `slope`, so that the found rate is at most a factor 2 below one at which little is
/// left to gain along u₀, whatever α₀: for σ = 0 below the best one. Where a minibatch can be fitted
/// perfectly, as a few examples of separable classes, there is no best one: c(α) falls toward zero and
/// never changes its sign, and what is best for one minibatch is far too long for others. The
/// first step takes `share` of it: a rule with momentum goes on along u₀ for many steps, and the rate
/// that is best for the first is too large for those after it.
///
/// Galloping doubles the exponent, α₀·2, ·4, ·16, …, and then halves the interval: where c changes its
/// sign once, the same rate by about 2 log₂ of the trials. All trials are from the first parameters
/// with the first step's draw. A trial whose gradient is not finite, or whose loss is above the first on
/// that draw, was too large a step, c < 0: past the valley c may be positive again, as where a network
/// saturates. At most `most` factors of 2 are tried. Costs a gradient a trial, once; the
/// found rate replaces the controller's by ``LearningRateController/begin(learningRate:)``, within its
/// bounds. Where the first gradient is zero, or not finite, it is discarded, and the next step is the
/// first. A later one that is not finite is discarded, as one of a bad minibatch; the second in a row
/// is one of a bad point, and goes to a controller that may take steps back.
///
/// > Source: D. Martínez Rubio, Convergence Analysis of an Adaptive Method of Gradient Descent (MSc
/// > dissertation, Oxford 2017), section 4.1, for the multiplicative rule over gradient descent.
/// > Deviation: any rule and any controller that takes over a rate; the number of trials has a bound;
/// > share and galloping; the condition on the loss; σ, which is the curvature condition of P. Wolfe,
/// > Convergence Conditions for Ascent Methods (1969).
public struct HypergradientStartUp<Rule: UpdateRule, Controller: LearningRateController>:
  TrainingMethod
{
  public typealias Scalar = Rule.Scalar

  /// Factors of 2 that are tried at most.
  public let most: Int
  /// Of the rate that is found, which the first step takes.
  public let share: Double
  /// The order of the trials.
  public let search: StartUpTrials
  /// σ.
  public let slope: Double
  public private(set) var optimizer: Optimizer<Rule, Controller>
  /// Gradients that the start-up took.
  public private(set) var trials = 0
  private var isStarted = false
  /// Whether the last gradient was.
  private var isFinite = true
  private var discarded = 0
  private var missedMetric = MissedMetric()

  public init(
    _ rule: Rule, rate controller: Controller, most: Int = 60, share: Double = 1,
    trials search: StartUpTrials = .doubling, slope: Double = 0.2
  ) {
    Recipe<any TrainingMethod<Scalar>>.startUp().check(
      RuleOnObjective(rule), controller as any LearningRateController, most, share, search, slope)
    (self.most, self.share, self.search, self.slope) = (most, share, search, slope)
    optimizer = Optimizer(rule, controller, parameterCount: 0)
  }

  public var memoryVectors: Int { optimizer.memoryVectors }
  public var learningRate: Double { optimizer.learningRate }
  public var controllerRequirements: ControllerRequirements { optimizer.controllerRequirements }
  public func fault(limitedBy limit: RateLimit) -> String? {
    Recipe<any TrainingMethod<Scalar>>.startUp().fault(
      of: RuleOnObjective(optimizer.rule), optimizer.controller.limited(by: limit), most,
      share, search, slope)
  }

  /// The controller with its rate held, the first rate that is found included.
  ///
  /// - Precondition: it is not begun.
  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    require(optimizer.parameterCount == 0, "a start-up is limited before it is begun")
    func open<C: LearningRateController>(_ controller: C) -> any TrainingMethod<Scalar> {
      HypergradientStartUp<Rule, C>(
        optimizer.rule, rate: controller, most: most, share: share, trials: search, slope: slope)
    }
    return open(optimizer.controller.limited(by: limit))
  }

  public var stepCounts: StepCounts { optimizer.stepCounts + StepCounts(skipped: discarded) }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    optimizer = Optimizer(
      optimizer.rule, optimizer.controller, parameterCount: parameters.count)
    (isStarted, isFinite, trials) = (false, true, 0)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, optimizer.parameterCount)
    let (loss, g) = oracle.evaluate(at: parameters.baseAddress!, draw: 0)
    guard !isDiscarded(g) else {
      discarded += 1
      missedMetric.keep(oracle.passedMetric)
      return
    }
    guard !isStarted else { return take(parameters, g, loss, oracle) }
    isStarted = true
    // The trials' answers replace the oracle's.
    let first = Array(UnsafeBufferPointer(start: g, count: parameters.count))
    first.withUnsafeBufferPointer { first in
      let rate = startingRate(
        parameters.baseAddress!, first.baseAddress!, loss: loss, &oracle)
      optimizer.controller.begin(learningRate: rate)
      take(parameters, first.baseAddress!, loss, oracle)
    }
  }

  /// Whether nothing can be made of a gradient.
  private mutating func isDiscarded(_ g: UnsafePointer<Scalar>) -> Bool {
    let count = optimizer.parameterCount
    guard isStarted else {
      return !VectorLoops.isFinite(g, count: count) || (0..<count).allSatisfy { g[$0] == 0 }
    }
    let wasFinite = isFinite
    isFinite = VectorLoops.isFinite(g, count: count)
    return !isFinite && (wasFinite || controllerRequirements.alwaysSteps)
  }

  private mutating func take(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ g: UnsafePointer<Scalar>, _ loss: Double,
    _ oracle: some Oracle<Scalar>
  ) {
    optimizer.step(
      parameters, UnsafeBufferPointer(start: g, count: parameters.count), loss,
      passing: missedMetric.taken(oracle.passedMetric), oracle.epoch)
  }

  /// What the first step takes.
  private mutating func startingRate<O: Oracle<Scalar>>(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, loss: Double,
    _ oracle: inout O
  ) -> Double {
    var maker = RuleState(optimizer.rule)
    maker.begin(parameterCount: optimizer.parameterCount)
    _ = maker.make(theta, g, loss: loss)
    return share * foundRate(theta, g, loss: loss, along: maker, &oracle)
  }

  private mutating func foundRate<O: Oracle<Scalar>>(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>, loss: Double,
    along maker: borrowing RuleState<Rule>, _ oracle: inout O
  ) -> Double {
    let count = optimizer.parameterCount
    var point = [Scalar](repeating: 0, count: count)
    func correction(_ alpha: Double, _ oracle: inout O) -> Double {
      trials += 1
      maker.move(from: theta, by: alpha, into: &point)
      let (reached, above) = point.withUnsafeBufferPointer {
        oracle.evaluate(at: $0.baseAddress!, draw: 0)
      }
      let c = maker.withDirection { VectorLoops.dot($0, above, count: count) }
      return c.isFinite && !(reached > loss) ? c : -1
    }
    let first = maker.withDirection { VectorLoops.dot($0, g, count: count) }
    let little = first > 0 && first.isFinite ? slope * first : 0
    let alpha = optimizer.controller.learningRate
    let c = correction(alpha, &oracle)
    // Up, the last rate past which there is more to gain; down, the first whose correction is not
    // downward.
    let isUp = c > little
    if !isUp, !(c < 0) { return alpha }
    func rate(_ exponent: Int) -> Double {
      Double(sign: .plus, exponent: isUp ? exponent : -exponent, significand: alpha)
    }
    /// Whether the search goes on past a rate.
    func goesOn(_ exponent: Int) -> Bool {
      let c = correction(rate(exponent), &oracle)
      return isUp ? c > little : c < 0
    }
    // Rates past the numbers are none.
    let last = (1...most).last { rate($0).isFinite && rate($0) > 0 } ?? 0
    var (passed, next) = (0, 1)
    while next <= last, goesOn(next) {
      passed = next
      next = search == .galloping ? 2 * next : next + 1
    }
    // It stopped at `next`; what galloping has leapt over lies between. Doubling leaps over nothing.
    var end = min(next, last + 1)
    while end - passed > 1 {
      let middle = (passed + end) / 2
      if goesOn(middle) { passed = middle } else { end = middle }
    }
    // The first rate that stops a search down is taken, one step past the last that did not; a search up
    // without an end goes back once, too.
    return rate(isUp ? max(0, min(passed, last - 1)) : min(passed + 1, last))
  }
}

/// In which order a start-up tries its factors of 2.
public enum StartUpTrials: String, Sendable, Codable, CaseIterable {
  /// One after the other.
  case doubling
  /// Exponents 1, 2, 4, …, then the interval halved.
  case galloping
}

extension Recipe {
  /// `startUp(sgd, rate: hypergradient(initial: 1e-3, hyperLearningRate: 0.05, form: .multiplicative))`.
  package static func startUp<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "startUp",
      {
        (
          rule: RuleOnObjective<S>, controller: any LearningRateController, most: Int,
          share: Double, search: StartUpTrials, slope: Double
        ) in
        func open<R: UpdateRule<S>, C: LearningRateController>(
          _ rule: R, _ controller: C
        ) -> any TrainingMethod<S> {
          HypergradientStartUp(
            rule, rate: controller, most: most, share: share, trials: search, slope: slope)
        }
        return open(rule.rule, controller).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .controller("rate", "the controller that goes on from the rate that is found"),
      .count("most", in: .between(1, 1000), default: 60, "factors of 2 that are tried at most"),
      .number(
        "share", in: .excluding(0, through: 1), default: 1,
        "of the rate that is found, which the first step takes"),
      .choice("trials", default: .doubling, "the order of the trials"),
      .number(
        "slope", in: .between(0, 1), default: 0.2,
        "of the first slope along the direction, at which a rate is long enough"),
      unless: { _, controller, _, _, _, _ in
        guard controller.learningRate > 0 else {
          return "the controller's first rate is to be greater than 0"
        }
        var halved = controller
        halved.begin(learningRate: controller.learningRate / 2)
        return halved.learningRate != controller.learningRate
          ? nil : "this controller takes over no rate that is found for it"
      },
      summary: "finds the first rate by doubling or halving, then any rule and controller",
      examples: [
        "startUp(sgd, rate: hypergradient(initial: 1e-3, hyperLearningRate: "
          + "0.02, form: .multiplicative))",
        Untuned.text("sgd", initial: "0.1", steps: "50"),
      ],
      compared: [
        .init(
          "startUp(rule, rate: hypergradient(initial: rate, "
            + "hyperLearningRate: 0.05, form: .multiplicative), slope: 0)"),
        .init(
          "startUp(rule, rate: constant(rate).times(scheduled(cosine(from: 1, over: steps))), slope: 0)",
          as: "startUp-cosine"),
        .init(Untuned.text(), as: "startUp-traceAligned"),
      ],
      standard: {
        HypergradientStartUp(
          GradientDescent<S>(),
          rate: HypergradientDescent(initial: 1e-3, hyperLearningRate: 0.02, form: .multiplicative))
      })
  }
}

extension HypergradientStartUp {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    // The rate that was found may be one that could not be begun with.
    most = try state.count(.most, from: 1, through: 1000)
    share = try state.number(.share, in: .excluding(0, through: 1))
    search = try state.value(.search)
    slope = try state.number(.slope, in: .between(0, 1))
    optimizer = try state.value(.optimizer)
    trials = try state.count(.trials)
    isStarted = try state.value(.isStarted)
    isFinite = try state.value(.isFinite)
    discarded = try state.count(.discarded)
    missedMetric = try state.value(.missedMetric)
  }
}
