internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath

/// What the laws run over: the texts of each rule and each controller of the catalogue.
enum LawFixtures {
  static let rules =
    Catalogue.standard.double.rules.flatMap(\.texts)
    + Catalogue.standard.double.ruleModifiers.flatMap(\.texts)

  static func rule<Scalar: ParameterScalar>(
    _ text: String, _: Scalar.Type = Double.self
  ) throws -> RuleOnObjective<Scalar> {
    try Catalogue.standard.rule(text)
  }

  static let controllers =
    Catalogue.standard.controllers.flatMap(\.texts)
    + Catalogue.standard.controllerModifiers.flatMap(\.texts)

  static func controller(_ text: String) throws -> any LearningRateController {
    try Catalogue.standard.controller(text)
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
    func value(_ signal: StepSignals.Signal, positive: Bool) -> Double? {
      let drawn: Double =
        switch draw.integer(below: 24) {
        case 0: .nan
        case 1: .infinity
        case 2: positive ? .infinity : -.infinity
        default: positive ? draw.uniform() : draw.normal()
        }
      return needs.contains(signal) ? drawn : nil
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

  var requirements: ControllerRequirements {
    ControllerRequirements(signals: [.alignment], alwaysSteps: false)
  }

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
