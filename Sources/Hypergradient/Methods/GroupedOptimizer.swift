package import HypergradientRecipes

/// A controller for each group of the parameters (a layer's weights) over one rule.
///
///     θ_k ← θ_k − η_k · u_k        k = 1 … groups, each as by an ``Optimizer`` of its own
///
/// All groups see the gradient of one evaluation, and no group's parameters move before it; each
/// controller gets the signals of its group alone (⟨u, g⟩, norms) and the common loss, metric and
/// epoch. With one group it is the ``Optimizer`` bit for bit; with several, as many Optimizers. A
/// rule that clips by norm clips each group by its own. A gradient that is not finite in any group is
/// discarded, and no controller sees that step; a metric that it had is the next one's.
///
/// > Source: the rate of a group of parameters, as in the published code of A. G. Baydin et al.
/// > (2018), which moves a group's one rate once for each of its tensors; here a group has one rate
/// > a step.
public struct GroupedOptimizer<Rule: UpdateRule, Controller: LearningRateController>:
  TrainingMethod
{
  public typealias Scalar = Rule.Scalar

  public private(set) var groups: [Range<Int>] = []
  /// One for each group; before ``begin(at:groups:)`` the one that the others are copies of.
  public private(set) var optimizers: [Optimizer<Rule, Controller>]

  /// - Parameters:
  ///   - controller: every group's begins as this one.
  ///   - objective: what is minimised.
  public init(_ rule: Rule, rate controller: Controller, on objective: Objective = .plain) {
    optimizers = [Optimizer(rule, controller, on: objective, parameterCount: 0)]
  }

  public var memoryVectors: Int { optimizers[0].memoryVectors }

  public var controllerRequirements: ControllerRequirements { optimizers[0].controllerRequirements }
  public var maximizes: Bool { optimizers[0].maximizes }

  /// Each group's controller with its rate held.
  ///
  /// - Precondition: it is not begun.
  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    require(groups.isEmpty, "an optimizer of groups is limited before it is begun")
    let first = optimizers[0]
    func open<C: LearningRateController>(_ controller: C) -> any TrainingMethod<Scalar> {
      GroupedOptimizer<Rule, C>(first.rule, rate: controller, on: first.objective)
    }
    return open(first.controller.limited(by: limit))
  }

  /// The rate of the first group.
  public var learningRate: Double { optimizers[0].learningRate }

  /// Those of all groups, and the gradients that were discarded.
  public var stepCounts: StepCounts {
    optimizers.reduce(StepCounts(skipped: discarded)) { $0 + $1.stepCounts }
  }
  private var discarded = 0
  private var missedMetric = MissedMetric()

  /// Every group's rate.
  public var learningRates: [Double] { optimizers.map(\.learningRate) }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    let first = optimizers[0]
    self.groups = groups
    optimizers = groups.map {
      Optimizer(
        first.rule, first.controller, on: first.objective, parameterCount: $0.count)
    }
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, groups.last?.upperBound ?? 0)
    let theta = parameters.baseAddress!
    guard let (loss, g) = oracle.finiteGradient(at: theta) else {
      discarded += 1
      missedMetric.keep(oracle.passedMetric)
      return
    }
    let (metric, epoch) = (missedMetric.taken(oracle.passedMetric), oracle.epoch)
    for (k, group) in groups.enumerated() {
      optimizers[k].step(
        UnsafeMutableBufferPointer(start: theta + group.lowerBound, count: group.count),
        UnsafeBufferPointer(start: g + group.lowerBound, count: group.count), loss, passing: metric,
        epoch)
    }
  }
}

extension Recipe {
  /// `byGroup(adam, rate: hypergradient(initial: 1e-3, hyperLearningRate: 1e-7))`.
  package static func byGroup<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "byGroup",
      { (rule: RuleOnObjective<S>, controller: any LearningRateController) in
        func open<R: UpdateRule<S>, C: LearningRateController>(
          _ update: R, _ controller: C
        ) -> any TrainingMethod<S> {
          GroupedOptimizer(update, rate: controller, on: rule.objective)
        }
        return open(rule.rule, controller)
      },
      .rule("_", "the rule that makes the direction"),
      .controller("rate", "the controller, one for each group"),
      summary: "a learning-rate controller for each group of the parameters, over any rule",
      examples: [
        "byGroup(adam, rate: hypergradient(initial: 0.01, hyperLearningRate: "
          + "2e-4))",
        "byGroup(sgd.penalized(by: 0.1), rate: constant(0.05))",
      ],
      compared: [
        .init(
          "byGroup(rule, rate: hypergradient(initial: rate, "
            + "hyperLearningRate: 0.05, form: .multiplicative))")
      ],
      standard: {
        GroupedOptimizer(
          Adam<S>(), rate: HypergradientDescent(initial: 0.01, hyperLearningRate: 2e-4))
      })
  }
}

extension GroupedOptimizer {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    optimizers = try state.value(.optimizers)
    discarded = try state.count(.discarded)
    missedMetric = try state.value(.missedMetric)
    let count = optimizers.reduce(0) { $0 + $1.parameterCount }
    groups = try state.groups(.groups, covering: count)
    // Before it is begun there are no groups, and one optimizer.
    try state.expect(
      groups.isEmpty
        ? optimizers.count == 1 : groups.map(\.count) == optimizers.map(\.parameterCount),
      .optimizers,
      "the optimizers are not those of the groups")
  }
}
