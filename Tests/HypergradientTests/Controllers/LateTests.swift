internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Testing

/// Controllers that decide one step late.
@Suite struct LateTests {
  /// Those of the catalogue that can be late.
  private static let texts = LawFixtures.controllers.filter { text in
    func canBeLate<C: LearningRateController>(_ controller: C) -> Bool {
      Late<C>.fault(controller) == nil
    }
    guard let controller = try? LawFixtures.controller(text) else { return false }
    return canBeLate(controller)
  }

  @Test func thereAreSomeAndOthers() throws {
    #expect(Self.texts.count > 20 && Self.texts.count < LawFixtures.controllers.count)
    #expect(!Self.texts.contains("traceAligned(initial: 0.1, steps: 80)"))
  }

  /// On the same signals its decisions are the base's, one step later; also after a checkpoint.
  @Test(arguments: texts) func itIsTheBaseAStepLater(_ text: String) throws {
    func check<C: LearningRateController>(_ base: C) throws {
      var (prompt, late) = (base, base.late())
      let first = base.learningRate
      var draw = RandomStream(RandomKey("tests.laws.late"))
      var expected = StepDecision.step(first)
      for step in 0..<60 {
        let signals = LawFixtures.signals(step, base.needs, &draw)
        #expect(late.decide(signals) == expected, "step \(step)")
        expected = prompt.decide(signals)
        if step % 20 == 7 {
          late = try JSONDecoder().decode(
            Late<C>.self, from: JSONEncoder().encode(late))
        }
      }
    }
    try check(try LawFixtures.controller(text))
  }

  /// The same fixed points on a quadratic: at a minimum the rate stays, whatever it is, for the prompt
  /// and for the late; elsewhere it moves for both; and where one has come to rest, the other goes on at
  /// rest.
  @Test(arguments: [0.05, 0.2, 0.4], [HypergradientForm.additive, .multiplicative])
  func theFixedPointsAreTheSame(_ rate: Double, _ form: HypergradientForm) {
    let curvatures = [1.0, 2, 0.5, 3]
    func gradient(_ x: [Double]) -> [Double] { zip(curvatures, x).map { $0 * $1 } }
    let beta = form == .additive ? 1e-4 : 1e-3
    let base = HypergradientDescent(initial: rate, hyperLearningRate: beta, form: form)

    func run<C: LearningRateController>(
      _ controller: C, from start: [Double], steps: Int
    ) -> (theta: [Double], rates: [Double], optimizer: Optimizer<GradientDescent<Double>, C>) {
      var optimizer = Optimizer(GradientDescent<Double>(), controller, parameterCount: 4)
      var (theta, rates) = (start, [Double]())
      for _ in 0..<steps {
        optimizer.step(&theta, gradient: gradient(theta))
        rates.append(optimizer.learningRate)
      }
      return (theta, rates, optimizer)
    }
    let rest = [Double](repeating: 0, count: 4)
    #expect(run(base, from: rest, steps: 50).rates.allSatisfy { $0 == rate })
    #expect(run(base.late(), from: rest, steps: 50).rates.allSatisfy { $0 == rate })
    let start = [1.0, -2, 0.5, 1]
    let (prompt, late) = (
      run(base, from: start, steps: 20_000), run(base.late(), from: start, steps: 20_000)
    )
    #expect(prompt.rates[5] != rate && late.rates[5] != rate)
    #expect(prompt.rates[5] != late.rates[5])
    guard form == .additive else { return }
    // Both have come to a minimum, and rest there.
    for (theta, rates) in [(prompt.theta, prompt.rates), (late.theta, late.rates)] {
      #expect(theta.allSatisfy { abs($0) < 1e-100 })
      let reached = rates[19_999]
      #expect(rates[5000...].allSatisfy { $0 == reached })
      let there = HypergradientDescent(initial: reached, hyperLearningRate: beta, form: form)
      #expect(run(there, from: theta, steps: 100).rates.allSatisfy { $0 == reached })
      #expect(run(there.late(), from: theta, steps: 100).rates.allSatisfy { $0 == reached })
    }
  }

  @Test func damagedSignalsAreRefused() throws {
    var late = HypergradientDescent(initial: 0.1, hyperLearningRate: 0.1).late()
    _ = late.decide(StepSignals(step: 0, alignment: 1))
    let text = String(decoding: try JSONEncoder().encode(late), as: UTF8.self)
    for (from, to) in [
      ("\"passed\":[0]", "\"passed\":[1]"), ("\"passed\":[0]", "\"passed\":[77]"),
      ("\"passed\":[0]", "\"passed\":[0,0]"), ("\"numbers\":[1]", "\"numbers\":[]"),
      ("\"step\":0", "\"step\":-1"),
    ] {
      let damaged = text.replacingOccurrences(of: from, with: to)
      #expect(damaged != text, "\(from)")
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(type(of: late), from: Data(damaged.utf8))
      }
    }
  }
}
