public import Hypergradient
internal import HypergradientRecipes
internal import HypergradientTraining
public import Tasks

/// Trains every method on one seed, which names the start and the order of the examples; or from the
/// reference code's start in its order, which is then logged as seed 0.
///
/// Methods advance together through blocks of steps, whose minibatches are drawn once for all.
public func train(
  _ methods: [Method], on task: DenseClassification<Float>, seed: Int, epochs: Int,
  as reference: ReferenceSeed? = nil
) throws -> [TrainingLog] {
  let batches = Minibatches(task, seed: seed, as: reference)
  var runs = try methods.map {
    try LoggedTraining(
      $0, on: MinibatchProblem(task: task, batches: batches),
      from: reference?.start ?? task.start, seed: reference == nil ? seed : 0, epochs: epochs)
  }
  var first = 0
  while let end = runs.first?.lastStep, first < end {
    let steps = batches.block(from: first)
    for place in runs.indices { try runs[place].advance(through: steps) }
    first = steps.upperBound
  }
  return runs.map(\.log)
}

/// One method in a trainer, and what the reference code logs of it.
private struct LoggedTraining {
  private(set) var log: TrainingLog
  /// Steps in all.
  let lastStep: Int
  private var trainer: Trainer<MinibatchProblem>
  private var rateSum = 0.0
  private var rateCount = 0

  init(
    _ method: Method, on problem: MinibatchProblem, from start: [Float], seed: Int, epochs: Int
  ) throws {
    log = TrainingLog(method: method.name, seed: seed)
    var problem = problem
    log.startingTestLoss = start.withUnsafeBufferPointer { problem.validation(at: $0)!.loss }
    var options = TrainingOptions()
    options.nonFinite = .pass
    trainer = try Trainer(
      problem, from: start,
      with: AnyOptimizer(
        method.rule, method.controller, on: Method.objective, parameterCount: start.count),
      options: options)
    lastStep = try trainer.steps(toEpoch: epochs)
  }

  mutating func advance(through steps: Range<Int>) throws {
    for step in steps where step < lastStep {
      guard try trainer.advance(toStep: lastStep) else { return }
      let rate = trainer.learningRates[0]
      log.note(rate: rate, atStep: step)
      rateSum += rate
      rateCount += 1
      guard let row = trainer.history.last, row.step == step + 1 else { continue }
      log.epochs.append(
        TrainingLog.Epoch(
          trainingLoss: row.loss, testLoss: row.validation!.loss,
          testAccuracy: row.validation!.accuracy!, lastRate: rate,
          meanRate: rateSum / Double(rateCount)))
      (rateSum, rateCount) = (0, 0)
    }
  }
}
