internal import Dispatch
internal import Experiments
internal import Foundation
internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import HypergradientTraining
internal import HypergradientTrainingFiles
internal import PortableMath
internal import Records
internal import Reporting
internal import Synchronization
internal import Tasks

/// A training of the command line: a ``Trainer`` that is watched, stored and resumed.
struct TrainSession {
  var task: String
  var method: String
  var seed: Int
  var length: RunLength
  var evaluations: Int
  var options: TrainingOptions
  /// Rows of the history, beside those of scores.
  var rows = 60
  /// What each epoch but the first multiplies the rate with.
  var ratePerEpoch: Double?
  var needsValidation: Bool
  /// A folder.
  var page: String?
  var checkpoint: String?
  var resumes: Bool
  var trace: String

  /// What is in the folder of a page: numbers, picture, page.
  static let pageFiles = ["history.csv", "history.svg", "training.html"]

  /// - Returns: what is to be printed, and the code to end with.
  func run(_ factory: TaskFactory, _ names: Names) throws -> (lines: [String], code: Int32) {
    var last = length.steps ?? 1000
    var made = try factory.make(task, instance: seed, horizon: last)
    if let batches = try length.batches(of: made, named: task) {
      // The schedule counts steps of the optimizer, not batches.
      last = (batches + options.accumulation - 1) / options.accumulation
      made = try factory.make(task, instance: seed, horizon: last)
    }
    if ratePerEpoch != nil, made.stepsPerEpoch == nil {
      throw ExperimentError(
        "--rate-per-epoch: task '\(task)' is not made of examples: leave it out")
    }
    for note in factory.takeNotes() { Terminal.error(note) }
    func open<T: BenchmarkTask>(_ task: T) throws -> (lines: [String], code: Int32) {
      try train(task, last, names, facts: checkpoint == nil ? [] : factory.facts())
    }
    return try open(made)
  }

  private func train<T: BenchmarkTask>(
    _ made: T, _ last: Int, _ names: Names, facts: [String]
  ) throws -> (lines: [String], code: Int32) {
    let problem = TaskProblem(made, seed: seed)
    guard problem.hasValidation || !needsValidation else {
      throw ExperimentError(
        "task '\(task)' has no held-out data, which --validation asks for")
    }
    let startingScore = made.startingScore
    guard options.metric == .loss || startingScore?.accuracy != nil else {
      throw ExperimentError(
        "task '\(task)' has no held-out accuracy, which --metric accuracy asks for: leave it out")
    }
    try SingleTraining.check(
      method, on: made, named: task, steps: last, names: names,
      metric: options.metric == .accuracy ? .accuracy : .loss)
    var trainer = try trainer(problem, last, names, facts)
    if let program = trainer.method?.program, checkpoint != nil {
      throw ExperimentError(
        "'\(program.command)' is a program, whose state can't be stored: leave --checkpoint out")
    }
    if let program = trainer.method?.program, options.nonFinite == .skip {
      throw ExperimentError(
        "'\(program.command)' is a program, whose steps can't be taken back: leave --skip-non-finite out"
      )
    }
    let startingRate = trainer.method == nil ? trainer.learningRates[0] : nil
    let keeper = TraceKeeper(
      rates: RateRange(last: trainer.learningRates[0]), score: startingScore,
      distance: trainer.method?.distanceEstimate)
    trainer.callbacks.append(TraceCallback(keeper: keeper))
    if resumes, let checkpoint { try TrainingCheckpoint.restore(&trainer, from: checkpoint) }
    try trainer.check(toStep: last)
    let reference = made.reference.value
    var score = try TrainingScore(
      method, on: made, named: task, seed: seed, steps: last, evaluations: evaluations, names: names
    )
    let initialLoss = score.initialLoss
    try made.checkForFailure()
    guard reference.isFinite, initialLoss.isFinite else {
      throw ExperimentError(
        "task '\(task)' has no gap: its loss is \(initialLoss.spelled) at the start, and its reference "
          + "\(reference.spelled); the data's values may be too large")
    }
    try TaskGap.check(initialLoss, reference, named: task)
    /// What is due by a step sees these parameters.
    func evaluate(_ theta: [T.Scalar], through step: Int, _ rate: Double, _ distance: Double?) {
      score.evaluate(theta, through: step, rate: rate, distance: distance) { watched in
        keeper.rows.append([
          Double(watched.step), watched.gap, watched.loss, rate, watched.heldOut?.loss ?? .nan,
          watched.heldOut?.accuracy ?? .nan, distance ?? .nan,
        ])
        say(keeper, last)
      }
    }
    /// Of the last step: a method that has taken none has no rate yet.
    func rate() -> Double {
      trainer.method != nil && keeper.stepsTaken == 0 ? .nan : trainer.learningRates[0]
    }
    func evaluate(through step: Int) {
      evaluate(trainer.parameters, through: step, rate(), trainer.method?.distanceEstimate)
    }
    for row in keeper.rows {
      score.take(
        row[2], step: Int(row[0]), rate: row[3], distance: row[6], heldOut: keeper.heldOut(row))
    }
    if keeper.rows.isEmpty { evaluate(through: 0) }
    let interruption = InterruptionFlag()
    defer { interruption.cancel() }
    try show(trainer, made, last, ending: nil)
    var isStoredAt = -1
    func store() throws {
      guard let checkpoint, isStoredAt != trainer.step else { return }
      isStoredAt = trainer.step
      try TrainingCheckpoint.write(trainer, to: checkpoint)
    }
    do {
      var rowCount = trainer.history.count
      var shownAt: ContinuousClock.Instant?
      while !interruption.isSet, score.isRunning {
        // Groups pay a gradient a step: nothing is due before it is paid for.
        let before = trainer.method == nil ? nil : trainer.parameters
        let (rateBefore, distance) = (rate(), trainer.method?.distanceEstimate)
        guard try trainer.advance(toStep: last) else { break }
        try made.checkForFailure()
        if let failure = trainer.method?.program?.failure { throw failure }
        keeper.stepsTaken += 1
        keeper.rates.note(trainer.learningRates[0])
        // What is due before the step is paid for sees the parameters before it.
        let paid = trainer.paidThirds
        if let before { evaluate(before, through: (paid - 1) / 3, rateBefore, distance) }
        if score.isRunning, RunClock.checksDistance(after: keeper.stepsTaken) {
          score.check(trainer.parameters)
        }
        evaluate(through: paid / 3)
        // At most once a second: writing is no part of the training.
        if trainer.history.count != rowCount,
          shownAt.map({ ContinuousClock.now - $0 >= .seconds(1) }) ?? true
        {
          rowCount = trainer.history.count
          try show(trainer, made, last, ending: nil)
          try store()
          shownAt = .now
        }
      }
    } catch {
      try? show(trainer, made, last, ending: "stopped: \(error)")
      throw error
    }
    if interruption.isSet { try store() }
    // A step that would end beyond the last is not taken: what is due sees the parameters before it.
    if trainer.ending == .finished { evaluate(through: last) }
    Terminal.endLine()
    try made.checkForFailure()
    let isSearchAlone = trainer.ending == .finished && keeper.stepsTaken == 0 && last > 0
    if isSearchAlone {
      Terminal.error(
        "\(last) of \(last) gradients went to the search for a rate, and no step was taken: give it more "
          + "steps or epochs")
    }
    if case .lost = trainer.ending { score.lose() }
    // What a comparison calls the final loss is that of the last evaluation.
    var final = problem.exactLoss(at: trainer.parameters, step: trainer.step)
    if trainer.ending == .finished, let row = keeper.rows.last { final = row[2] }
    if !score.isRunning { final = .infinity }
    try made.checkForFailure()
    let isWhole = trainer.ending == .finished && score.isRunning
    let status =
      isWhole || !score.isRunning ? score.status(climbing: trainer.climbs) : .finished
    let ending =
      (status.isDiverged
        ? "diverged (\(status.rawValue))" : trainer.ending?.description ?? "interrupted")
      + (isSearchAlone
        ? " without a step" : isWhole ? "" : " after \(trainer.step) of \(last) steps")
    try store()
    try show(trainer, made, last, ending: ending)
    var kept = score.trace
    if keeper.hasDistance { kept.distances = keeper.rows.map { $0[6] } }
    try Files.write(SingleTraining.csv(kept), to: trace)
    let (low, high) = keeper.rates.bounds
    var lines = [
      ending,
      "loss \(initialLoss.spelled) → \(final.spelled), "
        + "gap \(score.gap(final).spelled)",
    ]
    if !isSearchAlone {
      lines.append(
        "learning rate \(startingRate.map { "\($0.spelled) → " } ?? "")"
          + "\(trainer.learningRates[0].spelled), from \(low.spelled) to \(high.spelled)")
    }
    let counts = trainer.evaluations
    if counts.thirds != 3 * counts.gradients {
      lines.append(
        "paid \(counts.gradients) gradients, \(counts.losses) losses, "
          + "\(counts.hessianVectorProducts) Hessian-vector products")
    }
    if trainer.skippedSteps > 0 { lines.append("skipped \(trainer.skippedSteps) steps") }
    let heldOut = keeper.heldOutWords
    if !heldOut.isEmpty, status != .nonFinite {
      lines.append(heldOut.joined(separator: ", "))
    }
    lines.append("trace: \(trace)")
    if let page { lines.append("page: \(page)/training.html") }
    if let checkpoint {
      lines.append("checkpoint: \(checkpoint)")
      if trainer.ending == nil, score.isRunning {
        lines.append("the same command with --resume goes on from there")
      }
    }
    let code: Int32
    switch trainer.ending {
    case nil: code = score.isRunning ? 130 : 0
    case .stopped: code = 1
    default: code = 0
    }
    return (lines, code)
  }

  private func trainer<T: BenchmarkTask>(
    _ problem: TaskProblem<T>, _ last: Int, _ names: Names, _ facts: [String]
  ) throws -> Trainer<TaskProblem<T>> {
    var options = options
    options.facts =
      ["\(ratePerEpoch.map { "\($0)" } ?? "nothing") as the rate's factor at each epoch"] + facts
    options.model = "task \(task), method \(method), seed \(seed), \(last) steps"
    let interval = max(1, last / rows)
    if page != nil { options.historyInterval = interval }
    if options.validationInterval == nil, problem.batchesPerEpoch == nil {
      options.validationInterval = interval
    }
    let variables = ["steps": Double(last)]
    var trainer: Trainer<TaskProblem<T>>
    switch try names.catalogue.method(method, for: T.Scalar.self, variables: variables) {
    case .pair:
      trainer = try Trainer(
        problem, from: problem.task.start,
        with: AnyOptimizer(
          method, parameterCount: problem.parameterCount, variables: variables,
          in: names.catalogue),
        options: options)
    case .method(let method):
      let faults = [
        ("--rate-per-epoch", ratePerEpoch, "chooses its rate itself"),
        ("--clip", options.clippingNorm, "takes its gradients itself"),
      ]
      for (option, value, what) in faults where value != nil {
        throw ExperimentError(
          "\(option) is for 'rule + controller': method '\(self.method)' \(what)")
      }
      trainer = try Trainer(
        problem, from: problem.task.start, method: method, parts: problem.task.parameterGroups,
        options: options)
    }
    if let ratePerEpoch {
      trainer.callbacks.append(
        LearningRateCallback { epoch, rate in epoch == 0 ? rate : rate * ratePerEpoch })
    }
    return trainer
  }

  private func say(_ keeper: TraceKeeper, _ last: Int) {
    let row = keeper.rows[keeper.rows.count - 1]
    let words =
      ["step \(Int(row[0]))/\(last)", "loss \(row[2].spelled)", "gap \(row[1].spelled)"]
      + (row[3].isNaN ? [] : ["learning rate \(row[3].spelled)"]) + keeper.heldOutWords
    let line = words.joined(separator: "  ")
    if Terminal.isInteractive { Terminal.replaceLine(line) } else { Terminal.error(line) }
  }

  /// Writes the page, its picture and its numbers, each whole.
  private func show<T>(
    _ trainer: Trainer<TaskProblem<T>>, _ made: T, _ last: Int, ending: String?
  ) throws {
    guard let page else { return }
    let names = trainer.groups.isEmpty ? ["method"] : trainer.groups.map(\.name)
    let shown = TrainingPage(
      title: task, groups: names,
      rows: trainer.history.map {
        TrainingPage.Row(
          step: $0.step, epoch: $0.epoch, loss: $0.loss, validationLoss: $0.validation?.loss,
          validationAccuracy: $0.validation?.accuracy, rates: $0.learningRates)
      }, horizon: last, ending: ending,
      facts: [
        ("task", task), ("method", method), ("seed", "\(seed)"),
        ("parameters", "\(made.dimension)"),
      ], provenance: "hypergrad train, version \(packageVersion)")
    for (name, text) in zip(Self.pageFiles, [shown.csv, shown.figure.svg, shown.html]) {
      try Files.write(text, to: page + "/" + name)
    }
  }
}

/// The trace of a training: step, gap, loss, rate, held-out loss and accuracy, and the distance of a
/// method that estimates one; NaN where there is none.
private final class TraceKeeper {
  static let names = [
    "step", "gap", "loss", "learningRate", "testLoss", "testAccuracy", "distance",
  ]
  /// What the task and the method have, whatever its numbers are.
  let hasHeldOut, hasAccuracy, hasDistance: Bool
  var rows: [[Double]] = []
  /// Of a method, each paid with as many gradients as it asks for.
  var stepsTaken = 0
  var rates: RateRange

  /// - Parameters: scores and distance at the start; `nil` where there are none.
  init(rates: RateRange, score: HeldOutScore?, distance: Double?) {
    self.rates = rates
    (hasHeldOut, hasAccuracy) = (score != nil, score?.accuracy != nil)
    hasDistance = distance != nil
  }

  /// The scores on held-out examples in a row.
  func heldOut(_ row: [Double]) -> HeldOutScore? {
    hasHeldOut ? HeldOutScore(loss: row[4], accuracy: hasAccuracy ? row[5] : nil) : nil
  }

  /// The last of them.
  var heldOutWords: [String] {
    guard let score = rows.last.flatMap(heldOut) else { return [] }
    return ["held-out loss \(score.loss.spelled)"]
      + (score.accuracy.map { ["accuracy \($0.spelled)"] } ?? [])
  }
}

/// Takes it into checkpoints.
private struct TraceCallback: TrainingCallback {
  let keeper: TraceKeeper
  var memoryGrows: Bool { true }
  var memory: [Double] {
    get {
      [Double(keeper.stepsTaken), keeper.rates.smallest, keeper.rates.largest]
        + keeper.rows.flatMap { $0 }
    }
    set {
      let width = TraceKeeper.names.count
      guard newValue.count >= 3 else { return }
      keeper.stepsTaken = Int(exactly: newValue[0]) ?? 0
      (keeper.rates.smallest, keeper.rates.largest) = (newValue[1], newValue[2])
      keeper.rows = stride(from: 3, to: newValue.count - width + 1, by: width).map {
        Array(newValue[$0..<($0 + width)])
      }
    }
  }
}

/// Notes an interruption, so that the step in hand is finished and what there is is stored. While a
/// program does not answer, or nobody reads a pipe, there is no end of the step: the training ends
/// without it.
private final class InterruptionFlag {
  private final class Flag: Sendable {
    let value = Mutex(false)
  }
  private let flag = Flag()
  private var sources: [any DispatchSourceSignal] = []

  init() {
    let flag = flag
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        flag.value.withLock { $0 = true }
        Self.endWaiting { ExternalCommand.isAsked || Files.isOpening }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Ends the program where it still waits in half a second, and whenever nobody reads its pipe then.
  private static func endWaiting(_ isWaiting: @escaping @Sendable () -> Bool) {
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.5) {
      guard isWaiting() else { return endWaiting { Files.isOpening } }
      Terminal.error("\ninterrupted while it waited: what was not written is lost")
      exit(130)
    }
  }

  var isSet: Bool { flag.value.withLock { $0 } }

  func cancel() {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
}
