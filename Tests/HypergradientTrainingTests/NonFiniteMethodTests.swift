import Hypergradient
import HypergradientTraining
import Testing

/// A step of a training method with numbers that are not finite is skipped as one of groups is.
@Suite struct NonFiniteMethodTests {
  /// Batches with a gradient, or a loss, that is NaN.
  private struct Faulty: TrainingProblem {
    var base = NoisyBowl<Double>(noise: 0)
    var gradients: Set<Int> = []
    var losses: Set<Int> = []
    var parameterCount: Int { base.parameterCount }
    var batchesPerEpoch: Int? { nil }

    mutating func gradient(
      at point: UnsafeBufferPointer<Double>, batch: Int, draw: Int,
      into gradient: UnsafeMutableBufferPointer<Double>
    ) -> Double {
      let loss = base.gradient(at: point, batch: batch, draw: draw, into: gradient)
      if gradients.contains(batch) { gradient[1] = .nan }
      return losses.contains(batch) ? .nan : loss
    }
  }

  private func trainer(
    _ problem: Faulty, _ text: String, _ change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> Trainer<Faulty> {
    var options = TrainingOptions()
    change(&options)
    let start = problem.base.start
    if let method = try TrainingTexts.method(text) {
      return try Trainer(problem, from: start, method: method, options: options)
    }
    // A rule and a controller as a method.
    let method = Optimizer(Adam<Double>(), ConstantRate(0.1), parameterCount: start.count)
    return try Trainer(problem, from: start, method: method, options: options)
  }

  /// Steps that ask once: what follows a bad batch is as if there had been none.
  @Test(arguments: [
    "adam + constant(0.1)", "prodigy()", "dog()", "byGroup(adam, rate: constant(0.1))",
    "scheduleFreeSGD(rate: 0.1)", "trac(adam, rate: 0.01)", "dog().averaged()",
  ])
  func badBatchesAreSkipped(_ text: String) throws {
    for isGradient in [true, false] {
      var problem = Faulty()
      var plain = try trainer(problem, text)
      try plain.run(toStep: 26)
      let bad: Set = [3, 4, 11, 20]
      if isGradient { problem.gradients = bad } else { problem.losses = bad }
      var faulty = try trainer(problem, text)
      try faulty.run(toStep: 30)
      #expect(faulty.skippedSteps == 4 && faulty.step == 30, "\(text), \(isGradient)")
      #expect(faulty.parameters == plain.parameters, "\(text), \(isGradient)")
      #expect(faulty.learningRates == plain.learningRates)
    }
  }

  /// Skipped steps in a row end a training, with the parameters before them; of any method.
  @Test(arguments: TrainingTexts.methods) func trainingThatIsLostEnds(_ text: String) throws {
    for isGradient in [true, false] {
      var problem = Faulty()
      if isGradient { problem.gradients = Set(12..<400) } else { problem.losses = Set(12..<400) }
      var trainer = try trainer(problem, text) { $0.mostSkippedInARow = 5 }
      var before = trainer.parameters
      while trainer.skippedSteps == 0, try trainer.advance(toStep: 300) {
        if trainer.skippedSteps == 0 { before = trainer.parameters }
      }
      guard case .lost = try trainer.run(toStep: 300) else {
        Issue.record("\(text), \(isGradient): \(String(describing: trainer.ending))")
        continue
      }
      #expect(trainer.skippedSteps == 5 && trainer.parameters == before, "\(text), \(isGradient)")
      #expect(trainer.parameters.allSatisfy { $0.isFinite })
    }
  }

  /// Passed, a gradient that is not finite is the method's own affair, and a loss ends the training.
  @Test func whatIsPassedIsSeen() throws {
    var problem = Faulty()
    problem.gradients = [5]
    var passed = try trainer(problem, "prodigy()") { $0.nonFinite = .pass }
    try passed.run(toStep: 10)
    #expect(passed.skippedSteps == 0 && passed.method?.stepCounts.skipped == 1)
    problem.losses = [7]
    passed = try trainer(problem, "prodigy()") { $0.nonFinite = .pass }
    guard case .lost = try passed.run(toStep: 10) else {
      Issue.record("\(String(describing: passed.ending))")
      return
    }
    #expect(passed.step == 8)
  }
}
