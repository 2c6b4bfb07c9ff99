import Hypergradient
import HypergradientTraining
import Testing

/// Any number of steps may be asked for.
@Suite struct TrainerEndTests {
  private struct StopFrom: TrainingCallback {
    var step: Int
    mutating func stepped(_ context: inout TrainingContext) {
      if context.step >= step { context.stop("asked") }
    }
  }

  @Test(arguments: [1, 2, 7], ["adam + constant(0.1)", "prodigy()", "armijo(adam, initial: 0.1)"])
  func trainingWithoutAnEndRuns(_ accumulation: Int, _ text: String) throws {
    var options = TrainingOptions()
    options.accumulation = accumulation
    for last in [Int.max, Int.max - 1, 1 << 53] {
      var trainer = try TrainingTexts.trainer(text, Double.self, options: options)
      // Armijo's steps cost more than one gradient.
      for end in [20, 40] {
        trainer.callbacks = [StopFrom(step: end)]
        #expect(try trainer.run(toStep: last) == .stopped("asked"))
        #expect(trainer.step >= end && trainer.step < end + 10)
      }
      try trainer.check(toStep: last)
    }
  }

  @Test func noStepsAreDone() throws {
    var trainer = try TrainingTexts.trainer("adam + constant(0.1)", Double.self)
    for last in [Int.min, -5, 0] {
      try trainer.check(toStep: last)
      #expect(try trainer.run(toStep: last) == .finished && trainer.step == 0)
    }
    try trainer.run(toStep: 4)
    #expect(try trainer.run(toStep: .min) == .finished && trainer.step == 4)
  }
}
