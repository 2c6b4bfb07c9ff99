package import HypergradientRecipes

/// GeN: every few steps the rate moves towards that of a parabola through three losses on the line
/// of the step.
///
///     L± = f(θ ± η u)      L₀ = f(θ)
///     η* = (η/2) (L₊ − L₋)/(L₊ − 2 L₀ + L₋)                where both are positive
///     η ← s η + (1 − s) within(η/2…2η)(η*)
///     θ_t = θ_{t−1} − η · u_t
///
/// η begins at `initial`, s ("smoothing") is 0.9. All losses are of the draw of the gradient. A
/// parabola that is not finite, has no minimum or none ahead leaves η. A gradient that is not
/// finite is discarded.
///
/// > Source: Z. Bu and S. Xu, Gradient Descent with Generalized Newton's Method (ICLR 2025), with
/// > the smoothing and bounds of the authors' package (gen-optim 0.1.1). Deviation: that package
/// > takes the three losses of the next minibatch.
public struct GeN<Rule: UpdateRule>: TrainingMethod {
  public typealias Scalar = Rule.Scalar

  /// Steps from one parabola to the next.
  public let interval: Int
  /// s ∈ [0, 1).
  public let smoothing: Double
  /// η.
  public private(set) var learningRate: Double
  public private(set) var stepCounts = StepCounts()
  private var stepCount = 0
  private var direction: RuleState<Rule>
  @Scratch private var trial: [Scalar] = []

  public init(_ rule: Rule, initial: Double, every interval: Int = 4, smoothing: Double = 0.9) {
    Recipe<any TrainingMethod<Scalar>>.gen().check(
      RuleOnObjective(rule), initial, interval, smoothing)
    self.interval = interval
    self.smoothing = smoothing
    learningRate = initial
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
    guard let (loss, gradient) = oracle.finiteGradient(at: theta) else { return stepCounts.skip() }
    direction.make(theta, gradient, loss: loss)
    stepCount += 1
    var rate = learningRate
    if stepCount % interval == 0 {
      let ahead = direction.loss(from: theta, by: rate, at: &trial, &oracle)
      let behind = direction.loss(from: theta, by: -rate, at: &trial, &oracle)
      // f falls along −u: behind is L₊.
      let (slope, curvature) = (behind - ahead, behind - 2 * loss + ahead)
      if slope > 0, curvature > 0, slope.isFinite, curvature.isFinite {
        let ratio = min(max(slope / curvature / 2, 0.5), 2)
        rate = smoothing * rate + (1 - smoothing) * (ratio * rate)
      }
    }
    if !rate.isFinite || rate <= 0 { rate = learningRate }
    learningRate = oracle.heldRate(rate, of: 0)
    direction.apply(theta, rate: learningRate)
  }
}

extension Recipe {
  /// `gen(adam, initial: 1e-3)`.
  package static func gen<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "gen",
      { (rule: RuleOnObjective<S>, initial: Double, interval: Int, smoothing: Double) in
        func open<R: UpdateRule<S>>(_ rule: R) -> any TrainingMethod<S> {
          GeN(rule, initial: initial, every: interval, smoothing: smoothing)
        }
        return open(rule.rule).on(rule.objective)
      },
      .rule("_", default: GradientDescent<S>(), "the rule that makes the direction"),
      .number("initial", in: .above(0), unit: "learning rate", "the first rate"),
      .count(
        "every", in: .between(1, 1e9), default: 4, "steps from one parabola to the next"),
      .number(
        "smoothing", in: .from(0, below: 1), default: 0.9, "share of the rate that stays"),
      summary: "towards the minimum of a parabola through three losses (Bu and Xu 2025)",
      examples: ["gen(sgd, initial: 0.01)", "gen(adam, initial: 0.02, every: 2, smoothing: 0.5)"],
      compared: ["gen(rule, initial: rate)"],
      standard: { GeN(GradientDescent<S>(), initial: 0.01) })
  }
}

extension GeN {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    interval = try state.count(.interval, from: 1)
    smoothing = try state.number(.smoothing)
    learningRate = try state.number(.learningRate, in: .atLeast(0))
    stepCounts = try state.value(.stepCounts)
    stepCount = try state.count(.stepCount)
    direction = try state.value(.direction)
    trial = [Scalar](repeating: 0, count: direction.count)
    try state.check(
      Recipe<any TrainingMethod<Scalar>>.gen().fault(
        of: RuleOnObjective(direction.rule), 1.0, interval, smoothing))
  }
}
