internal import ArgumentParser
internal import Experiments
internal import HypergradientRecipes
internal import HypergradientTraining
internal import Programs
internal import Records
internal import Reporting

struct FindRate: NamingCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-lr",
    abstract: "Suggests learning rates from a range test: a step at each, from small to large.",
    discussion: """
      Examples:
        hypergrad find-lr --task twoSpirals --rule adam
        hypergrad find-lr --task 'ellipsoid(condition: 1e3)' --from 1e-6 --to 1 \\
          --plot range.svg
        hypergrad find-lr --task mnistPerceptron --data FOLDER \\
          --rule 'nesterov(momentum: 0.9)'
        hypergrad find-lr --suite core --markdown

      A rate goes with the loss after its step, so that n rates cost n + 1 gradients
      a seed. Suggested is the median over seeds in the logarithm of the rate, with
      the seeds' range; or none, with the reason. Draws are the test's own: a run
      with the same seed is as if none had been tested.
      """)

  @Option(help: .task)
  var task: String?
  @Option(help: "The rule, of 'hypergrad list rules'; default sgd.")
  var rule: String?
  @Option(help: "The smallest rate; default 1e-7.", transform: OptionText.number)
  var from = 1e-7
  @Option(help: "The largest rate; default 100.", transform: OptionText.number)
  var to = 100.0
  @Option(help: "How many rates, a step each; default 101.", transform: OptionText.whole)
  var rates = 101
  @Flag(help: "Rates at equal differences instead of equal ratios.")
  var linear = false
  @Option(
    help: "β of the averages, in [0, 1); default by the noise, 0 where there is none.",
    transform: OptionText.number)
  var smoothing: Double?
  @Option(help: "Seeds: 1,2,101...105; default 1...5.", transform: Seeds.init(text:))
  var seeds = Seeds(1...5)
  @OptionGroup var data: DataOptions
  @Flag(help: "Refuse a task without held-out accuracy; where there is one, it is measured anyway.")
  var accuracy = false
  @Option(help: "The file of the curves, CSV.", transform: OptionText.output)
  var out: String?
  @OptionGroup var picture: PictureOption
  @OptionGroup var threads: JobsOption
  @Option(help: "All tasks and rules of a suite, against its best fixed rates.")
  var suite: String?
  @Option(help: "Only these tasks of the suite: a,b,c.", transform: Words.init(text:))
  var tasks: Words?
  @Flag(help: "Write that comparison as a page.")
  var markdown = false

  func validate() throws {
    if (task == nil) == (suite == nil) {
      throw ValidationError("give one of --task and --suite")
    }
    if markdown || tasks != nil, suite == nil {
      throw ValidationError("--markdown and --tasks are for --suite")
    }
    if suite != nil, picture.plot != nil || out != nil || accuracy || rule != nil {
      throw ValidationError("--rule, --out, --plot and --accuracy are for --task")
    }
    try seeds.checkForTrials()
    if rates > 100_000 { throw ValidationError("--rates is \(rates), not at most 100000") }
  }

  private func test() throws(Refusal) -> RateRangeTest {
    try RateRangeTest(
      from: from, to: to, count: rates, spacing: linear ? .linear : .exponential,
      smoothing: smoothing)
  }

  func run(_ names: Names) throws {
    let plot = picture.plot
    try OutputFiles.check([("--out", out), ("--plot", plot)], reading: [("--data", data.data)])
    let test = try test()
    let factory = TaskFactory(data: data.source, names: names)
    if let suite {
      let loaded = try SuiteFile.load(suite, names: names).narrowed(
        tasks: tasks?.words, names: names)
      try factory.checkData(loaded.tasks.map(\.spec), csvOption: data.csvOption)
      let page = try RatePage(
        loaded, test, seeds: seeds.numbers, factory: factory, jobs: threads.jobs)
      print(markdown ? page.markdown : page.table.terminal(width: 100), terminator: "")
      return
    }
    let (task, rule) = (task ?? "", rule ?? "sgd")
    try factory.checkData([task], csvOption: data.csvOption)
    let tested = try TestedRates(
      test, of: rule, on: task, seeds: seeds.numbers, factory: factory, wantsAccuracy: accuracy,
      jobs: threads.jobs)
    let suggestions = RateSuggestion.allCases.map { ($0, tested.suggestion($0)) }
    let title = "\(rule) on \(task)"
    let pictures = RatePictures(tested: tested, title: title, suggestions: suggestions)
    if let out { try Files.write(tested.csv, to: out) }
    try picture.write(of: "find-lr", rule: rule, task: task, pictures.svg(provenance:))
    for line in pictures.terminal(width: 90) { print(line) }
    print("")
    print(RateTables.curve(tested, title: title).terminal(width: 100))
    print(RateTables.suggestions(suggestions, title: title).terminal(width: 100))
    for (kind, interval) in suggestions {
      print("\(kind.rawValue): \(kind.definition)")
      if let reason = interval.outcome.reason { print("  none: \(reason)") }
    }
    print("")
    print(cost(tested))
    for line in Continuation.lines(rule, suggestions) { print(line) }
    if let out { print("curves: \(out)") }
    if let plot { print("picture: \(plot)") }
  }

  private func cost(_ tested: TestedRates) -> String {
    let paid = tested.curves.reduce(0) { $0 + $1.gradients }
    return "paid \(paid) gradients: one more than rates, for each of \(tested.seeds.count) seeds"
  }
}

/// Texts to go on with.
enum Continuation {
  static func lines(
    _ rule: String, _ suggestions: [(kind: RateSuggestion, interval: RateInterval)]
  ) -> [String] {
    func rate(_ kind: RateSuggestion) -> String? {
      suggestions.first { $0.kind == kind }?.interval.outcome.rate.map(text)
    }
    var lines: [String] = []
    if let largest = rate(.largest), let smallest = rate(.smallest) {
      lines.append(
        "\(rule) + scheduled(triangular(from: \(smallest), to: \(largest), rise: steps/8))")
      lines.append("\(rule) + scheduled(cosine(from: \(largest), over: steps))")
      lines.append("\(rule) + scheduled(oneCycle(peak: \(largest), over: steps))")
      lines.append("\(rule) + constant(\(smallest))")
    } else if let steepest = rate(.steepest) ?? rate(.valley) {
      lines.append("\(rule) + constant(\(steepest))")
      lines.append("\(rule) + scheduled(cosine(from: \(steepest), over: steps))")
    }
    return lines.isEmpty
      ? [] : ["to go on with, as --method of 'hypergrad train':"] + lines.map { "  \($0)" }
  }

  /// A rate in three digits.
  static func text(_ rate: Double) -> String { NumberFormat.significant(3).text(rate) }
}

enum RateTables {
  private static let provenance = "hypergrad find-lr"

  static func suggestions(
    _ suggestions: [(kind: RateSuggestion, interval: RateInterval)], title: String
  ) -> Table {
    Table(
      name: "suggestions", title: "Suggested rates: \(title)",
      caption: "The median over seeds in the logarithm, and the seeds' range.",
      provenance: provenance,
      columns: [
        Table.Column.bare("suggestion"), Table.Column.bare("rate", format: .significant(3)),
        Table.Column.bare("from", group: "seeds", format: .significant(3)),
        Table.Column.bare("to", group: "seeds", format: .significant(3)),
        Table.Column.bare("found", group: "seeds"),
      ],
      rows: suggestions.map { kind, interval in
        [
          .text(kind.rawValue), .optional(interval.outcome.rate),
          .optional(interval.range?.lowerBound), .optional(interval.range?.upperBound),
          .text("\(interval.found) of \(interval.of)"),
        ]
      })
  }

  /// About twenty rates of the first seed.
  static func curve(_ tested: TestedRates, title: String) -> Table {
    let curve = tested.curves[0]
    let smoothed = curve.smoothed
    let every = max(1, (curve.rates.count + 19) / 20)
    var columns = [
      Table.Column.bare("rate", format: .significant(3)),
      Table.Column.bare("loss", format: .significant(5)),
      Table.Column.bare("average", format: .significant(5)),
      Table.Column.bare("smoothed", format: .significant(5)),
    ]
    if tested.hasAccuracy { columns.append(Table.Column.bare("accuracy", format: .fixed(4))) }
    let places = curve.rates.indices.filter {
      $0 % every == every - 1 || $0 == curve.rates.count - 1
    }
    return Table(
      name: "curve",
      title: "Seed \(tested.seeds[0])" + (every > 1 ? ", one rate in \(every)" : "") + ": \(title)",
      caption: "The loss after the step at each rate.", provenance: provenance, columns: columns,
      rows: places.map { i in
        var row: [Table.Cell] = [
          .number(curve.rates[i]), .number(curve.losses[i]), .number(curve.average[i]),
          .number(smoothed[i]),
        ]
        if tested.hasAccuracy {
          row.append(.optional(i < curve.heldOut.count ? curve.heldOut[i].accuracy : nil))
        }
        return row
      })
  }
}
