internal import ArgumentParser
internal import Experiments
internal import Programs
internal import Records
internal import Tasks

/// How long a run of one task is.
struct RunLength: ParsableArguments {
  @Option(
    help: "Steps of a whole run; default 1000, or --epochs for a task made of examples.",
    transform: OptionText.whole)
  var steps: Int?
  @Option(
    help: "Epochs, in place of --steps, for a task made of examples; default 3.",
    transform: OptionText.whole)
  var epochs: Int?

  func validate() throws {
    if let fault = RunLimits.fault("--steps", steps ?? 1, RunLimits.steps)
      ?? RunLimits.fault("--epochs", epochs ?? 1, RunLimits.epochs)
    {
      throw ValidationError(fault)
    }
    if steps != nil, epochs != nil { throw ValidationError("give one of --steps and --epochs") }
  }

  /// The batches of a task's epochs; `nil` where steps are counted.
  ///
  /// - Throws: ``ExperimentError`` where epochs are asked of a task that has none.
  func batches(of made: any BenchmarkTask, named task: String) throws -> Int? {
    guard let perEpoch = made.stepsPerEpoch else {
      guard epochs == nil else {
        throw ExperimentError("--epochs: task '\(task)' is not made of examples: give --steps")
      }
      return nil
    }
    return steps == nil ? try SingleTraining.steps(of: epochs ?? 3, perEpoch) : nil
  }
}
