public import HypergradientRecipes

/// A rule whose learning rate and hyperparameters are trained by gradient descent, by an optimizer
/// whose own may be trained in turn: towers of any height.
///
///     h ∈ {α, β₁, β₂, μ, …}                          x the number that stands for h, h = h(x)
///     ∂f/∂α = −⟨g_t, u_{t−1}⟩                        through the last step alone: g, m and v of the
///     ∂f/∂h = −α_{t−1} ⟨g_t, ∂u_{t−1}/∂h⟩            step before it are constants
///     x_t = above(x_{t−1}, ∂f/∂h · dh/dx)            first the level above, which first calls its own
///     θ_t = θ_{t−1} − α_t u_t                        with the new hyperparameters
///
/// All hyperparameters of a level are trained together, by one optimizer: a level of this kind, a
/// plain ``Optimizer``, or nothing (``FixedHyperparameters``, the top). At the first step the
/// hypergradients are 0. With α alone, trained by gradient descent at a fixed rate, it is
/// ``HypergradientDescent`` over the same rule, bit for bit.
///
/// - Decay rates (betas, momentum, dampening) are trained as x with h = (tanh x + 1)/2, or as they
///   are (`decayForm`), and stay in [2⁻²⁰, 1 − 2⁻²⁰]; ε as its logarithm to base 10, in [1e-30, 1e30].
///   α is trained as it is, or as its root (`rateForm: .square`, the published code's for RMSProp,
///   where α = 0 is never left again), and stays within `bounds`.
/// - Vectors that stand under a root (v, AdaGrad's G) begin at `initialSquare`, since a root has no
///   derivative at 0; with 0 the derivative there is taken to be 0, which holds where g = 0.
/// - A hypergradient that is not finite, or an update that is not, leaves all hyperparameters of the
///   level as they were, and is counted in ``heldSteps``. A gradient that is not finite is discarded.
/// - Memory: the rule's vectors, u, and one vector more for each learned hyperparameter but α. The
///   levels above keep a few numbers.
///
/// > Source: K. Chandra, A. Xie, J. Ragan-Kelley and E. Meijer, Gradient Descent: The Ultimate
/// > Optimizer (NeurIPS 2022), and its published code. Deviations: α is not negative unless `bounds`
/// > allow it; decay rates have the margin above; AdaGrad's and RMSProp's ε stands outside the root, and
/// > Adam's corrections are those of ``Adam``, see there for their derivative.
public struct HyperparameterTower<Rule: DifferentiableRule, Above: HyperparameterOptimizer>:
  Sendable, Codable
{
  public typealias Scalar = Rule.Scalar

  /// The rule, with its present hyperparameters.
  public var rule: Rule { level.host.rule }
  /// What is learned beside α.
  public var learning: [Hyperparameter<Rule>] { level.learning }
  public let rateForm: HyperparameterForm
  /// α stays within.
  public let bounds: ClosedRange<Double>
  public let initialSquare: Double
  /// The optimizer of α and the others.
  public private(set) var above: Above
  /// α_t.
  public private(set) var learningRate: Double
  /// ∂f/∂x of the last step: α's, then those of ``learning`` in order.
  public private(set) var hypergradients: [Double]
  /// Steps at which a hypergradient or an update was not finite.
  public private(set) var heldSteps = 0

  private var discarded = 0
  private let forms: [HyperparameterForm]
  private let limits: [ClosedRange<Double>]
  /// x, α's first.
  private var values: [Double]
  /// What the level above moves before it is taken over.
  @Scratch private var trial: [Double]
  private var level: Level

  /// What is learned, and the rule with ∂u/∂h of each in vectors of its own.
  private struct Level: Sendable, Codable {
    let learning: [Hyperparameter<Rule>]
    var host: RuleState<Rule>

    init(_ rule: Rule, _ learning: [Hyperparameter<Rule>]) {
      self.learning = learning
      host = RuleState(rule, count: 0, keepsDirection: true, ownVectors: learning.count)
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      learning = try container.decode([Hyperparameter<Rule>].self, forKey: .learning)
      host = try RuleState(
        from: try container.superDecoder(forKey: .host), keepsDirection: true,
        ownVectors: learning.count)
    }
  }

  /// - Parameters:
  ///   - initial: α₀, within `bounds`; greater than 0 where `rateForm` is `.square`.
  ///   - learning: the hyperparameters that are learned beside α; the rule's decay rates by default.
  ///   - rateForm: `.plain` or `.square`.
  ///   - decayForm: `.tanh` or `.plain`.
  ///   - initialSquare: the first value of vectors under a root, where the rule's own is smaller.
  /// - Precondition: the rule asks for no sum over the gradient; what is learned begins within its
  ///   limits.
  public init(
    _ rule: Rule, initial: Double, learning: [WritableKeyPath<Rule, Double>] = Rule.learnable,
    rateForm: HyperparameterForm = .plain, decayForm: HyperparameterForm = .tanh,
    within bounds: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude,
    initialSquare: Double = 1e-8, by above: Above
  ) {
    if let fault = Self.fault(rule, initial, learning, rateForm, decayForm, bounds) { stop(fault) }
    Recipe<any HyperparameterOptimizer>.level.check(
      RuleOnObjective(GradientDescent<Double>()), initial, LearnedShare.decays, rateForm,
      decayForm, bounds, initialSquare, above as (any HyperparameterOptimizer)?)
    let learning = learning.map { Rule.hyperparameter($0) }
    level = Level(rule, learning)
    self.rateForm = rateForm
    self.bounds = bounds
    self.initialSquare = initialSquare
    self.above = above
    learningRate = initial
    forms =
      [rateForm]
      + learning.map {
        let form = $0.domain.learnableForm
        return form == .tanh ? decayForm : form
      }
    limits = [bounds] + learning.map { $0.domain.learnableBounds }
    values = zip(forms, [initial] + learning.map { rule[keyPath: $0.path] }).map {
      $0.parameter($1)
    }
    hypergradients = [Double](repeating: 0, count: forms.count)
    trial = values
  }

  /// Why it can't be; `nil` where it can.
  static func fault(
    _ rule: Rule, _ initial: Double, _ learning: [WritableKeyPath<Rule, Double>],
    _ rateForm: HyperparameterForm, _ decayForm: HyperparameterForm,
    _ bounds: ClosedRange<Double>
  ) -> String? {
    guard rule.requirements.facts.isEmpty else {
      return "a rule in a tower can't ask for sums over the gradient"
    }
    guard bounds.lowerBound.isFinite, bounds.upperBound.isFinite, bounds.contains(initial) else {
      return "'within' is to be finite and to hold 'initial'"
    }
    guard rateForm == .plain || rateForm == .square, decayForm == .plain || decayForm == .tanh
    else { return "'rateForm' is plain or square, 'decayForm' plain or tanh" }
    guard rateForm == .plain || (bounds.lowerBound >= 0 && initial > 0) else {
      return "with 'rateForm: .square' the rate begins above 0, not below 0 after"
    }
    for hyperparameter in learning.map({ Rule.hyperparameter($0) }) {
      let (value, limits) = (
        rule[keyPath: hyperparameter.path], hyperparameter.domain.learnableBounds
      )
      guard limits.contains(value) else {
        return "'\(hyperparameter.label)' is \(short(value)); to be learned it is to be in "
          + "\(short(limits.lowerBound))...\(short(limits.upperBound))"
      }
    }
    return nil
  }

  /// Vectors kept between steps, each as long as the parameters.
  public var memoryVectors: Int {
    level.host.memoryVectors + (above.learns ? 1 + learning.count : 0)
  }

  mutating func prepare(count: Int) {
    let square = Scalar.nearest(to: initialSquare)
    level.host = RuleState(
      rule, count: count, keepsDirection: true, ownVectors: learning.count,
      first: { index, own in Rule.squares.contains(index) ? max(own, square) : own })
    above.begin(count: forms.count)
  }

  /// One step: first the hyperparameters, then θ.
  mutating func advance(_ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>) {
    if above.learns { learn(g) }
    move(theta, g)
  }

  private mutating func learn(_ g: UnsafePointer<Scalar>) {
    let host = level.host
    if host.stepCount > 0 {
      for j in forms.indices {
        let kept =
          j == 0 ? UnsafePointer(host.u) : UnsafePointer(host.ownVector(j - 1).baseAddress!)
        let product = withExtendedLifetime(host) { VectorLoops.dot(kept, g, count: host.count) }
        let byValue = j == 0 ? -product : -learningRate * product
        hypergradients[j] = byValue * forms[j].slope(values[j])
      }
    }
    guard hypergradients.allSatisfy(\.isFinite) else {
      heldSteps += 1
      return
    }
    var next: [Double] = []
    swap(&next, &trial)
    for j in next.indices { next[j] = values[j] }
    next.withUnsafeMutableBufferPointer { next in
      hypergradients.withUnsafeBufferPointer { above.step(next, gradient: $0) }
    }
    if next.allSatisfy(\.isFinite) {
      for j in next.indices { take(next[j], j) }
    } else {
      heldSteps += 1
    }
    swap(&next, &trial)
  }

  /// The value of a hyperparameter from the number that stands for it; both are projected.
  private mutating func take(_ x: Double, _ j: Int) {
    let h = forms[j].value(x)
    let inside = limits[j].nearest(to: h)
    values[j] = inside == h ? x : forms[j].parameter(inside)
    if j == 0 {
      learningRate = inside
    } else {
      level.host.rule[keyPath: learning[j - 1].path] = inside
    }
  }

  private mutating func move(_ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>) {
    if above.learns { level.host.writeDerivatives(theta, g, by: learning) }
    level.host.write(
      theta, g, of: .plain, .none, gradientNorm: .nan, loss: .nan, thenStepBy: learningRate)
  }
}

extension RuleState where Rule: DifferentiableRule {
  /// ∂u/∂h of the step to come, each into one of the host's own vectors.
  fileprivate mutating func writeDerivatives(
    _ theta: UnsafeMutablePointer<Scalar>, _ g: UnsafePointer<Scalar>,
    by hyperparameters: [Hyperparameter<Rule>]
  ) {
    makeUnique()
    let step = RuleStep(index: stepCount, gradientNorm: .nan, scalars: scalars)
    for (j, hyperparameter) in hyperparameters.enumerated() {
      let strip = Strip(
        count: count, gradient: g, parameters: UnsafePointer(theta),
        direction: ownVector(j).baseAddress!, state: state, stride: layout.stride,
        stateVectors: layout.stateVectorCount)
      rule.derivative(by: hyperparameter, strip, step)
    }
  }
}

extension HyperparameterTower: TrainingMethod {
  /// Gradients that were not finite.
  public var stepCounts: StepCounts { StepCounts(skipped: discarded) }

  public mutating func begin(at parameters: UnsafeBufferPointer<Scalar>, groups: [Range<Int>]) {
    prepare(count: parameters.count)
  }

  public mutating func step<O: Oracle<Scalar>>(
    _ parameters: UnsafeMutableBufferPointer<Scalar>, _ oracle: inout O
  ) {
    expectCount(parameters, level.host.count)
    let theta = parameters.baseAddress!
    guard let (_, g) = oracle.finiteGradient(at: theta) else {
      discarded += 1
      return
    }
    advance(theta, g)
  }
}

extension HyperparameterTower: HyperparameterOptimizer where Rule.Scalar == Double {
  public var learns: Bool { true }
  public var trainedCount: Int? { level.host.count }

  public mutating func begin(count: Int) { prepare(count: count) }

  public mutating func step(
    _ values: UnsafeMutableBufferPointer<Double>, gradient: UnsafeBufferPointer<Double>
  ) {
    require(
      values.count == level.host.count && gradient.count == level.host.count,
      "a level for \(level.host.count) hyperparameters was given \(values.count)")
    advance(values.baseAddress!, gradient.baseAddress!)
  }
}

/// What a level learns.
enum LearnedShare: String, Sendable, Codable, CaseIterable {
  case rate, decays, all
}

extension Recipe {
  /// `hyperparameterTower(adam, initial: 1e-3, by: .level(adam, initial: 1e-3))`.
  package static func hyperparameterTower<S: ParameterScalar>() -> Recipe
  where Product == any TrainingMethod<S> {
    Recipe(
      "hyperparameterTower",
      {
        (
          rule: RuleOnObjective<S>, initial: Double, learning: LearnedShare,
          rateForm: HyperparameterForm, decayForm: HyperparameterForm, bounds: ClosedRange<Double>,
          initialSquare: Double, above: (any HyperparameterOptimizer)?
        ) in
        let made = makeLevel(
          rule.rule, initial, learning, rateForm, decayForm, bounds, initialSquare, above)
        guard let method = made as? any TrainingMethod<S> else {
          stop("a level trains parameters of its rule's type")
        }
        return method.on(rule.objective)
      },
      .rule("_", default: Adam<S>(), "a rule: sgd, heavyBall, nesterov, adagrad, rmsprop, adam"),
      .initialOfLevel, .learned, .rateForm, .decayForm, .boundsOfLevel, .initialSquare,
      .neededAbove,
      unless: {
        rule, initial, learning, rateForm, decayForm, bounds, _, _ in
        faultOfLevel(rule.rule, initial, learning, rateForm, decayForm, bounds)
      },
      summary:
        "rate and decay rates learned by an optimizer whose own are learned (Chandra et al. 2022)",
      examples: [
        "hyperparameterTower(initial: 0.01, by: .level(initial: 1e-3))",
        "hyperparameterTower(sgd, initial: 0.05, by: .level(sgd, initial: 1e-3))",
        "hyperparameterTower(adam, initial: 0.01, learning: .all, by: .level(adam, "
          + "initial: 1e-3))",
        "hyperparameterTower(adam, initial: 0.01, learning: .rate, initialSquare: 0, "
          + "by: .level(sgd, initial: 1e-4))",
        "hyperparameterTower(heavyBall(momentum: 0.5), initial: 0.02, by: "
          + ".level(rmsprop, initial: 1e-3, by: .level(sgd, initial: 1e-6)))",
        "hyperparameterTower(rmsprop, initial: 0.01, rateForm: .square, by: "
          + ".level(adagrad, initial: 1e-3))",
        "hyperparameterTower(nesterov(momentum: 0.5), initial: 0.02, decayForm: .plain, "
          + "by: .optimizer(sgd, rate: constant(1e-4)))",
        "hyperparameterTower(adam, initial: 0.01, by: .rates(initial: 1e-3, by: "
          + ".level(sgd, initial: 1e-4)))",
        "hyperparameterTower(adam, initial: 0.001, by: .level(adam, initial: 0.001))",
        "hyperparameterTower(sgd, initial: 0.1, by: .rates(initial: 0.001, by: "
          + ".optimizer(sgd, rate: constant(1e-6))))",
        "hyperparameterTower(rmsprop, initial: 0.01, learning: .all, rateForm: .square, "
          + "decayForm: .plain, by: .level(sgd, initial: 1e-5, learning: .rate))",
      ], aliases: ["ultimate"],
      compared: [
        .init(
          "ultimate(rule, initial: rate, by: .level(sgd, "
            + "initial: additiveBeta))", as: "ultimate")
      ],
      standard: {
        HyperparameterTower(
          Adam<S>(), initial: 0.01,
          by: HyperparameterTower(Adam<Double>(), initial: 1e-3, by: FixedHyperparameters()))
      })
  }
}

extension Recipe where Product == any HyperparameterOptimizer {
  /// `.level(adam, initial: 1e-3, by: …)`.
  package static let level = Recipe(
    "level",
    {
      (
        rule: RuleOnObjective<Double>, initial: Double, learning: LearnedShare,
        rateForm: HyperparameterForm, decayForm: HyperparameterForm, bounds: ClosedRange<Double>,
        initialSquare: Double, above: (any HyperparameterOptimizer)?
      ) in
      let made = makeLevel(
        rule.rule, initial, learning, rateForm, decayForm, bounds, initialSquare, above)
      guard let level = made as? any HyperparameterOptimizer else {
        stop("a level of Doubles trains hyperparameters")
      }
      return level
    },
    .rule(
      "_", default: Adam<Double>(), "a rule: sgd, heavyBall, nesterov, adagrad, rmsprop, adam"),
    .initialOfLevel, .learned, .rateForm, .decayForm, .boundsOfLevel, .initialSquare, .above,
    unless: {
      rule, initial, learning, rateForm, decayForm, bounds, _, _ in
      rule.objective == .plain
        ? faultOfLevel(rule.rule, initial, learning, rateForm, decayForm, bounds)
        : "what a level of a tower minimises is given: no penalty, no maximising"
    }, summary: "a rule whose rate and hyperparameters are learned by what is above")
}

private let noDerivatives = "the hyperparameters of this rule have no derivatives here"

private func faultOfLevel<S: ParameterScalar>(
  _ rule: any UpdateRule<S>, _ initial: Double, _ learning: LearnedShare,
  _ rateForm: HyperparameterForm, _ decayForm: HyperparameterForm, _ bounds: ClosedRange<Double>
) -> String? {
  func open<R: DifferentiableRule>(_ rule: R) -> String? {
    HyperparameterTower<R, FixedHyperparameters>.fault(
      rule, initial, learned(learning), rateForm, decayForm, bounds)
  }
  guard let rule = rule as? any DifferentiableRule else { return noDerivatives }
  return open(rule)
}

private func learned<R: DifferentiableRule>(
  _ share: LearnedShare
) -> [WritableKeyPath<R, Double>] {
  switch share {
  case .rate: []
  case .decays: R.learnable
  case .all: R.hyperparameters.map(\.path)
  }
}

/// A level with the one above it.
///
/// - Precondition: ``faultOfLevel`` finds none.
private func makeLevel<S: ParameterScalar>(
  _ rule: any UpdateRule<S>, _ initial: Double, _ share: LearnedShare,
  _ rateForm: HyperparameterForm, _ decayForm: HyperparameterForm,
  _ bounds: ClosedRange<Double>, _ initialSquare: Double,
  _ above: (any HyperparameterOptimizer)?
) -> any TrainingMethod {
  func open<R: DifferentiableRule, A: HyperparameterOptimizer>(
    _ rule: R, _ above: A
  ) -> any TrainingMethod {
    HyperparameterTower(
      rule, initial: initial, learning: learned(share), rateForm: rateForm, decayForm: decayForm,
      within: bounds, initialSquare: initialSquare, by: above)
  }
  guard let rule = rule as? any DifferentiableRule else { stop(noDerivatives) }
  let top: any HyperparameterOptimizer = above ?? FixedHyperparameters()
  return open(rule, top)
}

// The parameters of every level.

extension Parameter where Value == Double {
  fileprivate static var initialOfLevel: Parameter {
    .number("initial", in: .atLeast(0), unit: "learning rate", "the rate at the start")
  }
  fileprivate static var initialSquare: Parameter {
    .number(
      "initialSquare", in: .atLeast(0), default: 1e-8, unit: "gradient²",
      "the first value of what stands under a root")
  }
}

extension Parameter where Value == LearnedShare {
  fileprivate static var learned: Parameter {
    .choice(
      "learning", default: .decays,
      "the rate alone, with the decay rates (momentum, beta1, beta2, decay), or with ε, too")
  }
}

extension Parameter where Value == HyperparameterForm {
  fileprivate static var rateForm: Parameter {
    .choice(
      "rateForm", default: .plain, among: [.plain, .square],
      "whether the rate itself or its root is trained")
  }
  fileprivate static var decayForm: Parameter {
    .choice(
      "decayForm", default: .tanh, among: [.tanh, .plain],
      "whether atanh(2β − 1) or the decay rate β itself is trained")
  }
}

extension Parameter where Value == ClosedRange<Double> {
  fileprivate static var boundsOfLevel: Parameter {
    .range(
      "within", default: 0...Double.greatestFiniteMagnitude, unit: "learning rate",
      "the rate is projected onto these bounds")
  }
}

extension HyperparameterTower {
  public init(from decoder: any Decoder) throws {
    let state = try StateReader(decoder, keyedBy: CodingKeys.self)
    rateForm = try state.value(.rateForm)
    bounds = try state.value(.bounds)
    initialSquare = try state.number(.initialSquare, in: .atLeast(0))
    above = try state.value(.above)
    learningRate = try state.number(.learningRate)
    heldSteps = try state.count(.heldSteps)
    discarded = try state.count(.discarded)
    level = try state.value(.level)
    forms = try state.value(.forms)
    let learned = level.learning
    let usual = [rateForm] + learned.map(\.domain.learnableForm)
    try state.expect(
      forms.count == usual.count
        && zip(forms, usual).allSatisfy { $0 == $1 || ($0 == .plain && $1 == .tanh) }
        && Set(learned.map(\.label)).count == learned.count, .forms,
      "the forms are not those of what is learned")
    limits = [bounds] + learned.map(\.domain.learnableBounds)
    values = try state.numbers(.values, count: forms.count)
    trial = values
    // Of a step that was held they may be no numbers.
    hypergradients = try state.numbers(.hypergradients, count: forms.count, in: nil)
    // A rate that is a square may have become 0, though it can't begin there.
    try state.check(
      Self.fault(
        level.host.rule,
        rateForm == .square && learningRate == 0 ? bounds.upperBound : learningRate,
        learned.map(\.path), rateForm, .tanh, bounds))
    let count = above.trainedCount ?? forms.count
    try state.expect(
      count == forms.count || (count == 0 && level.host.count == 0), .above,
      "the level above trains \(count) numbers, not \(forms.count)")
  }
}
