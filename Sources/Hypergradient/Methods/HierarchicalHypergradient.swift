package import HypergradientRecipes

/// Learning rates at several levels, each by hypergradient descent, in a combination whose weights
/// are learned as well: CAM-HD.
///
///     α*_i = γ_p α_i + γ_l α_layer + γ_g α_global            of parameter i; Σγ = 1, γ ≥ 0
///     θ_t = θ_{t−1} − α*_t ∘ u_t
///     ∂f/∂α_global = −γ_g ⟨g_t, u_{t−1}⟩                     over all parameters
///     ∂f/∂α_layer = −γ_l ⟨g_t, u_{t−1}⟩                      over the layer's
///     ∂f/∂α_i = −γ_p g_i u_i
///     ∂f/∂γ = −Σ_i α_i g_i u_i of that level's rates
///     α ← α − β (∂f/∂α + ∂R/∂α)      γ ← γ − δ ∂f/∂γ, then max(γ, 0), divided by its sum
///     R = λ_l Σ (α_layer − α_global)² + λ_p Σ_i (α_i − α_layer)²
///
/// A layer is a group of the parameters. Without the level of parameters (`levels: .layers`) the terms
/// with α_i are left out. All derivatives are of the last step, the weights' factor included, and all
/// levels move at once from the values that step used. α stays within `bounds`. A sum that is not
/// finite holds every level for that step, counted in ``heldSteps``; a gradient that is not is
/// discarded.
///
/// - Memory: the rule's vectors and u; with the level of parameters one more, α_i.
///
/// > Source: R. Jie, J. Gao, A. Vasnev and M.-N. Tran, Adaptive Hierarchical Hyper-gradient Descent
/// > (International Journal of Machine Learning and Cybernetics, 2022; arXiv 2008.07277, first as
/// > Adaptive Multi-level Hyper-gradient Descent). Read through its abstract and secondary summaries
/// > only: they give the combination of the three levels with learned weights and the penalty R; the
/// > factor γ in the levels' derivatives, the projection of γ, and R's derivative by the coarser rate
/// > are derived here. The paper's level of units is left out.
public struct HierarchicalHypergradient<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// One number for the whole, for each layer, and for each weight in the order parameter, layer,
  /// global.
  public struct Values: Sendable, Codable, Equatable {
    public var global: Double
    public var layers: [Double]
    public var weights: [Double]
  }

  public let levels: HypergradientLevels
  /// β ≥ 0, of all rates; learning rate²/loss.
  public let hyperLearningRate: Double
  /// δ ≥ 0, of the weights; 1/loss.
  public let weightRate: Double
  /// λ_l and λ_p, at least 0; loss/learning rate².
  public let layerPenalty: Double
  public let parameterPenalty: Double
  public let bounds: ClosedRange<Double>
  /// α_global, α_layer and γ.
  public private(set) var rates: Values
  /// ∂f/∂ of them, and ∂R/∂ with it, at the last step.
  public private(set) var hypergradients: Values
  /// α_i, where there are any.
  public private(set) var parameterRates: [Scalar] = []
  public private(set) var heldSteps = 0
  /// α* of the first layer; its mean over the layer's parameters.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  private let initial: Double
  private var groups: [Range<Int>] = []
  private var direction: RuleState<Rule>

  /// - Parameters:
  ///   - initial: of every rate.
  ///   - weights: γ in the order parameter (where there is that level), layer, global; equal where it
  ///     is empty. Divided by their sum.
  public init(
    _ rule: Rule, initial: Double, hyperLearningRate: Double, weightRate: Double = 0,
    levels: HypergradientLevels = .layers, weights: [Double] = [], layerPenalty: Double = 0,
    parameterPenalty: Double = 0,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
  ) {
    Recipe<any TrainingMethod<Scalar>>.hierarchicalHypergradient().check(
      RuleOnObjective(rule), initial, hyperLearningRate, weightRate, levels, weights, layerPenalty,
      parameterPenalty, bounds)
    let count = levels == .parameters ? 3 : 2
    let weights = weights.isEmpty ? [Double](repeating: 1, count: count) : weights
    let sum = weights.reduce(0, +)
    self.levels = levels
    self.hyperLearningRate = hyperLearningRate
    self.weightRate = weightRate
    self.layerPenalty = layerPenalty
    self.parameterPenalty = parameterPenalty
    self.bounds = bounds
    self.initial = initial
    learningRate = initial
    rates = Values(global: initial, layers: [], weights: weights.map { $0 / sum })
    hypergradients = Values(global: 0, layers: [], weights: weights.map { _ in 0 })
    direction = RuleState(rule)
  }

  public var memoryVectors: Int { direction.memoryVectors + (levels == .parameters ? 2 : 1) }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    self.groups = groups
    rates.layers = groups.map { _ in initial }
    hypergradients.layers = groups.map { _ in 0 }
    if levels == .parameters {
      parameterRates = [Scalar](
        repeating: Scalar.nearest(to: initial), count: parameters.count)
    }
    direction.begin(parameterCount: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, direction.count)
    let theta = parameters.baseAddress!
    guard let (loss, g) = oracle.finiteGradient(at: theta) else { return stepCounts.skip() }
    if direction.stepCount > 0 { learn(g) }
    direction.make(theta, g, loss: loss)
    for k in groups.indices { move(theta, k) }
  }

  // MARK: Learning

  /// γ of a level; 0 for parameters where they have no rates.
  private var weightOfParameters: Double { levels == .parameters ? rates.weights[0] : 0 }
  private var weightOfLayers: Double { rates.weights[rates.weights.count - 2] }
  private var weightOfGlobal: Double { rates.weights[rates.weights.count - 1] }

  private mutating func learn(_ g: UnsafePointer<Scalar>) {
    let last = rates.weights.count - 1
    var slopes = Values(
      global: 0, layers: hypergradients.layers, weights: rates.weights.map { _ in 0 })
    for (k, group) in groups.enumerated() {
      let layer = rates.layers[k]
      let sums = sums(group, g)
      let gap = layer - rates.global
      slopes.global -= weightOfGlobal * sums.alignment + 2 * layerPenalty * gap
      slopes.layers[k] =
        -weightOfLayers * sums.alignment + 2 * layerPenalty * gap
      slopes.weights[last] -= rates.global * sums.alignment
      slopes.weights[last - 1] -= layer * sums.alignment
      if levels == .parameters {
        slopes.layers[k] -=
          2 * parameterPenalty * (sums.rates - Double(group.count) * layer)
        slopes.weights[0] -= sums.weighted
      }
    }
    guard slopes.global.isFinite, slopes.layers.allSatisfy(\.isFinite),
      slopes.weights.allSatisfy(\.isFinite)
    else {
      heldSteps += 1
      return
    }
    hypergradients = slopes
    if levels == .parameters {
      for (k, group) in groups.enumerated() { moveParameterRates(group, g, layer: rates.layers[k]) }
    }
    rates.global = projected(rates.global - hyperLearningRate * slopes.global)
    for k in groups.indices {
      rates.layers[k] = projected(rates.layers[k] - hyperLearningRate * slopes.layers[k])
    }
    moveWeights(slopes.weights)
  }

  private func projected(_ rate: Double) -> Double {
    bounds.nearest(to: rate)
  }

  private mutating func moveWeights(_ slopes: [Double]) {
    let next = zip(rates.weights, slopes).map { max(0, $0 - weightRate * $1) }
    let sum = next.reduce(0, +)
    if weightRate > 0, sum > 0, sum.isFinite { rates.weights = next.map { $0 / sum } }
  }

  // MARK: Loops over parameters

  /// ⟨u, g⟩, and with rates of parameters Σ α_i u_i g_i and Σ α_i, over one layer.
  @specialized(where Rule == GradientDescent<Float>)
  @specialized(where Rule == GradientDescent<Double>)
  @specialized(where Rule == Adam<Float>)
  @specialized(where Rule == Adam<Double>)
  private func sums(
    _ group: Range<Int>, _ g: UnsafePointer<Scalar>
  ) -> (alignment: Double, weighted: Double, rates: Double) {
    direction.withDirection { u in
      let alignment = VectorLoops.dot(
        u + group.lowerBound, g + group.lowerBound, count: group.count)
      var (weighted, total) = (0.0, 0.0)
      if levels == .parameters {
        for i in group {
          let alpha = Double(parameterRates[i])
          weighted += alpha * (Double(u[i]) * Double(g[i]))
          total += alpha
        }
      }
      return (alignment, weighted, total)
    }
  }

  /// One step of the rates of a layer's parameters.
  @specialized(where Rule == GradientDescent<Float>)
  @specialized(where Rule == GradientDescent<Double>)
  @specialized(where Rule == Adam<Float>)
  @specialized(where Rule == Adam<Double>)
  private mutating func moveParameterRates(
    _ group: Range<Int>, _ g: UnsafePointer<Scalar>, layer: Double
  ) {
    let (gamma, beta, lambda) = (weightOfParameters, hyperLearningRate, parameterPenalty)
    let bounds = bounds
    let most = min(bounds.upperBound, Double(Scalar.greatestFiniteMagnitude))
    let host = direction
    host.withDirection { u in
      for i in group {
        let alpha = Double(parameterRates[i])
        let slope = -gamma * (Double(u[i]) * Double(g[i])) + 2 * lambda * (alpha - layer)
        let next = alpha - beta * slope
        if next.isFinite {
          parameterRates[i] = Scalar.nearest(to: min(max(next, bounds.lowerBound), most))
        }
      }
    }
  }

  private mutating func move(_ theta: UnsafeMutablePointer<Scalar>, _ k: Int) {
    let group = groups[k]
    let common = weightOfLayers * rates.layers[k] + weightOfGlobal * rates.global
    let host = direction
    host.withDirection { u in
      if levels == .parameters {
        moveByParameter(theta, u, group, common)
      } else {
        VectorLoops.move(
          theta + group.lowerBound, by: common, along: u + group.lowerBound, count: group.count)
      }
    }
    if k == 0 {
      let own =
        group.isEmpty || levels == .layers
        ? 0 : group.reduce(0.0) { $0 + Double(parameterRates[$1]) } / Double(group.count)
      learningRate = common + weightOfParameters * own
    }
  }

  @specialized(where Rule == GradientDescent<Float>)
  @specialized(where Rule == GradientDescent<Double>)
  @specialized(where Rule == Adam<Float>)
  @specialized(where Rule == Adam<Double>)
  private func moveByParameter(
    _ theta: UnsafeMutablePointer<Scalar>, _ u: UnsafePointer<Scalar>, _ group: Range<Int>,
    _ common: Double
  ) {
    let gamma = Scalar.nearest(to: weightOfParameters)
    let common = Scalar.nearest(to: common)
    for i in group { theta[i] = theta[i] - (gamma * parameterRates[i] + common) * u[i] }
  }
}

/// The levels of a ``HierarchicalHypergradient`` below the global one.
public enum HypergradientLevels: String, Sendable, Codable, CaseIterable {
  case layers, parameters
}

extension Recipe {
  /// `hierarchicalHypergradient(adam, initial: 1e-3, hyperLearningRate: 1e-7)`.
  package static func hierarchicalHypergradient<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "hierarchicalHypergradient",
      {
        (
          rule: RuleOnObjective<S>, initial: Double, hyperLearningRate: Double, weightRate: Double,
          levels: HypergradientLevels, weights: [Double], layerPenalty: Double,
          parameterPenalty: Double, bounds: ClosedRange<Double>
        ) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          HierarchicalHypergradient(
            rule, initial: initial, hyperLearningRate: hyperLearningRate, weightRate: weightRate,
            levels: levels, weights: weights, layerPenalty: layerPenalty,
            parameterPenalty: parameterPenalty, within: bounds)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .number(
        "initial", in: .atLeast(0), unit: "learning rate", "every level's rate at the start"),
      .number(
        "hyperLearningRate", in: .atLeast(0), unit: "learning rate²/loss",
        "how fast the rates of all levels move"),
      .number(
        "weightRate", in: .atLeast(0), default: 0, unit: "1/loss",
        "how fast the levels' weights move"),
      .choice("levels", default: .layers, "the levels below the global rate"),
      .list(
        "weights", in: .atLeast(0), default: [],
        "weights at the start: of parameters (where they have rates), layers, global; or equal"),
      .number(
        "layerPenalty", in: .atLeast(0), default: 0, unit: "loss/learning rate²",
        "λ of the squared difference between a layer's rate and the global one"),
      .number(
        "parameterPenalty", in: .atLeast(0), default: 0, unit: "loss/learning rate²",
        "λ of the squared difference between a parameter's rate and its layer's"),
      .range(
        "within", default: 0...Double.greatestFiniteMagnitude, unit: "learning rate",
        "bounds of every rate"),
      unless: { _, initial, _, _, levels, weights, _, _, bounds in
        let (count, sum) = (levels == .parameters ? 3 : 2, weights.reduce(0, +))
        guard weights.isEmpty || (weights.count == count && sum > 0 && sum.isFinite) else {
          return "'weights' is to have \(count) numbers with a sum above 0, or none, for "
            + ".\(levels.rawValue)"
        }
        return faultOfBounds(bounds, initial)
      },
      summary:
        "CAM-HD: global, layer and parameter rates in a learned combination (Jie et al. 2022)",
      examples: [
        "hierarchicalHypergradient(initial: 0.04, hyperLearningRate: 1e-3)",
        "hierarchicalHypergradient(sgd, initial: 0.05, hyperLearningRate: 1e-3, "
          + "weightRate: 0.01)",
        "hierarchicalHypergradient(adam, initial: 0.01, hyperLearningRate: "
          + "1e-4, weightRate: 0.01, levels: .parameters, weights: [2, 1, 1], "
          + "layerPenalty: 1, parameterPenalty: 10)",
      ],
      compared: ["hierarchicalHypergradient(rule, initial: rate, hyperLearningRate: additiveBeta)"],
      standard: {
        HierarchicalHypergradient(GradientDescent<S>(), initial: 0.04, hyperLearningRate: 1e-3)
      })
  }
}

extension HierarchicalHypergradient {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    levels = try state.value(.levels)
    hyperLearningRate = try state.number(.hyperLearningRate)
    weightRate = try state.number(.weightRate)
    layerPenalty = try state.number(.layerPenalty)
    parameterPenalty = try state.number(.parameterPenalty)
    bounds = try state.value(.bounds)
    rates = try state.value(.rates)
    hypergradients = try state.value(.hypergradients)
    heldSteps = try state.count(.heldSteps)
    learningRate = try state.number(.learningRate)
    stepCounts = try state.value(.stepCounts)
    initial = try state.number(.initial)
    direction = try state.value(.direction)
    groups = try state.groups(.groups, covering: direction.count)
    parameterRates = try state.vector(
      .parameterRates, count: levels == .parameters ? direction.count : 0)
    let weights = levels == .parameters ? 3 : 2
    for (key, values) in [(CodingKeys.rates, rates), (.hypergradients, hypergradients)] {
      try state.expect(
        values.layers.count == groups.count && values.weights.count == weights
          && (values.layers + values.weights + [values.global]).allSatisfy(\.isFinite), key,
        "these are not finite numbers for \(groups.count) groups and \(weights) weights")
    }
    try state.expect(
      rates.weights.allSatisfy { $0 >= 0 }
        && (rates.layers + [rates.global]).allSatisfy(bounds.contains)
        && parameterRates.allSatisfy { $0 >= 0 }, .rates, "a rate or a weight is outside its bounds"
    )
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.hierarchicalHypergradient().fault(
        of: RuleOnObjective(direction.rule), initial, hyperLearningRate, weightRate, levels,
        rates.weights, layerPenalty, parameterPenalty, bounds))
  }
}

extension HierarchicalHypergradient.Values {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    global = try state.number(.global)
    layers = try state.numbers(.layers)
    weights = try state.numbers(.weights)
  }
}
