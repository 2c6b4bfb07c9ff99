internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import PortableMath
internal import Testing

/// Laws of what is made of other controllers: the chain rule, and decisions that pass through.
@Suite struct CombinatorLawTests {
  /// A combinator around a base that its text calls `probe()`.
  struct Combinator: Sendable, CustomTestStringConvertible {
    let text: String
    /// The factor between the base's rate and the whole's, per step; `nil` where no one says it.
    let factor: (@Sendable (Int) -> Double)?
    /// Whether the factor decides after the base, which knows it as it was a step before.
    let isLate: Bool

    init(
      _ text: String, isLate: Bool = false, factor: (@Sendable (Int) -> Double)? = nil
    ) {
      self.text = text
      self.factor = factor
      self.isLate = isLate
    }
    var testDescription: String { text }

    func wrapped(_ probe: Probe) throws -> any LearningRateController {
      var catalogue = Catalogue.standard
      catalogue.controllers.append(Recipe("probe", { probe }, summary: "the base"))
      return try catalogue.controller(text)
    }

    /// Whether the base is shown the trace in place of the last direction: no derivative of one step.
    var showsTrace: Bool {
      (try? wrapped(Probe([])).requirements.signals.contains(.traceAlignment)) ?? false
    }
  }

  private static let wave = TriangularSchedule(from: 0.5, to: 2, rise: 2, fall: 3)
  private static let waveText = "triangular(from: 0.5, to: 2, rise: 2, fall: 3)"

  /// Those whose factor is known.
  static let known = [
    Combinator("probe().scaled(by: \(waveText))", factor: { wave($0) }),
    Combinator("probe().scaled(by: \(waveText), in: .epochs)", factor: { wave($0 / 2) }),
    Combinator("probe().warmedUp(over: 8)", factor: { min(Double($0 + 1) / 8, 1) }),
    Combinator("probe().clamped(to: 1e-3...10)", factor: { _ in 1 }),
    Combinator("probe().times(scheduled(\(waveText)))", isLate: true, factor: { wave($0) }),
    Combinator("scheduled(\(waveText)).times(probe())", factor: { wave($0) }),
    Combinator(
      "probe().scaled(by: \(waveText)).clamped(to: 1e-3...10).warmedUp(over: 8)",
      factor: { wave($0) * min(Double($0 + 1) / 8, 1) }),
    Combinator("probe().guardedByTrace()", factor: { _ in 1 }),
    Combinator("probe().limitedGrowth(to: 3).frozen(after: 20)", factor: { _ in 1 }),
    Combinator("probe().limitedGrowth(to: 3).scaled(by: \(waveText))", factor: { wave($0) }),
  ]

  /// Those of the catalogue's modifiers, as their texts have them.
  static let listed = modifiers.map { Combinator("probe().\($0)") }

  /// The calls of the catalogue's modifiers, such as `clamped(to: 0.05...0.2)`.
  static let modifiers = Catalogue.standard.controllerModifiers.flatMap { recipe in
    recipe.texts.map { text in
      let calls = (try? SpecText(text).calls[0].modifiers) ?? []
      let column = calls.last { $0.name == recipe.name }?.column ?? 1
      return String(text.dropFirst(column - 1))
    }
  }

  @Test func everyModifierIsUnderTheLaws() {
    for recipe in Catalogue.standard.controllerModifiers {
      #expect(Self.modifiers.contains { $0.hasPrefix("\(recipe.name)(") }, "\(recipe.name) is not")
    }
  }

  private static let rules = [
    "sgd", "heavyBall(momentum: 0.8)", "adam", "nesterov.penalized(by: 0.2)",
    "adam.then(weightDecay(0.05))", "clipByNorm(0.7).then(heavyBall)",
  ]

  /// What a base sees of step t + 1 is −∂f/∂base_t and ‖∂θ/∂base_t‖, by central differences of step t
  /// in the base's own rate.
  @Test(arguments: (known + listed).filter { !$0.showsTrace }, rules)
  func theBaseSeesItsOwnDerivatives(
    _ combinator: Combinator, _ rule: String
  ) throws {
    let given = try LawFixtures.rule(rule)
    func check<R: UpdateRule<Double>, C: LearningRateController>(
      _ rule: R, _: C
    ) throws {
      let (steps, rate, h) = (6, 0.06, 1e-5)
      func run(last: Double) throws -> (theta: [Double], probe: Probe) {
        let lines = (0...steps).map { StepDecision.step($0 == steps - 1 ? last : rate) }
        let control = try #require(try combinator.wrapped(Probe(lines)) as? C)
        var optimizer = Optimizer(rule, control, on: given.objective, parameterCount: 9)
        var theta: [Double] = LawFixtures.start(9)
        // Losses and metrics that always improve: what waits for a plateau does nothing.
        for step in 0..<steps {
          let loss = 1 / Double(step + 1)
          optimizer.step(
            &theta, gradient: LawFixtures.gradient(theta), loss: loss, metric: loss,
            epoch: Double(step / 2) + 0.25)
        }
        var next = theta
        optimizer.step(
          &next, gradient: LawFixtures.gradient(theta), loss: 0, metric: 0,
          epoch: Double(steps / 2) + 0.25)
        return (theta, try #require(Probe.inside(optimizer.controller)))
      }
      let (up, down, middle) = (
        try run(last: rate + h), try run(last: rate - h), try run(last: rate)
      )
      func loss(_ theta: [Double]) -> Double {
        LawFixtures.objective(theta, penalty: given.objective.penalty)
      }
      let slope = (loss(up.theta) - loss(down.theta)) / (2 * h)
      let alignment = middle.probe.alignments[steps]
      #expect(abs(alignment) > 1e-3, "the law would hold for anything")
      #expect(abs(alignment + slope) <= 1e-7 * abs(slope), "\(alignment), ∂f/∂base = \(slope)")
      let speed =
        zip(up.theta, down.theta).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        .squareRoot() / (2 * h)
      let norm = middle.probe.norms[steps]
      #expect(abs(norm - speed) <= 1e-7 * speed, "\(norm), ‖∂θ/∂base‖ = \(speed)")
    }
    try check(given.rule, try combinator.wrapped(Probe([])))
  }

  /// The new direction is that of this step's factor: ⟨u_t, g_t⟩ and ‖u_t‖ times it.
  @Test(arguments: known) func theBaseSeesItsNewDirection(_ combinator: Combinator) throws {
    let factors = try #require(combinator.factor)
    func check<C: LearningRateController>(_ control: C) throws {
      var control = control
      for step in 0..<9 {
        _ = control.decide(
          StepSignals(
            step: step, epoch: Double(step / 2), loss: 1, alignment: 3, gradientNorm: 5,
            previousDirectionNorm: 2, directionAlignment: 7, directionNorm: 4, traceAlignment: 3,
            traceNorm: 2))
        let seen = try #require(Probe.inside(control))
        let factor = factors(combinator.isLate ? max(step - 1, 0) : step)
        #expect(relativeDifference(seen.newAlignments[step], 7 * factor) <= 1e-14)
        #expect(relativeDifference(seen.newNorms[step], 4 * factor) <= 1e-14)
      }
    }
    try check(try combinator.wrapped(Probe([StepDecision](repeating: .step(0.5), count: 9))))
  }

  /// A skip, a retake and a restore of the base are the combinator's, with the rate times the factor that
  /// holds: the last step's for a step that is taken again.
  @Test(arguments: known + listed) func decisionsPassThrough(_ combinator: Combinator) throws {
    let lines: [StepDecision] = [
      .step(0.1), .step(0.2), .retake(0.0625), .skip, .step(0.125), .skip, .restore(0.1),
      .step(0.15),
    ]
    // Losses and metrics that always improve: what waits for a plateau does nothing.
    func signals(_ step: Int) -> StepSignals {
      StepSignals(
        step: step, epoch: Double(step / 2), loss: 1 / Double(step + 1),
        metric: 1 / Double(step + 1), alignment: 1, previousDirectionNorm: 1,
        directionAlignment: 1, directionNorm: 1, traceAlignment: 1, traceNorm: 1)
    }
    var factor = combinator.factor
    if factor == nil {
      var steady = try combinator.wrapped(
        Probe([StepDecision](repeating: .step(0.125), count: lines.count)))
      let measured = lines.indices.map { (steady.decide(signals($0)).rate ?? .nan) / 0.125 }
      factor = { measured[$0] }
    }
    let times = try #require(factor)
    var control = try combinator.wrapped(Probe(lines))
    var applied = 0
    for (step, line) in lines.enumerated() {
      let decision = control.decide(signals(step))
      if case .step = line { applied = step }
      switch (line, decision) {
      case (.skip, .skip): break
      case (.step(let base), .step(let rate)), (.retake(let base), .retake(let rate)),
        (.restore(let base), .restore(let rate)):
        let expected = base * times(applied)
        #expect(relativeDifference(rate, expected) <= 1e-14, "step \(step): \(decision)")
        #expect(control.learningRate == rate, "step \(step)")
      default: Issue.record("step \(step): \(line) became \(decision)")
      }
    }
  }

  /// What an optimizer asks of a controller, it asks of the one inside.
  @Test(arguments: known) func propertiesPassThrough(_ combinator: Combinator) throws {
    for flag in [false, true] {
      var probe = Probe([.step(0.5)])
      probe.alwaysSteps = flag
      probe.keepsBest = flag
      probe.keepsDirection = flag
      probe.isBest = flag
      probe.joinsLanes = flag
      if !combinator.showsTrace { probe.traceDecay = 0.75 }
      var control = try combinator.wrapped(probe)
      let asked = control.requirements
      let signals: StepSignals.Needs =
        combinator.showsTrace ? [.traceAlignment, .traceNorm] : probe.requirements.signals
      #expect(signals.isSubset(of: asked.signals))
      #expect(asked.alwaysSteps == flag)
      #expect(asked.keepsBest == flag)
      #expect(asked.keepsDirection == flag)
      #expect(asked.joinsLanes == flag)
      if !combinator.showsTrace { #expect(asked.traceDecay == 0.75) }
      _ = control.decide(
        StepSignals(
          step: 0, epoch: 0, alignment: 1, previousDirectionNorm: 1, directionAlignment: 1,
          directionNorm: 1, traceAlignment: 1, traceNorm: 1))
      #expect(control.requirements.isBest == flag)
    }
  }

  /// Whatever a controller of the catalogue asks of a trainer, at every step, what any modifier makes
  /// of it asks too.
  @Test(arguments: modifiers, LawFixtures.controllers)
  func nothingThatABaseAsksForIsLost(_ modifier: String, _ base: String) throws {
    let alone = try LawFixtures.controller(base).requirements
    let readsTrace = !alone.signals.isDisjoint(with: [.traceAlignment, .traceNorm])
    var control: any LearningRateController
    do {
      control = try LawFixtures.controller("\(base).\(modifier)")
    } catch {
      // Two that keep their best parameters, two traces, a metric that is to fall and to rise, or a look
      // at a direction that is then not taken.
      let looksAhead = !alone.signals.isDisjoint(with: [.directionAlignment, .directionNorm])
      let mayGoBack = modifier.contains("from: .best")
      let watchesBoth = alone.metricDirection == .maximize && modifier.contains("watching: .metric")
      #expect(
        alone.keepsBest || readsTrace || watchesBoth || looksAhead && mayGoBack, "\(error)")
      return
    }
    let kind = type(of: try LawFixtures.controller(base))
    let showsTrace = modifier.hasPrefix("guardedByTrace")
    // What is frozen is asked no more.
    let end = modifier.contains("frozen(after: 16)") ? 16 : modifier.contains("frozen") ? 30 : 60
    var draw = RandomStream(RandomKey("tests.laws.requirements"))
    for step in 0..<end {
      let inside = try #require(Self.inside(control, kind)).requirements
      let asked = control.requirements
      for signal in inside.signals.signals {
        let shown: StepSignals.Signal =
          switch signal {
          case .alignment where showsTrace: .traceAlignment
          case .previousDirectionNorm where showsTrace: .traceNorm
          default: signal
          }
        #expect(asked.signals.contains(shown), "step \(step): \(signal)")
      }
      #expect(inside.alwaysSteps || !asked.alwaysSteps)
      #expect(inside.joinsLanes || !asked.joinsLanes)
      #expect(!inside.keepsDirection || asked.keepsDirection)
      #expect(!inside.keepsBest || asked.keepsBest)
      #expect(!inside.isBest || asked.isBest, "step \(step)")
      #expect(inside.metricDirection == nil || asked.metricDirection == inside.metricDirection)
      if readsTrace { #expect(asked.traceDecay == inside.traceDecay, "step \(step)") }
      _ = control.decide(LawFixtures.signals(step, asked.signals, &draw))
    }
  }

  /// The first of a type inside what a modifier has made of it.
  private static func inside(
    _ control: any LearningRateController, _ kind: any LearningRateController.Type
  ) -> (any LearningRateController)? {
    var found: (any LearningRateController)? = control
    while let controller = found, type(of: controller) != kind {
      found =
        Mirror(reflecting: controller).children.first { ["base", "first"].contains($0.label) }?
        .value as? any LearningRateController
    }
    return found
  }

  /// A projection of the product is one of the base: what the combinator then says is near the rate.
  @Test(arguments: known) func aProjectionReachesTheBase(_ combinator: Combinator) throws {
    var control = try combinator.wrapped(Probe([.step(0.5)]))
    _ = control.decide(
      StepSignals(
        step: 0, epoch: 0, alignment: 1, previousDirectionNorm: 1, directionAlignment: 1,
        directionNorm: 1, traceAlignment: 1, traceNorm: 1))
    control.project(learningRate: 0.04)
    if combinator.text.hasPrefix("scheduled") {
      // The first factor is the rate, and a schedule is not projected.
      #expect(try #require(Probe.inside(control)).learningRate == 0.5)
    } else {
      #expect(relativeDifference(control.learningRate, 0.04) <= 1e-14)
      #expect(try #require(Probe.inside(control)).learningRate != 0.5)
    }
  }

  /// A tower's inner signal: ⟨v, h⟩ = −∂f/∂β of the hyper-learning-rate β one step before, over several
  /// rules of α, by central differences.
  @Test(arguments: ["sgd", "heavyBall(momentum: 0.5)", "adam", "rmsprop(decay: 0.9)"])
  func aTowerSeesTheDerivativeInItsHyperLearningRate(_ hyperRule: String) throws {
    func check<R: UpdateRule<Double>>(_ rule: R) throws {
      let (steps, beta) = (5, 1e-3)
      func run(last: Double) -> (loss: Double, alignment: Double) {
        let lines = (0...steps).map { StepDecision.step($0 == steps - 1 ? last : beta) }
        let tower = HypergradientDescent(initial: 0.05, by: rule, Probe(lines))
        var optimizer = Optimizer(GradientDescent<Double>(), tower, parameterCount: 9)
        var theta: [Double] = LawFixtures.start(9)
        for _ in 0..<steps { optimizer.step(&theta, gradient: LawFixtures.gradient(theta)) }
        let loss = LawFixtures.objective(theta, penalty: 0)
        optimizer.step(&theta, gradient: LawFixtures.gradient(theta))
        return (loss, optimizer.controller.optimizer.controller.alignments[steps])
      }
      let h = 1e-6
      let slope = (run(last: beta + h).loss - run(last: beta - h).loss) / (2 * h)
      let alignment = run(last: beta).alignment
      #expect(abs(alignment) > 1e-4, "the law would hold for anything")
      #expect(abs(alignment + slope) <= 1e-6 * abs(slope), "\(alignment), ∂f/∂β = \(slope)")
    }
    try check(try LawFixtures.rule(hyperRule).rule)
  }

  /// The transition gives the applied rate's own alignment, δ apart, as in the paper.
  @Test func aTransitionSeesTheRawAlignment() {
    var control = HypergradientDescent(
      initial: 0.5, hyperLearningRate: 0.25, transitionTo: 0.02, transitionPower: 1)
    var plain = HypergradientDescent(initial: 0.5, hyperLearningRate: 0.25)
    for step in 0..<6 {
      let signals = StepSignals(step: step, alignment: 0.125 * Double(step))
      let delta = 1 / Double(step + 1)
      let alpha = plain.learningRate(for: signals)
      let rate = control.learningRate(for: signals)
      #expect(relativeDifference(rate, delta * alpha + (1 - delta) * 0.02) <= 1e-14)
    }
  }
}

/// Decides as it was told, remembers what it saw, and says of itself what it was told.
struct Probe: LearningRateController, Codable {
  private var lines: [StoredDecision]
  var alignments: [Double] = []
  var norms: [Double] = []
  var newAlignments: [Double] = []
  var newNorms: [Double] = []
  var learningRate = 0.5
  var alwaysSteps = false
  var keepsDirection = false
  var keepsBest = false
  var isBest = false
  var traceDecay = 0.0
  var joinsLanes = true
  private var next = 0

  init(_ lines: [StepDecision]) { self.lines = lines.map { StoredDecision($0) } }

  var requirements: ControllerRequirements {
    var signals: StepSignals.Needs = [.alignment, .previousDirectionNorm]
    if traceDecay > 0 { signals.insert(.traceAlignment) }
    return ControllerRequirements(
      signals: signals, alwaysSteps: alwaysSteps, keepsDirection: keepsDirection,
      keepsBest: keepsBest, isBest: isBest, traceDecay: traceDecay, joinsLanes: joinsLanes)
  }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    alignments.append(signals.alignment)
    norms.append(signals.previousDirectionNorm)
    if signals.present.contains(.directionNorm) {
      newAlignments.append(signals.directionAlignment)
      newNorms.append(signals.directionNorm)
    }
    defer { next += 1 }
    let decision = lines[next].decision
    if let rate = decision.rate { learningRate = rate }
    return decision
  }

  mutating func project(learningRate: Double) { self.learningRate = learningRate }

  /// The probe inside a combinator.
  static func inside(_ control: any LearningRateController) -> Probe? {
    if let probe = control as? Probe { return probe }
    for child in Mirror(reflecting: control).children {
      if let inner = child.value as? any LearningRateController, let probe = inside(inner) {
        return probe
      }
    }
    return nil
  }

  private struct StoredDecision: Codable {
    var kind: Int
    var rate: Double

    init(_ decision: StepDecision) {
      rate = decision.rate ?? 0
      kind =
        switch decision {
        case .step: 0
        case .skip: 1
        case .retake: 2
        case .restore: 3
        }
    }

    var decision: StepDecision {
      [.step(rate), .skip, .retake(rate), .restore(rate)][kind]
    }
  }
}
