internal import Experiments
public import Hypergradient
public import Tasks

/// One method's run on a task, epoch by epoch.
///
/// Methods advance together through an epoch's minibatches, which are drawn once for all.
protocol Training: AnyObject {
  var log: TrainingLog { get }
  func advance(_ draws: Draws<Float>)
  func endEpoch()
}

/// Trains every method on one seed, which names the start and the order of the examples; or from the
/// reference code's start in its order, which is then logged as seed 0.
public func train(
  _ methods: [Method], on task: DenseClassification<Float>, seed: Int, epochs: Int,
  as reference: ReferenceSeed? = nil
) -> [TrainingLog] {
  let runs = methods.map { method in
    func open(
      _ rule: some UpdateRule<Float>, _ controller: some LearningRateController
    ) -> any Training {
      MethodTraining(
        method.name,
        Optimizer(rule, controller, on: Method.objective, parameterCount: task.dimension),
        task: task, start: reference?.start ?? task.start, seed: reference == nil ? seed : 0)
    }
    return open(method.rule, method.controller)
  }
  let perEpoch = task.stepsPerEpoch!
  for epoch in 0..<epochs {
    let end = (epoch + 1) * perEpoch
    var first = epoch * perEpoch
    while first < end {
      let steps = first..<min(end, first + task.stepsPerBlock)
      let draws =
        reference?.draws(epoch: epoch, steps: steps, stepsPerEpoch: perEpoch)
        ?? task.draws(seed: seed, steps: steps)
      for run in runs { run.advance(draws) }
      first = draws.steps.upperBound
    }
    for run in runs { run.endEpoch() }
  }
  return runs.map(\.log)
}

private final class MethodTraining<Method: TrainingMethod<Float>>: Training {
  private(set) var log: TrainingLog
  private let task: DenseClassification<Float>
  private var method: Method
  private var oracle: TaskOracle<DenseClassification<Float>>
  private var theta: [Float]
  private var scratch: [Float]
  private var lossSum = 0.0
  private var rateSum = 0.0
  private var steps = 0

  init(
    _ name: String, _ method: Method, task: DenseClassification<Float>, start: [Float], seed: Int
  ) {
    log = TrainingLog(method: name, seed: seed)
    self.task = task
    self.method = method
    oracle = TaskOracle(task: task, seed: seed)
    theta = start
    scratch = [Float](repeating: 0, count: task.scratchCount)
    self.method.begin(at: theta)
    log.startingTestLoss = score().loss
  }

  func advance(_ draws: Draws<Float>) {
    for step in draws.steps {
      oracle.begin(step: step, draws: draws)
      method.step(&theta, &oracle)
      lossSum += oracle.lastLoss
      rateSum += method.learningRate
      steps += 1
      log.note(rate: method.learningRate, atStep: step)
    }
  }

  private func score() -> HeldOutScore {
    theta.withUnsafeBufferPointer { theta in
      scratch.withUnsafeMutableBufferPointer { scratch in
        task.heldOutScore(at: theta.baseAddress!, scratch: scratch.baseAddress!)!
      }
    }
  }

  func endEpoch() {
    let score = score()
    log.epochs.append(
      TrainingLog.Epoch(
        trainingLoss: lossSum / Double(steps), testLoss: score.loss, testAccuracy: score.accuracy,
        lastRate: method.learningRate, meanRate: rateSum / Double(steps)))
    (lossSum, rateSum, steps) = (0, 0, 0)
  }
}
