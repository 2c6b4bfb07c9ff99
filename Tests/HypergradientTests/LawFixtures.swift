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
  ]

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
