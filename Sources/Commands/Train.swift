internal import ArgumentParser
internal import Experiments
internal import Hypergradient
internal import HypergradientTraining
internal import HypergradientTrainingFiles
internal import PortableMath
internal import Programs
internal import Records

struct Train: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains one method on one task, with a live line and a trace.",
    discussion: """
      Examples:
        hypergrad train --task twoSpirals --epochs 20
        hypergrad train --task 'ellipsoid(condition: 1e3)' \\
          --method 'adam + hypergradient(initial: 1e-3, hyperLearningRate: 1e-7)'
        hypergrad train --task mnistLogistic --data FOLDER --epochs 1 \\
          --method 'adam + scheduled(cosine(from: 1e-3, over: steps))'
        hypergrad train --task twoSpirals --method 'dog()'
        hypergrad train --task mnistPerceptron --data FOLDER --epochs 20 \\
          --method 'adam + constant(1e-3)' --page run \\
          --checkpoint run/checkpoint --early-stopping 10

      The last with --resume goes on from the checkpoint.

      --steps counts gradient evaluations, of --accumulate batches each: a loss
      alone, as of a line search, costs a third of one, a Hessian-vector product two.
      """)

  @Option(help: .task)
  var task: String
  @Option(
    help: """
      rule + controller, of 'hypergrad list rules' and 'list controllers', or one of 'methods'; \
      without it, the one that needs no rate, over Adam.
      """)
  var method = Untuned.text("adam", initial: "1e-3")
  @OptionGroup var data: DataOptions
  @OptionGroup var length: RunLength
  @Option(
    help: "Names the instance, the starting point and the noise; default 1.",
    transform: OptionText.whole)
  var seed = 1
  @Option(
    help: "Log-spaced evaluations of the exact loss; default 40.", transform: OptionText.whole)
  var evaluations = 40
  @Option(
    help:
      "What a controller 'watching: .metric' is told after each epoch of held-out examples: loss or accuracy."
  )
  var metric = Choice(TrainingOptions.Metric.loss)
  @Option(help: "The file of the trace; default trace.csv.", transform: OptionText.output)
  var out = "trace.csv"
  @OptionGroup(title: "A training that is watched, stored and resumed") var session: SessionOptions

  func validate() throws {
    if let fault = RunLimits.fault("--evaluations", evaluations, RunLimits.evaluations) {
      throw ValidationError(fault)
    }
    if seed < 0 { throw ValidationError("--seed is \(seed), not at least 0") }
  }

  func run(_ names: Names) throws {
    // Another option may name a file in the page's folder. What is refused leaves no folder.
    let made = try session.page.map { page throws(ExperimentError) in try Files.makeFolder(page) }
    do {
      try checkFiles()
      try runSession(names)
    } catch {
      Files.removeEmpty(made ?? [])
      throw error
    }
  }

  private func checkFiles() throws {
    let pages = session.page.map { page in
      TrainSession.pageFiles.map { ("--page", page + "/" + $0) as (String, String?) }
    }
    try OutputFiles.check(
      [("--out", out), ("--checkpoint", session.checkpoint)] + (pages ?? []),
      reading: [("--data", data.data)])
    if let checkpoint = session.checkpoint { try TrainingCheckpoint.checkPlace(checkpoint) }
  }
}

extension Train {
  private func runSession(_ names: Names) throws {
    var options = TrainingOptions()
    options.accumulation = session.accumulate
    options.clippingNorm = session.clip
    options.patience = session.earlyStopping
    options.validationInterval = session.validateEvery
    options.endsAtBest = session.best
    options.metric = metric.value
    options.nonFinite = session.skipNonFinite ? .skip : .pass
    let run = TrainSession(
      task: task, method: method, seed: seed, length: length, evaluations: evaluations,
      options: options, ratePerEpoch: session.ratePerEpoch,
      needsValidation: session.validation, page: session.page, checkpoint: session.checkpoint,
      resumes: session.resume, trace: out)
    let factory = TaskFactory(data: data.source, names: names)
    try factory.checkData([task], csvOption: data.csvOption)
    let (lines, code) = try run.run(factory, names)
    for line in lines { print(line) }
    if code != 0 { throw ExitCode(code) }
  }
}

/// Options of `train` that a `Trainer` has.
struct SessionOptions: ParsableArguments {
  @Flag(
    help: "Refuse a task without held-out data; where there are some, they are measured anyway.")
  var validation = false
  @Option(
    help: """
      A folder for training.html, a page that reloads itself while the training goes on, \
      history.svg and history.csv.
      """)
  var page: String?
  @Option(help: "The file that the training is stored in, every second or so and when it ends.")
  var checkpoint: String?
  @Flag(help: "Go on from --checkpoint, with the bits of a training that never stopped.")
  var resume = false
  @Option(
    help: "Scores without an improvement after which the training ends.",
    transform: OptionText.whole)
  var earlyStopping: Int?
  @Option(
    help: """
      Steps between two scores that plateaus and --early-stopping see, beside those at each epoch's \
      end; default none, and a sixtieth of all steps where there are no epochs.
      """,
    transform: OptionText.whole)
  var validateEvery: Int?
  @Option(
    help: "Batches whose mean gradient is one step's; schedules count steps; default 1.",
    transform: OptionText.whole)
  var accumulate = 1
  @Option(help: "The largest norm of a gradient.", transform: OptionText.number)
  var clip: Double?
  @Option(
    help: "What each epoch but the first multiplies the rate with.",
    transform: OptionText.number)
  var ratePerEpoch: Double?
  @Flag(
    help: "Skip steps whose gradient or loss is not finite; no schedule goes on at them.")
  var skipNonFinite = false
  @Flag(help: "End with the parameters of the best score.")
  var best = false

  func validate() throws {
    for (name, count) in [
      ("--early-stopping", earlyStopping), ("--validate-every", validateEvery),
      ("--accumulate", accumulate),
    ] {
      if let count, let fault = RunLimits.fault(name, count, RunLimits.steps) {
        throw ValidationError(fault)
      }
    }
    if let clip, !(clip > 0 && clip.isFinite) {
      throw ValidationError("--clip is \(clip), not a finite number above 0")
    }
    if let ratePerEpoch, !(ratePerEpoch > 0 && ratePerEpoch.isFinite) {
      throw ValidationError("--rate-per-epoch is \(ratePerEpoch), not a finite number above 0")
    }
    if resume, checkpoint == nil { throw ValidationError("--resume needs --checkpoint") }
  }
}
