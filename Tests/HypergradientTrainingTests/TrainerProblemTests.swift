import Dispatch
import Hypergradient
import HypergradientCatalogue
import HypergradientRecipes
import HypergradientTraining
import Testing

/// The problem of a training may be changed, and copies of a trainer have nothing in common.
@Suite struct TrainerProblemTests {
  private typealias Bowl = NoisyBowl<Double>

  private func trainer(
    _ problem: NoisyBowl<Double> = NoisyBowl()
  ) throws -> Trainer<NoisyBowl<Double>> {
    try Trainer(
      problem, from: problem.start, with: AnyOptimizer("adam + constant(0.1)", parameterCount: 6))
  }

  @Test func aProblemOfAnotherShapeIsRefused() throws {
    let changes: [(String, (inout NoisyBowl<Double>) -> Void)] = [
      ("2000 parameters, and the training 6", { $0.parameterCount = 2000 }),
      ("1 parameters, and the training 6", { $0.parameterCount = 1 }),
      ("0 batches an epoch, and the training 5", { $0.batchesPerEpoch = 0 }),
      ("10 batches an epoch, and the training 5", { $0.batchesPerEpoch = 10 }),
      ("no epochs, and the training 5", { $0.batchesPerEpoch = nil }),
      ("no validation, and the training one", { $0.hasValidation = false }),
    ]
    for (words, change) in changes {
      for steps in [0, 3, 5] {
        var trainer = try trainer()
        for _ in 0..<steps { _ = try trainer.advance(toStep: 5) }
        if steps == 5 { #expect(try !trainer.advance(toStep: 5)) }
        let (before, rows) = (trainer.parameters, trainer.history)
        let good = trainer.problem
        change(&trainer.problem)
        for ask in [
          { _ = try trainer.advance(toStep: 20) }, { try trainer.check(toStep: 20) },
          { try trainer.run(toEpoch: 4) },
        ] as [() throws -> Void] {
          let fault = try #require(throws: Refusal.self) { try ask() }
          #expect("\(fault)".contains(words) && !"\(fault)".contains("\n"), "\(fault)")
        }
        #expect(trainer.parameters == before && trainer.history == rows && trainer.step == steps)
        #expect(trainer.epoch == Double(steps) / 5)
        trainer.problem = good
        try trainer.run(toStep: 20)
        var plain = try self.trainer()
        try plain.run(toStep: 20)
        #expect(trainer.parameters == plain.parameters)
      }
    }
  }

  /// Another problem of the same shape goes on.
  @Test func anotherProblemGoesOn() throws {
    var (trainer, other) = (try trainer(), try trainer())
    try trainer.run(toStep: 5)
    try other.run(toStep: 5)
    trainer.problem.noise = 0
    try trainer.run(toStep: 10)
    try other.run(toStep: 10)
    #expect(trainer.parameters != other.parameters && trainer.parameters.allSatisfy(\.isFinite))
  }

  private final class Results: @unchecked Sendable {
    let trainers: [Trainer<NoisyBowl<Double>>]
    let parameters: UnsafeMutableBufferPointer<[Double]>
    init(_ trainers: [Trainer<NoisyBowl<Double>>]) {
      self.trainers = trainers
      parameters = .allocate(capacity: trainers.count)
      parameters.initialize(repeating: [])
    }
    deinit {
      parameters.deinitialize()
      parameters.deallocate()
    }
  }

  /// A copy that steps while a gradient is written leaves that gradient alone.
  @Test func aCopyHasAGradientOfItsOwn() throws {
    var waiting: [Trainer<FunctionProblem<Double>>] = []
    let problem = FunctionProblem<Double>(parameterCount: 2) { x, _, gradient in
      for i in 0..<2 { gradient[i] = x[i] }
      if var other = waiting.popLast() { _ = try? other.advance(toStep: 100) }
      return 1
    }
    func made() throws -> Trainer<FunctionProblem<Double>> {
      var trainer = try Trainer(
        problem, from: [4, -2], with: AnyOptimizer("sgd + constant(0.1)", parameterCount: 2))
      try trainer.run(toStep: 2)
      return trainer
    }
    var (trainer, alone) = (try made(), try made())
    var copy = trainer
    try copy.run(toStep: 9)
    waiting = [copy]
    try trainer.run(toStep: 3)
    try alone.run(toStep: 3)
    #expect(waiting.isEmpty && trainer.parameters == alone.parameters)
  }

  /// Copies train at the same time as each of them alone.
  @Test(arguments: ["adam + constant(0.01)", "dog()", "prodigy().clamped(to: 0...0.1)"])
  func copiesTrainAtTheSameTime(_ text: String) throws {
    var problem = NoisyBowl<Double>()
    problem.parameterCount = 64
    let problemOfAll = problem
    func made() throws -> Trainer<NoisyBowl<Double>> {
      switch try TrainingTexts.method(text) {
      case nil:
        return try Trainer(
          problemOfAll, from: problemOfAll.start,
          with: AnyOptimizer(text, parameterCount: 64))
      case let method?:
        return try Trainer(problemOfAll, from: problemOfAll.start, method: method)
      }
    }
    var first = try made()
    try first.run(toStep: 3)
    let results = Results(Array(repeating: first, count: 4))
    try first.run(toStep: 150)
    DispatchQueue.concurrentPerform(iterations: 4) { place in
      var copy = results.trainers[place]
      _ = try? copy.run(toStep: 150)
      results.parameters[place] = copy.parameters
    }
    for parameters in results.parameters { #expect(parameters == first.parameters) }
  }
}
