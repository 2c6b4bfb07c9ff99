package import HypergradientRecipes

/// A method whose result is an average of the points that it reaches.
///
/// With x_t the point that the method moves, at which it asks for its gradients, and p the power,
///
///     x̄_t = x̄_{t−1} + w_t (x_t − x̄_{t−1}),    w_t = (p + 1)/(t + p)
///
/// so that x̄_t weights x_s by about s^p: p = 0 is the plain mean, and a large p about the last
/// t/(p + 1) points. The parameters hold x̄_t. The noise that a rate keeps up in x_t averages out in
/// x̄_t, at no gradient's cost and without a horizon, where annealing the rate needs one.
///
/// Steps that the method skips do not count. One vector is kept beside the method's, x.
///
/// > Source: p = 0: B. T. Polyak and A. B. Juditsky, Acceleration of Stochastic Approximation by
/// > Averaging (1992). p > 0: O. Shamir and T. Zhang, Stochastic Gradient Descent for Non-smooth
/// > Optimization (ICML 2013), section 4, polynomial-decay averaging, there with w_t = (p + 1)/(t + p).
public struct Averaged<Base: TrainingMethod>: MethodWrapper {
  public typealias Scalar = Base.Scalar

  public private(set) var base: Base
  public let power: Double
  /// x.
  private var point: [Scalar] = []
  /// t.
  private var taken = 0
  /// As many numbers are in x.
  private var parameterCount = 0

  public init(_ base: Base, power: Double = 8) {
    Recipe<Modifier<any TrainingMethod<Scalar>>>.averaged().check(power)
    (self.base, self.power) = (base, power)
  }

  public var memoryVectors: Int { base.memoryVectors + 1 }

  /// The average of the points of the limited method.
  public func limited(by limit: RateLimit) -> any TrainingMethod<Scalar> {
    base.limited(by: limit).averaged(power: power)
  }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    base.begin(at: parameters, groups: groups)
    point = Array(parameters)
    (taken, parameterCount) = (0, point.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, point.count)
    let skipped = base.stepCounts.skipped
    point.withUnsafeMutableBufferPointer { base.step($0, &oracle) }
    guard base.stepCounts.skipped == skipped, let average = parameters.baseAddress else { return }
    taken += 1
    let weight = (power + 1) / (Double(taken) + power)
    VectorLoops.approach(average, point, Scalar.nearest(to: weight))
  }
}

extension TrainingMethod {
  /// This method, whose result is an average of the points that it reaches; see ``Averaged``.
  public func averaged(power: Double = 8) -> any TrainingMethod<Scalar> {
    Averaged(self, power: power)
  }
}

extension Recipe {
  /// `startUp(sgd, rate: constant(0.1)).averaged()`.
  package static func averaged<S: ParameterScalar>() -> Recipe
  where Product == Modifier<any TrainingMethod<S>> {
    Recipe(
      "averaged", { (power: Double) in Modifier { $0.averaged(power: power) } },
      .number(
        "power", in: .between(0, 1e6), default: 8,
        "p: point s counts as s^p, so that about the last t/(p + 1) points do"),
      summary: "a method whose result is an average of its points (Shamir and Zhang 2013)",
      examples: [
        "osgm(scalingRate: 0.1, monotone: .no).averaged()",
        "startUp(sgd, rate: constant(0.1)).averaged(power: 0)",
      ], compared: [.init(Untuned.textWithoutHorizon(), as: "startUp-averaged")])
  }
}

extension Averaged {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    base = try state.value(.base)
    power = try state.number(.power)
    parameterCount = try state.count(.parameterCount, through: CheckpointLimits.parameters)
    point = try state.vector(.point, count: parameterCount)
    taken = try state.count(.taken)
    try state.check(Recipe<Modifier<any TrainingMethod<Scalar>>>.averaged().fault(of: power))
  }
}
