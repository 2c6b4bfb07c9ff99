internal import ArgumentParser
internal import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import HypergradientRecipes
internal import HypergradientTraining
internal import PortableMath
internal import Programs
internal import Records
internal import Reporting
internal import Tasks

struct SearchRate: NamingCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Searches for a fixed learning rate, coarse to fine, dropping what lags early.",
    discussion: """
      Examples:
        hypergrad search --task twoSpirals --rule adam
        hypergrad search --task 'ellipsoid(condition: 1e3)' --rule nesterov \\
          --plot rungs.svg
        hypergrad search --task mnistPerceptron --data FOLDER --subset 6000 \\
          --epochs 2

      Powers of ten come first, with --data on a subset of them; then twice as many
      rates a decade around the best, and again. At an eighth, a quarter and half of
      the steps a rate goes on if it is among the better half or the best three;
      those that go on do so from where they are. The search ends where the best
      rate's neighbours differ from it by less than the noise over seeds, or are
      closer than --finest. Rates are compared by the exact loss, whose evaluation
      is not counted.
      """)

  @Option(help: .task)
  var task: String
  @Option(help: "The rule, of 'hypergrad list rules'.")
  var rule = "sgd"
  @Option(help: "The smallest power of ten; default 1e-7.", transform: OptionText.number)
  var from = 1e-7
  @Option(help: "The largest power of ten; default 1.", transform: OptionText.number)
  var to = 1.0
  @OptionGroup var length: RunLength
  @Option(help: "Seeds: 1,2,101...105; default 1...3.", transform: Seeds.init(text:))
  var seeds = Seeds(1...3)
  @Option(
    help: "No two rates are closer than this factor; default 1.3.", transform: OptionText.number)
  var finest = 1.3
  @OptionGroup var data: DataOptions
  @Option(
    help: "Examples that the powers of ten are run on; default a tenth of --data, at least 1000.",
    transform: OptionText.whole)
  var subset: Int?
  @Option(help: "The file of the rungs, CSV.", transform: OptionText.output)
  var out: String?
  @OptionGroup var picture: PictureOption
  @OptionGroup var threads: JobsOption

  func validate() throws {
    if let subset {
      if data.data == nil {
        throw ValidationError("--subset takes a part of --data, which is not given")
      }
      if subset < 1 { throw ValidationError("--subset is \(subset), not at least 1") }
    }
    try seeds.checkForTrials()
  }

  private func search() throws -> RateSearch {
    try RateSearch(
      lowest: exponent(from, "--from"), highest: exponent(to, "--to"), seeds: seeds.numbers,
      finest: finest)
  }

  private func exponent(_ rate: Double, _ name: String) throws(ExperimentError) -> Int {
    let exponent = rate > 0 ? (Portable.log(rate) / Portable.log(10)).rounded() : .nan
    guard exponent.isFinite, abs(rate / Portable.pow(10, exponent) - 1) < 1e-9 else {
      throw ExperimentError("\(name) is \(rate), not a power of ten")
    }
    return Int(exponent)
  }

  func run(_ names: Names) throws {
    let plot = picture.plot
    try OutputFiles.check([("--out", out), ("--plot", plot)], reading: [("--data", data.data)])
    let search = try search()
    let plan = try SearchPlan(self, names)
    let runs = SearchRuns(jobs: threads.jobs) { order in try plan.begin(order) }
    let result = try search.run(steps: plan.steps, subsetSteps: plan.subsetSteps) { orders in
      if let first = orders.first {
        let count = orders.count / search.seeds.count
        Terminal.error(
          "\(count) rate\(count == 1 ? "" : "s") to step \(first.to)"
            + (first.part == .subset ? " on the subset" : ""))
      }
      return try runs.carryOut(orders)
    }
    guard let best = result.best else {
      throw ExperimentError(
        "every rate from \(from) to \(to) diverges: none ends with a finite loss that is not above "
          + "the first one, with rule '\(rule)' on '\(task)'; try smaller rates")
    }
    let report = SearchReport(result, search, title: "\(rule) on \(task)")
    if let out { try Files.write(report.csv, to: out) }
    try picture.write(of: "search", rule: rule, task: task, report.svg(provenance:))
    if let subset = plan.subset {
      print(
        "powers of ten on \(subset) of \(plan.examples ?? subset) examples, \(plan.subsetSteps ?? 0) steps; then all, \(plan.steps) steps\n"
      )
    }
    for table in report.tables { print(table.terminal(width: 100)) }
    for line in report.lines { print(line) }
    let text = Continuation.text(best)
    print("to go on with, as --method of 'hypergrad train':")
    print("  \(rule) + constant(\(text))")
    print("  \(rule) + scheduled(cosine(from: \(text), over: steps))")
    if let out { print("rungs: \(out)") }
    if let plot { print("picture: \(plot)") }
  }
}

/// The tasks of a search, made before it begins.
struct SearchPlan: Sendable {
  let steps: Int
  /// Steps of a run on the subset, in as many epochs; `nil` where there is no subset.
  let subsetSteps: Int?
  let subset: Int?
  /// Examples to learn from; `nil` for a task that is not made of the user's data.
  let examples: Int?
  private let rule: String
  private let names: Names
  private let whole: [Int: any BenchmarkTask]
  private let part: [Int: any BenchmarkTask]

  init(_ command: SearchRate, _ names: Names) throws {
    var factory = TaskFactory(data: command.data.source, names: names)
    self.names = names
    rule = command.rule
    try factory.checkData([command.task], csvOption: command.data.csvOption)
    let seeds = command.seeds.numbers
    let length = command.length
    let first = try factory.make(
      command.task, instance: seeds[0], horizon: length.steps ?? 1000)
    let perEpoch = first.stepsPerEpoch
    let steps =
      try length.batches(of: first, named: command.task) ?? length.steps ?? 1000
    func tasks(_ factory: TaskFactory, _ steps: Int) throws -> [Int: any BenchmarkTask] {
      var tasks: [Int: any BenchmarkTask] = [:]
      for seed in seeds {
        tasks[seed] = try factory.make(command.task, instance: seed, horizon: steps)
      }
      return tasks
    }
    whole = try tasks(factory, steps)
    self.steps = steps
    examples = factory.exampleCount
    guard let examples = factory.exampleCount else {
      if let subset = command.subset {
        throw ExperimentError(
          "task '\(command.task)' takes no examples of --data, so that there is no subset of "
            + "\(subset): leave out --subset")
      }
      (part, subset, subsetSteps) = ([:], nil, nil)
      try check(first)
      return
    }
    let size = command.subset ?? max(min(1000, examples), examples / 10)
    factory.examples = size
    let made = try factory.make(command.task, instance: seeds[0], horizon: steps)
    guard size < examples, let perEpoch, let fewer = made.stepsPerEpoch else {
      (part, subset, subsetSteps) = ([:], nil, nil)
      try check(first)
      return
    }
    let subsetSteps = max(min(steps, 16), steps * fewer / perEpoch)
    part = try tasks(factory, subsetSteps)
    subset = size
    self.subsetSteps = subsetSteps
    try check(first)
  }

  /// - Throws: ``SpecError`` for a text that names no rule.
  private func check(_ task: any BenchmarkTask) throws {
    func open<T: BenchmarkTask>(_: T) throws { _ = try read(for: T.Scalar.self) }
    try open(task)
  }

  private func read<S: ParameterScalar>(for _: S.Type) throws(SpecError) -> RuleOnObjective<S> {
    try names.catalogue.rule(rule, variables: ["steps": Double(steps)])
  }

  func begin(_ order: RateSearch.Order) throws -> any SearchRun {
    func open<T: BenchmarkTask>(_ task: T) throws -> any SearchRun {
      TaskSearchRun(task, try read(for: T.Scalar.self), rate: order.rate, seed: order.seed)
    }
    guard let task = (order.part == .subset ? part : whole)[order.seed] else {
      preconditionFailure("no task was made for seed \(order.seed)")
    }
    return try open(task)
  }
}
