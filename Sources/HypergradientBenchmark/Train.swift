internal import ArgumentParser
internal import Experiments
internal import PortableMath
internal import Records

struct Train: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains one method on one task, with a live line and a trace.",
    discussion: """
      Examples:
        hypergrad train --task 'ellipsoid(condition: 1e3)' \\
          --method 'sgd + hypergradient(initial: 1e-6, hyperLearningRate: 0.05, \\
            form: .multiplicative)'
        hypergrad train --task mnistLogistic --data FOLDER --epochs 1 \\
          --method 'adam + scheduled(cosine(from: 1e-3, over: steps))'
        hypergrad train --task twoSpirals --method 'dog()'

      --steps counts gradient evaluations: a loss alone, as of a line search, costs a third of one, a
      Hessian-vector product two.
      """)

  enum Metric: String, ExpressibleByArgument, CaseIterable {
    case loss, accuracy
    var value: ValidationMetric { self == .loss ? .loss : .accuracy }
  }

  @Option(help: "The task, a name of 'hypergrad list tasks' with its arguments.")
  var task: String
  @Option(
    help:
      "rule + controller, of 'hypergrad list rules' and 'list controllers', or one of 'methods'.")
  var method: String
  @OptionGroup var data: DataOptions
  @Option(help: "Steps; default 1000, or --epochs for a task made of examples.")
  var steps: Int?
  @Option(help: "Epochs, where --steps is not given and the task is made of examples.")
  var epochs = 3
  @Option(help: "Names the instance, the starting point and the noise.")
  var seed = 1
  @Option(help: "Log-spaced evaluations of the exact loss.")
  var evaluations = 40
  @Option(
    help:
      "What a controller 'watching: .metric' is told after each epoch of held-out examples: loss or accuracy."
  )
  var metric = Metric.loss
  @Option(help: "The file of the trace.", transform: DataOptions.output)
  var out = "trace.csv"

  func validate() throws {
    if let fault = RunLimits.fault("--steps", steps ?? 1, RunLimits.steps)
      ?? RunLimits.fault("--epochs", epochs, RunLimits.epochs)
      ?? RunLimits.fault("--evaluations", evaluations, RunLimits.evaluations)
    {
      throw ValidationError(fault)
    }
    if seed < 0 { throw ValidationError("--seed is \(seed), not at least 0") }
  }

  func run(_ names: Names) throws {
    try inOneLine {
      try Files.checkWritable(out)
      let (record, trace) = try SingleTraining.run(
        SingleTraining.Request(
          task: task, method: method, seed: seed, steps: steps, epochs: epochs,
          data: data.source, evaluations: evaluations, metric: metric.value),
        names: names, noting: Terminal.error
      ) { watched, horizon in
        let line =
          "step \(watched.step)/\(horizon)  loss \(watched.loss.spelled)  gap \(watched.gap.spelled)  "
          + "learning rate \(watched.learningRate.spelled)"
          + heldOut(watched)
        if Terminal.isInteractive {
          Terminal.replaceLine(line)
        } else {
          Terminal.error(line)
        }
      }
      Terminal.endLine()
      try Files.write(SingleTraining.csv(trace), to: out)
      print("\(record.status.isDiverged ? "diverged (\(record.status.rawValue))" : "finished")")
      print(
        "loss \(record.initialLoss.spelled) → \(record.finalLoss.spelled), gap \(record.finalGap.spelled)"
      )
      print(
        "learning rate \(record.startingRate.map { "\($0.spelled) → " } ?? "")\(record.finalLearningRate.spelled), "
          + "from \(record.smallestLearningRate.spelled) to \(record.largestLearningRate.spelled)")
      if record.cost != Double(record.gradientEvaluations) {
        print(
          "paid \(record.gradientEvaluations) gradients, \(record.lossEvaluations) losses, "
            + "\(record.hessianVectorProducts ?? 0) Hessian-vector products")
      }
      if let loss = record.testLoss, let accuracy = record.testAccuracy {
        print("held-out loss \(loss.spelled), accuracy \(accuracy.spelled)")
      }
      print("trace: \(out)")
    }
  }

  private func heldOut(_ watched: Watched) -> String {
    guard let score = watched.heldOut else { return "" }
    return "  held-out loss \(score.loss.spelled)  accuracy \(score.accuracy.spelled)"
  }
}
