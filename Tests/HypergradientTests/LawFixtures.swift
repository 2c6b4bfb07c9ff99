internal import Foundation
internal import Hypergradient
internal import PortableMath

/// What the laws run over: every rule and every controller that a text can name, and combinations.
enum LawFixtures {
  /// Texts of rules; the law tests assert that each rule of the catalogue is among them.
  static let rules = [
    "sgd", "heavyBall(momentum: 0.8, dampening: 0.1)", "nesterov(momentum: 0.7)", "adagrad",
    "rmsprop(decay: 0.9)", "adam",
    "adam(epsilon: 1e-3, epsilonPlace: .onUncorrectedRoot)", "clipByNorm(0.5)", "weightDecay(0.1)",
    "clipByNorm(0.5).then(adam)", "heavyBall.then(adam)", "adam.then(weightDecay(0.05))",
    "nesterov.penalized(by: 0.2)",
    "clipByNorm(0.7).then(heavyBall).penalized(by: 0.1)",
    "heavyBall.varying(.momentum, by: oneCycleMomentum(over: 8))",
    "adam.varying(.beta1, by: linear(from: 0.95, to: 0.7, over: 6)).then(weightDecay(0.05))",
    "adadelta(decay: 0.8, epsilon: 0.01)",
    "centeredRMSProp(decay: 0.9)",
    "centeredRMSProp(decay: 0.8).then(heavyBall(momentum: 0.5))",
    "amsgrad(beta2: 0.9)",
    "amsgrad(beta2: 0.9, biasCorrection: .none)",
    "adamw(beta1: 0.8, weightDecay: 0.1)",
    "nadam",
    "nadam(form: .pyTorch)",
    "radam(beta2: 0.99)",
    "radam(threshold: 4)",
    "adamax(beta2: 0.8)",
    "adabelief(beta2: 0.9, epsilon: 1e-8)",
    "yogi(beta2: 0.9)",
    "yogi(beta2: 0.9, form: .optax)",
    "lion(beta1: 0.6, beta2: 0.8)",
    // Steps of 0.2, so that signs turn within a few.
    "deltaBarDelta(initialRate: 4, increase: 0.5, decrease: 0.4)",
    "rprop(initialStep: 4)",
    "rprop(initialStep: 4, variant: .minus)",
    "rprop(initialStep: 4, variant: .plus)",
    "rprop(initialStep: 20, variant: .improvedPlus)",
    "almeida(initialRate: 2, metaRate: 0.1)",
    "idbd(initialRate: 2, metaRate: 0.1)",
    "idbd(initialRate: 2).varying(.metaRate, by: linear(from: 0.5, to: 0.1, over: 9))",
    "autostep(initialRate: 4, metaRate: 0.1)",
    "autostep(initialRate: 4, metaRate: 0.1).penalized(by: 0.1)",
    "autostep(initialRate: 4, metaRate: 0.2).then(weightDecay(0.1))",
    "adam(beta1: 0.7).maximizing()",
    "nadam(beta2: 0.9).then(weightDecay(0.1)).penalized(by: 0.2).maximizing()",
  ]

  static func rule(_ text: String) throws -> RulePair { try SpecReader(text).rule() }

  /// Controllers under the names of the catalogue's recipes, and combinations under other names.
  static let controllers: [String: any LearningRateController] = [
    "constant": Constant(0.1),
    "scheduled": Scheduled(.cosine(from: 0.1, to: 0.01, over: 50)),
    "scheduled in epochs": Scheduled(.stepDecay(from: 0.1, every: 1, factor: 0.5), in: .epochs),
    "hypergradient": HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01),
    "multiplicative": HypergradientDescent(
      initial: 0.1, hyperLearningRate: 0.05, form: .multiplicative, within: 1e-4...1),
    "transition": HypergradientDescent(
      initial: 0.1, hyperLearningRate: 0.01, transition: HypergradientTransition(to: 0.02)),
    "hypergradientTower": HypergradientDescent(
      initial: 0.1, by: Adam(), HypergradientDescent(initial: 1e-3, hyperLearningRate: 1e-4)),
    "plateau": Plateau(
      initial: 0.1, reduce: .by(0.5, after: 3), increase: .by(1.5, after: 2), within: 1e-4...1),
    "plateau of losses": Plateau(
      initial: 0.1, reduce: .by(0.5, after: 2), increase: .by(3, afterReductions: 2),
      within: 1e-4...1, watching: .loss(averagedOver: 2)),
    "scaled": HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01)
      .scaled(by: .linearWarmup(over: 20)),
    "hypergradientTower of three": HypergradientDescent(
      initial: 0.1, by: GradientDescent(),
      HypergradientDescent(
        initial: 1e-3, by: GradientDescent(),
        HypergradientDescent(initial: 1e-4, hyperLearningRate: 1e-6))),
    "plateau stuck": Plateau(
      initial: 0.1, reduce: .by(0.5, after: 4), increase: .by(1.5, whenStuckFor: 6), cooldown: 2),
    "unbounded plateau": Plateau(initial: 0.1, increase: .by(10, after: 1)),
    "scaled past the largest number": Constant(0.2).scaled(
      by: .linear(from: 1, to: 1e308, over: 40)
    ).scaled(by: .constant(100)),
    "polyak": PolyakRate(maximum: 0.5),
    "alig": PolyakRate(maximum: 0.3, scale: 1, offset: 1e-5),
    "l4": LinearizedLoss(),
    "clamped": HypergradientDescent(initial: 0.1, hyperLearningRate: 0.05).clamped(to: 0.05...0.2),
    "plateau from the best": Plateau(
      initial: 0.1, reduce: .by(0.7, after: 2, from: .best), increase: .by(3, whenStuckFor: 9),
      within: 1e-4...1, watching: .loss(averagedOver: 2)),
    "plateau against the previous": Plateau(
      initial: 0.1, reduce: .by(0.5, after: 3), increase: .by(1.9, after: 2), within: 1e-4...1,
      against: .previous),
    "plateau against an average": Plateau(
      initial: 0.1, reduce: .by(0.4, after: 3), increase: .by(2.1, after: 2), within: 1e-4...1,
      against: .average(keeping: 0.8)),
    "plateau against a slope": Plateau(
      initial: 0.1, reduce: .by(0.6, after: 1), increase: .by(1.7, after: 1), within: 1e-4...1,
      comparing: .relative(0.01), against: .slope(over: 4), cooldown: 1),
    "greedy": GreedyRate(
      initial: 0.1, factor: 0.8, patience: 2, smoothedOver: 3, cooldown: 1, warmup: 1,
      restartAfter: 3),
    "boldDriver": BoldDriver(initial: 0.1, within: 1e-6...10),
    "newBob": NewBob(initial: 0.1, factor: 0.9, patience: 1),
    "gated": Gated(.cosine(from: 0.1, to: 0.01, over: 20), after: 2, from: .best),
    "torchPlateau": Plateau.pyTorch(initial: 0.1, factor: 0.8, patience: 2, cooldown: 1),
    "kerasPlateau": Plateau.keras(initial: 0.1, factor: 0.85, patience: 2, cooldown: 2),
    "optaxPlateau": Plateau.optax(
      initial: 0.1, factor: 0.8, patience: 2, atol: 0.01, accumulationSize: 2, minScale: 1e-3),
    "fastaiPlateau": Plateau.fastai(initial: 0.1, factor: 1.5, patience: 2, minLr: 1e-3),
    "transformersGreedy": GreedyRate.transformers(
      initial: 0.1, factor: 0.7, patience: 1, warmup: 1, resetStart: 4),
    "speechbrainNewBob": NewBob.speechBrain(initialValue: 0.1, annealingFactor: 0.95, patient: 1),
    "times": HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01)
      .times(Plateau(initial: 1, reduce: .by(0.5, after: 3, from: .best), within: 0.01...1)),
    "times, with a step back": BoldDriver(initial: 0.1, within: 1e-6...10)
      .times(Plateau(initial: 1, reduce: .by(0.5, after: 3, from: .best), within: 0.01...1)),
    "warmedUp": BoldDriver(initial: 0.1, within: 1e-6...10).warmedUp(over: 9),
    "scaled in epochs": Plateau(
      initial: 0.1, reduce: .by(0.5, after: 3), within: 1e-4...1,
      watching: .loss(averagedOver: 1)
    ).scaled(by: .stepDecay(from: 1, every: 2, factor: 0.5), in: .epochs),
    "traceAligned": TraceAlignedRate(initial: 0.1, steps: 80),
    "traceAligned, never restoring": TraceAlignedRate(
      initial: 3, steps: 1_000_000, constants: traceAlignedConstants { $0.restoring = .never }),
    "guardedByTrace": HypergradientDescent(
      initial: 0.1, hyperLearningRate: 0.05, form: .multiplicative
    ).guardedByTrace(),
    "guardedByTrace additive": HypergradientDescent(initial: 0.1, hyperLearningRate: 0.01)
      .scaled(by: .linearWarmup(over: 20)).guardedByTrace(share: 0.2, atLeast: 3),
  ]

  /// The bounds of the rates, for the controllers that have some; those of a controller with `bounds`
  /// of its own are known, and need not be here.
  static let bounds: [String: ClosedRange<Double>] = [
    "constant": 0.1...0.1,
    "scheduled": 0.01...0.1,
    "scheduled in epochs": 0...0.1,
    "polyak": 0...0.5,
    "alig": 0...0.3,
    "gated": 0.01...0.1,
    "transformersGreedy": 1e-3...1,
    "optaxPlateau": 1e-4...0.1,
    "fastaiPlateau": 1e-3...0.1,
    "torchPlateau": 0...0.1,
    "kerasPlateau": 0...Double(Float(0.1)),
    "newBob": 0...0.1,
    "speechbrainNewBob": 0...0.1,
    "times, with a step back": 1e-8...10,
    "warmedUp": 1e-7...10,
    "scaled in epochs": 0...1,
  ]

  static func traceAlignedConstants(
    _ change: (inout TraceAlignedRate.Constants) -> Void
  ) -> TraceAlignedRate.Constants {
    var constants = TraceAlignedRate.Constants()
    change(&constants)
    return constants
  }

  /// Σ ½hᵢxᵢ² + ¼xᵢ⁴ + (λ/2)xᵢ², and the gradient of the first two: neither quadratic nor isotropic.
  static func objective(_ theta: [Double], penalty: Double) -> Double {
    var sum = 0.0
    for (i, x) in theta.enumerated() {
      sum += (0.5 * curvature(i) + 0.25 * x * x + 0.5 * penalty) * x * x
    }
    return sum
  }

  static func gradient<Scalar: ParameterScalar>(_ theta: [Scalar]) -> [Scalar] {
    theta.enumerated().map { i, x in Scalar(curvature(i)) * x + x * x * x }
  }

  private static func curvature(_ i: Int) -> Double { 0.25 + 0.5 * Double(i % 7) }

  static func start<Scalar: ParameterScalar>(_ count: Int, _: Scalar.Type = Double.self)
    -> [Scalar]
  {
    var draw = RandomStream(RandomKey("tests.laws.start"))
    return (0..<count).map { _ in Scalar(2 * draw.uniform() - 1) }
  }

  /// Signals of one step, those that are needed; one in eight is NaN or infinite.
  static func signals(
    _ step: Int, _ needs: StepSignals.Needs, _ draw: inout RandomStream
  ) -> StepSignals {
    func value(_ need: StepSignals.Needs, positive: Bool) -> Double? {
      let drawn: Double =
        switch draw.integer(below: 24) {
        case 0: .nan
        case 1: .infinity
        case 2: positive ? .infinity : -.infinity
        default: positive ? draw.uniform() : draw.normal()
        }
      return needs.contains(need) ? drawn : nil
    }
    return StepSignals(
      step: step, epoch: needs.contains(.epoch) ? Double(step) / 10 : nil,
      loss: value(.loss, positive: true), metric: value(.metric, positive: true),
      alignment: value(.alignment, positive: false),
      gradientNorm: value(.gradientNorm, positive: true),
      previousDirectionNorm: value(.previousDirectionNorm, positive: true),
      directionAlignment: value(.directionAlignment, positive: false),
      directionNorm: value(.directionNorm, positive: true),
      previousDirectionAlignment: value(.previousDirectionAlignment, positive: false),
      traceAlignment: value(.traceAlignment, positive: false),
      traceNorm: value(.traceNorm, positive: true))
  }

  /// Encoded as JSON and decoded again.
  static func coded<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }
}

/// Does what it was told at each step, and remembers the alignments that it saw.
struct Script: LearningRateController, Equatable {
  enum Line: Codable, Equatable {
    case step(Double)
    case skip
    case retake(Double)
  }

  var lines: [Line]
  var alignments: [Double] = []
  var learningRate = 0.0
  private var next = 0

  init(_ lines: [Line]) { self.lines = lines }

  var needs: StepSignals.Needs { .alignment }

  mutating func decide(_ signals: StepSignals) -> StepDecision {
    alignments.append(signals.alignment)
    defer { next += 1 }
    switch lines[next] {
    case .step(let rate):
      learningRate = rate
      return .step(rate)
    case .skip: return .skip
    case .retake(let rate):
      learningRate = rate
      return .retake(rate)
    }
  }
}
