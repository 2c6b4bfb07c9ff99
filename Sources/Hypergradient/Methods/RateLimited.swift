package import HypergradientRecipes

/// A method whose rate is held to a ``RateLimit``: bounds, a largest growth a step, or frozen after so
/// many steps.
///
/// What is held is ``TrainingMethod/learningRate`` as the method reports it, η̂_t, and what is applied,
/// η_t, is what this reports. Either the method itself asks for η_t before it moves,
/// ``Oracle/heldRate(_:of:)``, and all that it learns is of η_t:
///
/// - `dog`, `dowg`: η of each group. The distance r is that of the points reached.
/// - `dAdaptSGD`, `dAdaptAdam`, `prodigy`: λ, factor and bias correction included, in the step and in
///   the weights of the sums that the distance d is learned from. d itself is not held.
/// - `mechanic`: s·η, s = Σ s_k, so that x = x₀ + s·Δ; the bets s_k go on as they are.
/// - `scheduleFreeSGD`, `scheduleFreeAdam`: γ, warm-up and bias correction included.
/// - `metaOptimize`, `rtho`, `marthe`: η, of each group, which also takes the place of the learned one.
/// - `momo`, `adaptiveDescent`, `barzilaiBorwein`: η.
///
/// or, of any other method, one's own included, the whole move is scaled,
///
///     x_t = x_{t−1} + (η_t/η̂_t)·(x̂_t − x_{t−1})
///
/// momentum in it as well; where the method has a rate for each coordinate, η̂_t is the mean that it
/// reports. It sees losses and gradients at x_t from then on, ones that it had kept of x̂_t are asked
/// for again, and what it learns from earlier moves (hypergradients, momentum) is of x̂: alignments of
/// directions are derivatives in η_t all the same. A move at a rate of 0 can't be scaled and stays.
///
/// An ``Optimizer`` and what is made of controllers (`byGroup`, `startUp`, `independentAlignment`) hold
/// their controllers instead, see ``Clamped``, ``GrowthLimited`` and ``Frozen``, each group's its own.
///
/// Steps are those taken: one that the method skips (``StepCounts``) counts for nothing. A value is a
/// checkpoint, with what the limit knows of past rates. With a limit that nothing reaches, the bits are
/// those of the method alone. Where the move is scaled, a copy of the parameters has room during a
/// step. Runs of a method do not advance in lanes, with or without a limit; those of a rule times a
/// controller do where the controller alone does.
public struct RateLimited<Base: TrainingMethod>: MethodWrapper {
  public typealias Scalar = Base.Scalar

  public private(set) var base: Base
  public let limit: RateLimit
  /// η_t.
  public private(set) var learningRate: Double
  /// By group, as the method asks; one of all, where the move is scaled.
  private var histories: [RateHistory] = []
  /// Whether the method asks itself.
  private var asks = false
  /// Whether the parameters are not where the method has left them.
  private var isElsewhere = false

  /// - Precondition: the method is one that trains on line; `fds` is not.
  public init(_ base: Base, _ limit: RateLimit) {
    if let fault = limit.fault ?? base.fault(limitedBy: limit) { stop(fault) }
    (self.base, self.limit) = (base, limit)
    learningRate = RateHistory().held(base.learningRate, to: limit)
  }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    base.begin(at: parameters, groups: groups)
    histories = []
    (asks, isElsewhere) = (false, false)
    learningRate = RateHistory().held(base.learningRate, to: limit)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    let before = asks ? [] : Array(parameters)
    let counts = base.stepCounts
    var seen = HoldingOracle(oracle, limit, histories, isElsewhere: isElsewhere)
    base.step(parameters, &seen)
    oracle = seen.base
    histories = seen.histories
    if seen.isAsked {
      asks = true
      if let rate = seen.rateOfFirst { learningRate = rate }
    } else if !asks {
      if base.stepCounts == counts {
        scale(parameters, from: before, &oracle)
      } else if heldRate == base.learningRate {
        learningRate = base.learningRate
      }
    }
  }

  private var heldRate: Double {
    (histories.first ?? RateHistory()).held(base.learningRate, to: limit)
  }

  private mutating func scale<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, from before: [Scalar], _ oracle: inout O
  ) {
    let wanted = base.learningRate
    guard wanted.isFinite else {
      // A method that has lost its rate goes nowhere.
      _ = parameters.update(fromContentsOf: before)
      isElsewhere = true
      return
    }
    var rate = oracle.heldRate(heldRate, of: 0)
    let share = rate / wanted
    if rate == wanted || !share.isFinite {
      rate = wanted
      isElsewhere = false
    } else {
      let reached = Array(parameters)
      _ = parameters.update(fromContentsOf: before)
      let x = parameters.baseAddress!
      VectorLoops.approach(x, reached, Scalar.nearest(to: share))
      if !VectorLoops.isFinite(UnsafePointer(x), count: before.count) {
        _ = parameters.update(fromContentsOf: before)
      }
      isElsewhere = true
    }
    if histories.isEmpty { histories = [RateHistory()] }
    histories[0].note(rate)
    learningRate = rate
  }
}

/// An oracle that knows what rates are held to.
private struct HoldingOracle<Base: Oracle>: Oracle {
  typealias Scalar = Base.Scalar
  var base: Base
  let limit: RateLimit
  var histories: [RateHistory]
  let isElsewhere: Bool
  var isAsked = false
  /// η of the first group, where it was asked for.
  var rateOfFirst: Double?

  init(_ base: Base, _ limit: RateLimit, _ histories: [RateHistory], isElsewhere: Bool) {
    self.base = base
    self.limit = limit
    self.histories = histories
    self.isElsewhere = isElsewhere
  }

  mutating func heldRate(_ wanted: Double, of group: Int) -> Double {
    while histories.count <= group { histories.append(RateHistory()) }
    let rate = base.heldRate(histories[group].held(wanted, to: limit), of: group)
    histories[group].note(rate)
    isAsked = true
    if group == 0 { rateOfFirst = rate }
    return rate
  }

  /// What was kept of the point that the method left is not of this one.
  var isDeterministic: Bool { base.isDeterministic && !isElsewhere }
  var parameterCount: Int { base.parameterCount }
  var metric: Double? { base.metric }
  var hasMetric: Bool { base.hasMetric }
  var epoch: Double? { base.epoch }
  var run: RunFacts { base.run }

  mutating func evaluate(
    at point: UnsafePointer<Scalar>, draw: Int
  ) -> (loss: Double, gradient: UnsafePointer<Scalar>) { base.evaluate(at: point, draw: draw) }

  mutating func loss(at point: UnsafePointer<Scalar>, draw: Int) -> Double {
    base.loss(at: point, draw: draw)
  }

  mutating func hessianVectorProduct(
    at point: UnsafePointer<Scalar>, _ vector: UnsafePointer<Scalar>, draw: Int
  ) -> UnsafePointer<Scalar> { base.hessianVectorProduct(at: point, vector, draw: draw) }
}

extension TrainingMethod {
  /// This method, whose rate stays within bounds.
  public func clamped(to bounds: ClosedRange<Double>) -> any TrainingMethod<Scalar> {
    limited(by: .within(bounds))
  }

  /// This method, whose rate grows by no more than a factor a step.
  public func limitedGrowth(to most: Double) -> any TrainingMethod<Scalar> {
    limited(by: .growth(most))
  }

  /// This method, whose rate stays what it is after a number of steps.
  public func frozen(after steps: Int) -> any TrainingMethod<Scalar> {
    limited(by: .freeze(after: steps))
  }
}

extension LearningRateController {
  /// This controller with its rate held.
  public func limited(by limit: RateLimit) -> any LearningRateController {
    switch limit {
    case .within(let bounds): clamped(to: bounds)
    case .growth(let most): limitedGrowth(to: most)
    case .freeze(let steps): frozen(after: steps)
    }
  }
}

/// A method modifier that limits the rate.
private func limiting<S: ParameterScalar>(
  _ limit: RateLimit
) -> Modifier<any TrainingMethod<S>> {
  Modifier(refusing: { method in
    method.fault(limitedBy: limit).map { .failure(Refusal($0)) }
      ?? .success(method.limited(by: limit))
  })
}

extension Recipe {
  /// `prodigy().clamped(to: 0...0.1)`.
  package static func clampedMethod<S: ParameterScalar>() -> Recipe
  where Product == Modifier<any TrainingMethod<S>> {
    Recipe(
      "clamped", { (bounds: ClosedRange<Double>) in limiting(.within(bounds)) },
      .range("to", nil, "the bounds, finite and at least 0"),
      unless: { Recipe<Modifier<any LearningRateController>>.clamped.fault(of: $0) },
      summary: "a method whose rate stays within bounds",
      examples: [
        "dog(initialDistance: 1e-3).clamped(to: 1e-3...0.05)",
        "osgm(scalingRate: 0.5).clamped(to: 0...0.2)",
        "byGroup(adam, rate: hypergradient(initial: 0.01, hyperLearningRate: 1e-3))"
          + ".clamped(to: 0...0.011)",
      ], compared: [])
  }

  /// `prodigy().limitedGrowth(to: 1.02)`.
  package static func limitedGrowthOfMethod<S: ParameterScalar>() -> Recipe
  where Product == Modifier<any TrainingMethod<S>> {
    Recipe(
      "limitedGrowth", { (most: Double) in limiting(.growth(most)) }, .growthLimit,
      summary: "a method whose rate grows by no more than a factor a step",
      examples: [
        "prodigy(initialDistance: 1e-3).limitedGrowth(to: 1.25)",
        "cocob().limitedGrowth(to: 1.1)",
      ], compared: [])
  }

  /// `dog().frozen(after: 100)`.
  package static func frozenMethod<S: ParameterScalar>() -> Recipe
  where Product == Modifier<any TrainingMethod<S>> {
    Recipe(
      "frozen", { (steps: Int) in limiting(.freeze(after: steps)) }, .freezeAfter,
      summary: "a method whose rate stays what it is after a number of steps",
      examples: [
        "dog(initialDistance: 1e-2).frozen(after: 30)",
        "armijo(adam, initial: 0.1).clamped(to: 0...0.05).frozen(after: 12)",
      ], compared: [])
  }
}

extension RateLimited {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    limit = try state.value(.limit)
    learningRate = try state.number(.learningRate)
    histories = try state.value(.histories)
    asks = try state.value(.asks)
    isElsewhere = try state.value(.isElsewhere)
    try state.check(limit.fault ?? base.fault(limitedBy: limit))
  }
}
