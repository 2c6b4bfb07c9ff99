import Hypergradient
import HypergradientCatalogue
import HypergradientTraining
import Testing

/// Rates that callbacks set and scale.
@Suite struct GroupRateTests {
  /// What it does after steps.
  private struct Steering: TrainingCallback {
    let acts: [Int: (inout TrainingContext) -> Void]
    mutating func stepped(_ context: inout TrainingContext) { acts[context.step]?(&context) }
  }

  /// The rates of 30 steps, from the first on.
  private func rates(
    _ text: String, within bounds: ClosedRange<Double>? = nil, keepsBest: Bool = false,
    _ acts: [Int: (inout TrainingContext) -> Void]
  ) throws -> [Double] {
    let problem = NoisyBowl<Double>()
    var options = TrainingOptions()
    options.keepsBest = keepsBest
    var trainer = try Trainer(
      problem, from: problem.start,
      groups: [
        TrainingGroup("all", 0..<6, AnyOptimizer(text, parameterCount: 6), within: bounds)
      ], options: options)
    trainer.callbacks = [Steering(acts: acts)]
    var rates: [Double] = []
    for _ in 0..<30 {
      _ = try trainer.advance(toStep: 30)
      rates.append(trainer.learningRates[0])
    }
    return rates
  }

  static let learning = [
    "hypergradient(initial: 0.05, hyperLearningRate: 1e-3)",
    "plateau(initial: 0.05, reduce: .by(0.5, after: 3))", "constant(0.05)",
    "traceAligned(initial: 0.05, steps: 30)",
    "newBob(initial: 0.05)", "hypergradient(initial: 0.05, hyperLearningRate: 1e-3).late()",
  ].filter { (try? Catalogue.standard.controller($0)) != nil }

  /// Whatever callbacks ask for, a controller that is clamped stays so.
  @Test(
    arguments: learning + [
      "scheduled(cosine(from: 0.2, to: 0, over: 30))",
      "gated(geometric(from: 0.1, factor: 0.9), after: 1)",
    ], [0.05...0.1, 0...0.1, 0.1...0.1])
  func clampsHold(_ text: String, _ clamp: ClosedRange<Double>) throws {
    let whole = "sgd + \(text).clamped(to: \(clamp.lowerBound)...\(clamp.upperBound))"
    let asked = try rates(
      whole,
      [
        2: { $0.setRate(0.2) }, 4: { $0.setRate(0) }, 6: { $0.setRate(1e9) },
        9: { $0.scaleRates(by: 2) }, 12: { $0.scaleRates(by: 1e-3) },
        15: { $0.scaleRates(by: 1e6) },
        18: { $0.setRate(0.07) }, 21: { $0.setRate(0) }, 24: { $0.setRate(0.08) },
      ])
    #expect(asked.allSatisfy { clamp.contains($0) }, "\(text): \(asked)")
  }

  /// At its cap a controller does not follow beyond it, and is not bound to it: what is set below is
  /// taken.
  @Test func aRateAtItsCapIsSet() throws {
    for text in Self.learning {
      let found = try rates(
        "sgd + \(text).clamped(to: 0.05...0.1)",
        [2: { $0.setRate(1) }, 3: { $0.setRate(0) }, 4: { $0.setRate(0.07) }])
      #expect(found[1] == 0.1 && found[2] == 0.05 && found[3] == 0.07, "\(text): \(found)")
    }
    // Keras' way, from the cap.
    let problem = NoisyBowl<Double>()
    var trainer = try Trainer(
      problem, from: problem.start,
      with: AnyOptimizer(
        "sgd + hypergradient(initial: 0.09, hyperLearningRate: 1e-3).clamped(to: 0...0.1)",
        parameterCount: 6))
    trainer.callbacks = [LearningRateCallback { _, rate in rate * 1.5 }]
    try trainer.run(toEpoch: 4)
    #expect(trainer.history.allSatisfy { $0.learningRates[0] <= 0.1 })
  }

  /// A schedule follows nothing, clamped or limited or not: it is scaled from there on.
  @Test(arguments: [
    "", ".clamped(to: 0.001...1)", ".limitedGrowth(to: 9)",
    ".clamped(to: 0...1).clamped(to: 0...2)",
  ])
  func aScheduleIsScaled(_ around: String) throws {
    let text = "sgd + scheduled(linear(from: 0.4, to: 0.2, over: 40))\(around)"
    let plain = try rates(text, [:])
    let set = try rates(text, [10: { $0.setRate($0.groups[0].learningRate / 2) }])
    #expect(set[9] == plain[9] / 2)
    for (a, b) in zip(set[10...], plain[10...]) { #expect(abs(a - b / 2) < 1e-15) }
  }

  /// 0 is a rate: a schedule stays there until another is set, whatever scales it and whatever it goes
  /// back to, and then is where it would have been.
  @Test func aScheduleIsStopped() throws {
    let text = "adam + scheduled(linear(from: 0.4, to: 0.2, over: 40))"
    let plain = try rates(text, [:])
    let stopped = try rates(
      text, keepsBest: true,
      [
        12: { $0.setRate(0) }, 14: { $0.scaleRates(by: 3) }, 16: { $0.rollBack() },
        20: { $0.setRate(0.05) },
      ])
    #expect(stopped[..<11] == plain[..<11])
    #expect(stopped[11..<19].allSatisfy { $0 == 0 }, "\(stopped)")
    #expect(abs(stopped[19] - 0.05) < 1e-15, "\(stopped)")
    #expect(stopped[20...].allSatisfy { $0 > 0.02 && $0 < 0.06 }, "\(stopped)")
    // A group's bound holds, too.
    let bounded = try rates(text, within: 0.01...1, [12: { $0.setRate(0) }])
    #expect(bounded[11...].allSatisfy { $0 == 0.01 })
  }

  /// Only a controller with a rate of its own says that it takes one, and what is around it says the same.
  @Test(arguments: Catalogue.standard.controllers.flatMap(\.texts))
  func whatTakesARateGoesOnFromIt(_ text: String) throws {
    let controller = try Catalogue.standard.controller(text, variables: ["steps": 100])
    let follows = ["scheduled", "gated", "polyak", "alig", "l4", "ngn", "decSPS"].allSatisfy {
      !text.hasPrefix($0)
    }
    #expect(controller.takesRate == follows, "\(text)")
    for around in ["clamped(to: 0...1e9)", "limitedGrowth(to: 2)", "frozen(after: 3)"] {
      let whole = try Catalogue.standard.controller("\(text).\(around)", variables: ["steps": 100])
      #expect(whole.takesRate == follows, "\(text).\(around)")
    }
  }
}
