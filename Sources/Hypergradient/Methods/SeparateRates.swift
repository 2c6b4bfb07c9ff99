package import HypergradientRecipes

/// Gradient descent with a rate of its own for each number, one level of a tower:
///
///     x_j ← x_j − κ_j g_j        ∂f/∂κ_j = −g_j,t · g_j,t−1
///
/// Hyperparameters differ in scale: a rate that suits β₁ does not suit α. The rates are learned by
/// the level above. A rate is at least 0; where an update is not finite all stay, counted in
/// ``heldSteps``.
///
/// > Source: the published code of K. Chandra et al. (2022), its gradient descent by parameter.
public struct SeparateRates<Above: HyperparameterOptimizer>: HyperparameterOptimizer {
  public let initial: Double
  public private(set) var above: Above
  /// κ.
  public private(set) var rates: [Double] = []
  public private(set) var heldSteps = 0
  @Scratch private var trial: [Double] = []
  private var lastGradient: [Double] = []
  private var hypergradients: [Double] = []

  public init(initial: Double, by above: Above) {
    Recipe<any HyperparameterOptimizer>.rates.check(
      initial, above as (any HyperparameterOptimizer)?)
    self.initial = initial
    self.above = above
  }

  public var learns: Bool { true }
  public var trainedCount: Int? { rates.count }

  public mutating func begin(count: Int) {
    rates = [Double](repeating: initial, count: count)
    trial = rates
    lastGradient = [Double](repeating: 0, count: count)
    hypergradients = lastGradient
    above.begin(count: count)
  }

  public mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
  ) {
    require(
      values.count == rates.count && gradient.count == rates.count,
      "\(values.count) hyperparameters for \(rates.count) rates")
    if above.learns { learn(gradient) }
    for j in values.indices {
      values[j] -= rates[j] * gradient[j]
      lastGradient[j] = gradient[j]
    }
  }

  private mutating func learn(_ gradient: UnsafeBufferPointer<Double>) {
    for j in rates.indices { hypergradients[j] = -gradient[j] * lastGradient[j] }
    guard hypergradients.allSatisfy(\.isFinite) else {
      heldSteps += 1
      return
    }
    var next: [Double] = []
    swap(&next, &trial)
    for j in rates.indices { next[j] = rates[j] }
    next.withUnsafeMutableBufferPointer { next in
      hypergradients.withUnsafeBufferPointer { above.step(next, gradient: $0) }
    }
    if next.allSatisfy(\.isFinite) {
      for j in rates.indices { rates[j] = max(0, next[j]) }
    } else {
      heldSteps += 1
    }
    swap(&next, &trial)
  }
}

extension Recipe where Product == any HyperparameterOptimizer {
  /// `.rates(initial: 1e-3)`.
  package static let rates = Recipe(
    "rates",
    { (initial: Double, above: (any HyperparameterOptimizer)?) in
      func open<A: HyperparameterOptimizer>(_ above: A) -> any HyperparameterOptimizer {
        SeparateRates(initial: initial, by: above)
      }
      let top: any HyperparameterOptimizer = above ?? FixedHyperparameters()
      return open(top)
    },
    .number("initial", in: .atLeast(0), "every rate at the start"), .above,
    summary: "gradient descent with a rate for each hyperparameter, learned by what is above")
}

extension SeparateRates {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    initial = try state.number(.initial)
    above = try state.value(.above)
    rates = try state.numbers(.rates, in: .atLeast(0))
    heldSteps = try state.count(.heldSteps)
    trial = rates
    lastGradient = try state.numbers(.lastGradient, count: rates.count)
    hypergradients = try state.numbers(.hypergradients, count: rates.count, in: nil)
    try state.expect(
      above.trainedCount ?? rates.count == rates.count, .above,
      "the level above trains \(above.trainedCount ?? 0) numbers, not \(rates.count)")
    try state.check(
      Recipe<any HyperparameterOptimizer>.rates.fault(
        of: initial, above as (any HyperparameterOptimizer)?))
  }
}
