internal import Hypergradient
internal import PortableMath
internal import Testing

/// Laws of what is made of other controllers: the chain rule, and decisions that pass through.
@Suite struct CombinatorLawTests {
  /// A combinator around a base, and the factor between the base's rate and its own, per step.
  struct Combinator: Sendable, CustomTestStringConvertible {
    let name: String
    let factor: @Sendable (Int) -> Double
    let wrapped: @Sendable (Probe) -> any LearningRateController
    /// Whether the base is shown the trace in place of the last direction: no derivative of one step.
    let showsTrace: Bool
    init(
      _ name: String, factor: @escaping @Sendable (Int) -> Double = { _ in 1 },
      showsTrace: Bool = false,
      _ wrapped: @escaping @Sendable (Probe) -> any LearningRateController
    ) {
      self.name = name
      self.factor = factor
      self.wrapped = wrapped
      self.showsTrace = showsTrace
    }
    var testDescription: String { name }
  }

  private static let wave = TriangularSchedule(from: 0.5, to: 2, rise: 2, fall: 3)

  /// Under the names of the catalogue's modifiers, and combinations under other names.
  static let combinators = [
    Combinator("scaled", factor: { wave($0) }) { $0.scaled(by: wave) },
    Combinator("scaled, in epochs", factor: { wave($0 / 2) }) { $0.scaled(by: wave, in: .epochs) },
    Combinator("warmedUp", factor: { min(Double($0 + 1) / 8, 1) }) { $0.warmedUp(over: 8) },
    Combinator("clamped") { $0.clamped(to: 1e-3...10) },
    Combinator("times", factor: { wave($0) }) { $0.times(Scheduled(wave)) },
    Combinator("times, from the right", factor: { wave($0) }) { Scheduled(wave).times($0) },
    Combinator("a warm-up of a bound of a wave", factor: { wave($0) * min(Double($0 + 1) / 8, 1) })
    {
      $0.scaled(by: wave).clamped(to: 1e-3...10).warmedUp(over: 8)
    },
    Combinator("guardedByTrace", showsTrace: true) { $0.guardedByTrace() },
  ]

  @Test func everyCombinatorIsUnderTheLaws() {
    for recipe in Catalogue.controllerModifiers {
      #expect(Self.combinators.contains { $0.name == recipe.name }, "\(recipe.name) is not")
    }
  }

  private static let rules = [
    "sgd", "heavyBall(momentum: 0.8)", "adam", "nesterov.penalized(by: 0.2)",
    "adam.then(weightDecay(0.05))", "clipByNorm(0.7).then(heavyBall)",
  ]

  /// What a base sees of step t + 1 is −∂f/∂base_t and ‖∂θ/∂base_t‖, by central differences of step t
  /// in the base's own rate.
  @Test(arguments: combinators.filter { !$0.showsTrace }, rules)
  func theBaseSeesItsOwnDerivatives(
    _ combinator: Combinator, _ rule: String
  ) throws {
    func check<R: UpdateRule<Double>, C: LearningRateController>(
      _ rule: R, _ wrap: (Probe) -> C
    ) throws {
      let (steps, rate, h) = (6, 0.05, 1e-5)
      func run(last: Double) throws -> (theta: [Double], probe: Probe) {
        let lines = (0...steps).map { StepDecision.step($0 == steps - 1 ? last : rate) }
        let probe = Probe(lines)
        var optimizer = Optimizer(rule, wrap(probe), parameterCount: 9)
        var theta: [Double] = LawFixtures.start(9)
        for step in 0..<steps {
          optimizer.step(
            &theta, gradient: LawFixtures.gradient(theta), epoch: Double(step / 2) + 0.25)
        }
        var next = theta
        optimizer.step(
          &next, gradient: LawFixtures.gradient(theta), epoch: Double(steps / 2) + 0.25)
        return (theta, try #require(Probe.inside(optimizer.controller)))
      }
      let (up, down, middle) = (
        try run(last: rate + h), try run(last: rate - h), try run(last: rate)
      )
      func loss(_ theta: [Double]) -> Double {
        LawFixtures.objective(theta, penalty: rule.penalty)
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
    func open<C: LearningRateController>(_: C) throws {
      try check(try LawFixtures.rule(rule).double) { combinator.wrapped($0) as! C }
    }
    try open(combinator.wrapped(Probe([])))
  }

  /// The new direction is that of this step's factor: ⟨u_t, g_t⟩ and ‖u_t‖ times it.
  @Test(arguments: combinators) func theBaseSeesItsNewDirection(_ combinator: Combinator) throws {
    func check<C: LearningRateController>(_ control: C) throws {
      var control = control
      for step in 0..<9 {
        _ = control.decide(
          StepSignals(
            step: step, epoch: Double(step / 2), loss: 1, alignment: 3, gradientNorm: 5,
            previousDirectionNorm: 2, directionAlignment: 7, directionNorm: 4, traceAlignment: 3,
            traceNorm: 2))
        let seen = try #require(Probe.inside(control))
        // A factor that decides after the base is known to it as it was a step before.
        let late = combinator.name == "times" ? max(step - 1, 0) : step
        let factor = combinator.factor(late)
        #expect(relativeDifference(seen.newAlignments[step], 7 * factor) <= 1e-14)
        #expect(relativeDifference(seen.newNorms[step], 4 * factor) <= 1e-14)
      }
    }
    try check(combinator.wrapped(Probe([StepDecision](repeating: .step(0.5), count: 9))))
  }

  /// A skip, a retake and a restore of the base are the combinator's, with the rate times the factor that
  /// holds: the last step's for a step that is taken again.
  @Test(arguments: combinators) func decisionsPassThrough(_ combinator: Combinator) throws {
    let lines: [StepDecision] = [
      .step(0.5), .step(0.25), .retake(0.125), .skip, .step(0.5), .skip, .restore(0.25), .step(1),
    ]
    var control = combinator.wrapped(Probe(lines))
    var applied = 0
    for (step, line) in lines.enumerated() {
      let decision = control.decide(
        StepSignals(
          step: step, epoch: Double(step / 2), alignment: 1, previousDirectionNorm: 1,
          directionAlignment: 1, directionNorm: 1, traceAlignment: 1, traceNorm: 1))
      if case .step = line { applied = step }
      func times(_ rate: Double) -> Double { rate * combinator.factor(applied) }
      switch (line, decision) {
      case (.skip, .skip): break
      case (.step(let base), .step(let rate)), (.retake(let base), .retake(let rate)),
        (.restore(let base), .restore(let rate)):
        #expect(relativeDifference(rate, times(base)) <= 1e-14, "step \(step): \(decision)")
        #expect(control.learningRate == rate, "step \(step)")
      default: Issue.record("step \(step): \(line) became \(decision)")
      }
    }
  }

  /// What an optimizer asks of a controller, it asks of the one inside.
  @Test(arguments: combinators) func propertiesPassThrough(_ combinator: Combinator) {
    for flag in [false, true] {
      var probe = Probe([.step(0.5)])
      probe.alwaysSteps = flag
      probe.keepsBest = flag
      probe.keepsDirection = flag
      probe.isBest = flag
      if !combinator.showsTrace { probe.traceDecay = 0.75 }
      var control = combinator.wrapped(probe)
      #expect(
        control.needs.isSuperset(
          of: combinator.showsTrace ? [.traceAlignment, .traceNorm] : probe.needs))
      // Runs that need a trace do not advance together, which is what `alwaysSteps` is for.
      #expect(control.alwaysSteps == (flag && !combinator.showsTrace))
      #expect(control.keepsBest == flag)
      #expect(control.keepsDirection == flag)
      if !combinator.showsTrace { #expect(control.traceDecay == 0.75) }
      _ = control.decide(
        StepSignals(
          step: 0, epoch: 0, alignment: 1, previousDirectionNorm: 1, directionAlignment: 1,
          directionNorm: 1, traceAlignment: 1, traceNorm: 1))
      #expect(control.isBest == flag)
    }
  }

  /// A projection of the product is one of the base: what the combinator then says is near the rate.
  @Test(arguments: combinators) func aProjectionReachesTheBase(_ combinator: Combinator) throws {
    var control = combinator.wrapped(Probe([.step(0.5)]))
    _ = control.decide(
      StepSignals(
        step: 0, epoch: 0, alignment: 1, previousDirectionNorm: 1, directionAlignment: 1,
        directionNorm: 1, traceAlignment: 1, traceNorm: 1))
    control.project(learningRate: 0.04)
    if combinator.name == "times, from the right" {
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
    try check(try LawFixtures.rule(hyperRule).double)
  }

  /// The transition gives the applied rate's own alignment, δ apart, as in the paper.
  @Test func aTransitionSeesTheRawAlignment() {
    let transition = HypergradientTransition(to: 0.02, power: 1)
    var control = HypergradientDescent(
      initial: 0.5, hyperLearningRate: 0.25, transition: transition)
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
  var keepsBest = true
  var isBest = false
  var traceDecay = 0.0
  private var next = 0

  init(_ lines: [StepDecision]) { self.lines = lines.map { StoredDecision($0) } }

  var needs: StepSignals.Needs {
    let own: StepSignals.Needs = [.alignment, .previousDirectionNorm]
    return traceDecay > 0 ? own.union(.traceAlignment) : own
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
