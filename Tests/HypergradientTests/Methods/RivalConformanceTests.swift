internal import Foundation
internal import Hypergradient
internal import Testing

/// Methods and rules of 2023 to 2026 against recorded runs of public code, in double precision: the
/// code and its version stand in Conformance/rivals.json beside each.
///
/// Gradients and losses are a script's, whatever the point is; line searches are on Σ hᵢxᵢ²/2 +
/// xᵢ⁴/4, hᵢ = (i + 1)/2, from three times the script's first point.
@Suite struct RivalConformanceTests {
  private struct Recorded: Decodable {
    struct Case: Decodable {
      let name, source, what: String
      let parameters: [[Double]]
    }
    let initial, losses: [Double]
    let gradients: [[Double]]
    let cases: [Case]
  }

  private static let recorded: Recorded? = {
    guard
      let url = Bundle.module.url(forResource: "Conformance/rivals", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { return nil }
    return try? JSONDecoder().decode(Recorded.self, from: data)
  }()

  @Test func everyCaseIsReproduced() throws {
    let recorded = try #require(Self.recorded)
    #expect(recorded.gradients.count == 30 && recorded.losses.count == 30)
    for item in recorded.cases {
      switch item.name {
      case "adopt": expect(item, ADOPT<Double>(beta1: 0.8, beta2: 0.9), 0.05)
      case "ademamix": expect(item, AdEMAMix<Double>(beta3: 0.99, alpha: 4), 0.02)
      case "mars":
        expect(item, MARS<Double>(beta1: 0.9, beta2: 0.95, gamma: 0.1, epsilon: 0), 0.05)
      case "cautiousLion": expect(item, Lion<Double>().cautious(), 0.03)
      case "adamg":
        let schedule = PowerLawSchedule(maximum: 1, exponent: -0.5)
        expect(item, Optimizer(AdamG<Double>(), Scheduled(schedule), parameterCount: 5))
      case "scheduleFreePlus": expect(item, ScheduleFreePlus<Double>())
      case "scheduleFreePlusAll":
        expect(
          item,
          ScheduleFreePlus<Double>(
            factor: 0.5, interpolation: 0.85, beta1: 0.8, beta2: 0.97, weightDecay: 3, power: 1.5,
            warmupSteps: 4, annealingSteps: 12))
      case "scheduleFreeRAdam":
        expect(item, ScheduleFree<Double>(.rAdam, rate: 0.05, beta2: 0.9, weightDecay: 0.1))
      case "dAdaptLion":
        expect(item, DAdaptedLion<Double>(weightDecay: 0.1, initialDistance: 0.01))
      case "trac":
        expect(
          item, TRAC(GradientDescent<Double>(), rate: 0.5, initialScale: 1e-3), tolerance: 1e-9)
      case "momoAdam": expect(item, MoMoAdam<Double>(maximum: 0.2))
      case "momoAdamAdapting":
        expect(item, MoMoAdam<Double>(maximum: 0.3, lowerBound: -0.5, adapting: true))
      case "momoAdapting":
        expect(item, MoMo<Double>(maximum: 0.3, lowerBound: -0.5, adapting: true))
      case "yellowFin":
        expect(item, YellowFin<Double>(initial: 0.05, decay: 0.9), tolerance: 1e-9)
      case "ponos":
        expectOnObjective(item, PoNoS<Double>(scale: 0.05), tolerance: 1e-9)
      case "salsa": expectOnObjective(item, SaLSA(Adam<Double>()), tolerance: 1e-9)
      default: Issue.record("'\(item.name)' is not checked")
      }
    }
    #expect(recorded.cases.count == 16)
  }

  private func expect<R: UpdateRule<Double>>(_ item: Recorded.Case, _ rule: R, _ rate: Double) {
    expect(item, Optimizer(rule, ConstantRate(rate), parameterCount: 5))
  }

  private func expect<M: TrainingMethod<Double>>(
    _ item: Recorded.Case, _ made: M, tolerance: Double = 1e-12
  ) {
    guard let recorded = Self.recorded else { return }
    var step = 0
    let oracle = FunctionOracle<Double>(parameterCount: 5) { _, gradient, _ in
      for i in 0..<5 { gradient[i] = recorded.gradients[step][i] }
      return recorded.losses[step]
    }
    compare(item, made, from: recorded.initial, oracle, tolerance) { step = $0 }
  }

  private func expectOnObjective<M: TrainingMethod<Double>>(
    _ item: Recorded.Case, _ made: M, tolerance: Double
  ) {
    guard let recorded = Self.recorded else { return }
    let oracle = FunctionOracle<Double>(parameterCount: 5) { point, gradient, _ in
      var loss = 0.0
      for i in 0..<5 {
        let (x, h) = (point[i], Double(i + 1) / 2)
        gradient[i] = h * x + x * x * x
        loss += h * x * x / 2 + x * x * x * x / 4
      }
      return loss
    }
    compare(item, made, from: recorded.initial.map { 3 * $0 }, oracle, tolerance) { _ in }
  }

  /// Every step's parameters, to the tolerance of the largest.
  private func compare<M: TrainingMethod<Double>>(
    _ item: Recorded.Case, _ made: M, from initial: [Double], _ oracle: FunctionOracle<Double>,
    _ tolerance: Double, before: (Int) -> Void
  ) {
    var (method, theta, oracle) = (made, initial, oracle)
    method.begin(at: theta)
    for (step, expected) in item.parameters.enumerated() {
      before(step)
      method.step(&theta, &oracle)
      let largest = expected.map(abs).max() ?? 1
      let difference = zip(theta, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(
        difference <= tolerance * largest,
        "\(item.name) of \(item.source), step \(step): \(theta), recorded \(expected)")
      if difference > tolerance * largest { return }
    }
  }
}
