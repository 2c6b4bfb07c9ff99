internal import ArgumentParser
internal import Datasets
internal import Experiments
internal import Hypergradient
internal import HypergradientCatalogue
internal import PortableMath
internal import Programs
internal import Records

struct Replay: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recorded signals in, learning rates out, from the same code as training.",
    discussion: """
      A schedule needs a number of steps; a controller needs a log, whose columns go
      by the names of its signals: metric, loss, alignment, gradientNorm,
      previousDirectionNorm, directionAlignment, directionNorm,
      previousDirectionAlignment, traceAlignment, traceNorm, epoch, and step where
      it is not the line's number from 0; a method needs a gradient a line, and a
      file with one line for the parameters it begins with. A method that is not
      rule + controller is given each line as the gradient at the point where it
      first asks for one, and one that asks for more (a line search, a trial step)
      is refused. In the texts 'steps' stands for the number of steps. With --plot
      the learning rates are drawn, several schedules and controllers on one axis.

      Examples:
        hypergrad replay --schedule 'cosine(from: 0.1, over: steps)' --steps 100
        hypergrad replay --schedule 'cosine(over: steps)' \\
          --schedule 'rex(over: steps)' --steps 100 --plot schedules.svg \\
          --controller 'scheduled(linear(over: steps)).frozen(after: 60)'
        hypergrad replay --input log.csv --controller \\
          'plateau(initial: 0.1, reduce: .by(0.5, after: 3), watching: .metric)'
        hypergrad replay --method 'adam + constant(0.1)' --gradients g.csv \\
          --initial x.csv
        hypergrad replay --method 'prodigy()' --gradients g.csv --initial x.csv
      """)

  enum Precision: String, ExpressibleByArgument, CaseIterable { case float, double }

  @Option(
    parsing: .singleValue,
    help: """
      A schedule, of 'hypergrad list schedules': prints step and learning rate; may be repeated.
      """)
  var schedule: [String] = []
  @Option(help: "The number of steps, where there is no log.", transform: OptionText.whole)
  var steps: Int?
  @Option(
    parsing: .singleValue,
    help: """
      A controller, of 'hypergrad list controllers': prints its decisions too; may be repeated.
      """)
  var controller: [String] = []
  @Option(
    help: "The log of a controller, CSV; for a method its losses, metrics and epochs.",
    transform: OptionText.name)
  var input: String?
  @Option(
    help: "rule + controller, or a method of 'hypergrad list methods': prints the parameters too.")
  var method: String?
  @Option(
    help: "The gradients of a method, CSV, a line a step.", transform: OptionText.name)
  var gradients: String?
  @Option(
    help: "The parameters that a method begins with, CSV, one line, names above if wanted.",
    transform: OptionText.name)
  var initial: String?
  @Option(help: "The type of a method's parameters, float or double.")
  var precision = Precision.double
  @Option(
    parsing: .singleValue,
    help: "signal=name: a column of the log that has another name than its signal; may be repeated."
  )
  var column: [String] = []
  @Option(
    help: "The file of the result; standard output unless given, or --plot.",
    transform: OptionText.output)
  var out: String?
  @OptionGroup var picture: PictureOption
  @Flag(help: "Draws the learning rate by its power of ten; what is not above 0 breaks the line.")
  var logRate = false
  @Flag(help: "Draws the step, counted from 1, by its power of ten.")
  var logStep = false

  /// Curves of one picture.
  private static let mostTexts = 20
  private static let mostSteps = 10_000_000

  func validate() throws {
    let texts = schedule.count + controller.count
    guard (texts > 0) != (method != nil) else {
      throw ValidationError("give one of --schedule, --controller and --method")
    }
    guard texts <= Self.mostTexts else {
      throw ValidationError(
        "\(texts) schedules and controllers are given, more than \(Self.mostTexts)")
    }
    if !controller.isEmpty, input == nil, steps == nil {
      throw ValidationError("--controller needs --input, or --steps where it reads no signal")
    }
    if let steps {
      if texts == 0 || input != nil {
        throw ValidationError("--steps is for --schedule: a log has as many steps as lines")
      }
      guard steps >= 1 else { throw ValidationError("--steps is \(steps), not at least 1") }
      guard steps <= Self.mostSteps else {
        throw ValidationError("--steps is \(steps), not in 1...\(Self.mostSteps)")
      }
    } else if !schedule.isEmpty, controller.isEmpty {
      throw ValidationError("--schedule needs --steps")
    }
    if method != nil, gradients == nil || initial == nil {
      throw ValidationError("--method needs --gradients and --initial")
    }
    if method == nil, gradients != nil || initial != nil {
      throw ValidationError("--gradients and --initial are for --method")
    }
    if controller.isEmpty, method == nil, input != nil {
      throw ValidationError("--input is for --controller")
    }
    if !column.isEmpty, input == nil { throw ValidationError("--column is for --input") }
    if let out, let other = OtherFormats.ending(of: out) {
      throw ValidationError(
        "--out \(out): replay writes CSV, and '.\(other)' is the name of another format; "
          + "give a name that ends in .csv")
    }
    if picture.plot == nil, logRate || logStep {
      throw ValidationError("\(logRate ? "--log-rate" : "--log-step") is for --plot")
    }
    if let plot = picture.plot, plot == out {
      throw ValidationError("--plot and --out name the same file, \(plot)")
    }
  }

  func run(_ names: Names) throws {
    let plot = picture.plot
    try OutputFiles.check(
      [("--out", out), ("--plot", plot)],
      reading: [("--input", input), ("--gradients", gradients), ("--initial", initial)])
    func log(_ file: String) throws -> NumericTable {
      try ReplayedSignals.named(NumericTable(file: file), column)
    }
    let result: Replayed
    if let method, let gradients, let initial {
      result = try ReplayedMethod(
        gradients: NumericTable(file: gradients), initial: NumericTable(file: initial),
        log: input.map(log)
      ).replayed(method, precision, names.catalogue)
    } else {
      let controllers = ReplayedControllers(
        schedules: schedule, controllers: controller, catalogue: names.catalogue)
      result = try input.map { try controllers.replayed(log($0)) } ?? controllers.replayed(steps!)
    }
    if logRate, !result.curves.contains(where: { $0.rates.contains { $0 > 0 } }) {
      throw ExperimentError("--log-rate: no learning rate is above 0, so none has a logarithm")
    }
    // The picture is made before anything is written.
    let picture = plot.map { _ in
      ReplayPicture(result.curves, isLogarithmic: logRate, isLogarithmicInStep: logStep).svg
    }
    if let out { try Files.write(result.csv, to: out) }
    if let plot, let picture {
      try Files.write(picture, to: plot)
    } else if out == nil {
      print(result.csv, terminator: "")
    }
  }
}

/// What was replayed: a table, and the learning rates of each text.
struct Replayed {
  var csv: String
  var curves: [ReplayPicture.Curve]
}

/// Schedules and controllers, step by step.
private struct ReplayedControllers {
  let schedules: [String]
  let controllers: [String]
  let catalogue: Catalogue

  /// One text's steps.
  private struct Column {
    let text: String
    var decisions: [String]?
    var rates: [Double]
  }

  /// Over so many steps, from 0, without signals.
  func replayed(_ steps: Int) throws -> Replayed {
    let variables = ["steps": Double(steps)]
    let numbers = Array(0..<steps)
    var columns = try schedules.map { try column(schedule: $0, numbers, variables) }
    columns += try controllers.map { text in
      let controller = try catalogue.controller(text, variables: variables)
      if let signal = controller.requirements.signals.signals.first {
        throw ExperimentError(
          "the controller reads the signal '\(signal)': give a log of it by --input (\(text))")
      }
      try check(lastStep: controller.requirements.lastStep, steps)
      return try column(controller, text, numbers.map { StepSignals(step: $0) })
    }
    return replayed(numbers, columns)
  }

  /// Over the lines of a log.
  func replayed(_ log: NumericTable) throws -> Replayed {
    let variables = ["steps": Double(log.rows.count)]
    var numbers: [Int] = []
    let columns = try controllers.map { text in
      let controller = try catalogue.controller(text, variables: variables)
      let signals = try ReplayedSignals(log, controller.requirements, by: "the controller")
      let lines = try log.rows.indices.map { try signals.signals($0) }
      numbers = lines.map(\.step)
      return try column(controller, text, lines)
    }
    return replayed(
      numbers, try schedules.map { try column(schedule: $0, numbers, variables) } + columns)
  }

  private func column(
    schedule text: String, _ steps: [Int], _ variables: [String: Double]
  ) throws -> Column {
    let schedule = try catalogue.schedule(text, variables: variables)
    try check(lastStep: schedule.lastStep, 1 + (steps.max() ?? 0))
    return Column(text: text, rates: steps.map { schedule($0) })
  }

  private func check(lastStep: Double, _ steps: Int) throws {
    guard Double(steps - 1) <= lastStep else {
      throw ExperimentError(
        "the schedule ends at step \(short(lastStep.rounded(.down))), before the \(steps) steps asked for: "
          + "its policy past the horizon is 'error'")
    }
  }

  private func column(
    _ made: any LearningRateController, _ text: String, _ lines: [StepSignals]
  ) throws -> Column {
    var controller = made
    var column = Column(text: text, decisions: [], rates: [])
    for signals in lines {
      let decision: String =
        switch controller.decide(signals) {
        case .step: "step"
        case .skip: "skip"
        case .retake: "retake"
        case .restore: "restore"
        }
      column.decisions?.append(decision)
      column.rates.append(controller.learningRate)
    }
    return column
  }

  /// One text's decisions and rates; of several a column of rates each.
  private func replayed(_ steps: [Int], _ columns: [Column]) -> Replayed {
    let decisions = columns.count == 1 ? columns[0].decisions : nil
    let names = columns.count == 1 ? ["learningRate"] : columns.map { Self.quoted($0.text) }
    var lines = (["step"] + (decisions == nil ? [] : ["decision"]) + names).joined(separator: ",")
    lines += "\n"
    for (i, step) in steps.enumerated() {
      lines += "\(step)"
      if let decisions { lines += ",\(decisions[i])" }
      for column in columns { lines += ",\(column.rates[i].spelled)" }
      lines += "\n"
    }
    return Replayed(
      csv: lines,
      curves: columns.map { ReplayPicture.Curve(text: $0.text, steps: steps, rates: $0.rates) })
  }

  /// A field of CSV.
  private static func quoted(_ text: String) -> String {
    "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}

/// The columns of a log as signals.
struct ReplayedSignals {
  /// The signals go by their names.
  static let columns = StepSignals.Signal.allCases.map { (name: "\($0)", signal: $0) }

  private let log: NumericTable
  private let places: [String: Int]
  private let requirements: ControllerRequirements

  /// - Throws: an error that names the columns that are needed and absent.
  init(
    _ log: NumericTable, _ requirements: ControllerRequirements, by reader: String
  ) throws {
    let needs = requirements.signals
    var places: [String: Int] = [:]
    for (place, name) in log.names.enumerated() { places[name] = place }
    let missing = Self.columns.filter { needs.contains($0.signal) && places[$0.name] == nil }
    if let name = missing.first?.name {
      let near = nearestName(to: name, among: log.names).map { "; is it '\($0)'?" } ?? ""
      let names = missing.map { "'\($0.name)'" }.joined(separator: ", ")
      let there =
        log.names.isEmpty
        ? "; the file has no line of names"
        : (near.isEmpty ? "; there are " : near + " There are ")
          + log.names.map { "'\($0)'" }.joined(separator: ", ")
      throw DataError(
        log.file, line: 1,
        missing.count == 1
          ? "no column is named '\(name)', a signal that \(reader) needs\(there)"
          : "no columns are named \(names), signals that \(reader) needs\(there)")
    }
    self.requirements = requirements
    // Other columns of a log are nobody's business; nor are signals that are not needed.
    self.places = places.filter { name, _ in
      name == "step" || Self.columns.contains { $0.name == name && needs.contains($0.signal) }
    }
    self.log = log
  }

  /// A log whose columns have the names of their signals, by words such as `metric=val_loss`.
  static func named(_ log: NumericTable, _ words: [String]) throws -> NumericTable {
    var names = log.names
    let known = columns.map(\.name) + ["step"]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw ExperimentError("--column \(word): expected signal=name, such as metric=val_loss")
      }
      guard known.contains(parts[0]) else {
        throw ExperimentError(
          "--column \(word): " + unknownName(parts[0], kind: "signal", among: known))
      }
      guard let place = log.names.firstIndex(of: parts[1]) else {
        throw DataError(
          log.file, line: 1, unknownName(parts[1], kind: "column", among: log.names))
      }
      // A column that had the name already is no signal any more.
      for other in names.indices where names[other] == parts[0] { names[other] = "" }
      names[place] = parts[0]
    }
    return log.renamed(names)
  }

  /// The signals of one line. An empty metric is a step without one; no other signal may be empty.
  func signals(_ index: Int) throws -> StepSignals {
    let row = log.rows[index]
    func value(_ name: String) throws -> Double? {
      guard let place = places[name] else { return nil }
      guard let value = row.values[place] else {
        if name == "metric" { return nil }
        throw DataError(log.file, line: row.line, "the field of column '\(name)' is empty")
      }
      return value
    }
    let step = try value("step") ?? Double(index)
    guard let number = Int(exactly: step), number >= 0, number <= 1 << 53 else {
      throw DataError(
        log.file, line: row.line,
        "the step is \(step.spelled), not a whole number from 0 on, at most 2^53")
    }
    if let place = places["step"], index > 0, let before = log.rows[index - 1].values[place],
      before > step
    {
      throw DataError(
        log.file, line: row.line,
        "the step is \(number), that of the line before is \(short(before)): steps go on")
    }
    guard step <= requirements.lastStep else {
      throw DataError(
        log.file, line: row.line,
        "a schedule ends at step \(short(requirements.lastStep.rounded(.down))), before the step "
          + "\(number): its policy past the horizon is 'error'")
    }
    var signals = StepSignals(step: number, metric: try value("metric"))
    if let epoch = try value("epoch") {
      guard epoch >= 0, epoch.isFinite else {
        throw DataError(
          log.file, line: row.line, "the epoch is \(epoch.spelled), not a finite number from 0 on")
      }
      guard epoch.rounded(.down) <= requirements.lastEpoch else {
        throw DataError(
          log.file, line: row.line,
          "a schedule ends at epoch \(short(requirements.lastEpoch.rounded(.down))), before epoch "
            + "\(short(epoch)): its policy past the horizon is 'error'")
      }
    }
    for (name, signal) in Self.columns where signal != .metric {
      if let value = try value(name) { signals[signal] = value }
    }
    return signals
  }
}

/// Names of files of other formats than those that are written.
enum OtherFormats {
  private static let endings: Set<String> = [
    "svg", "svgz", "png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "pdf", "ps", "eps",
    "html", "htm", "json", "jsonl", "xml", "yaml", "yml", "md", "tex", "xls", "xlsx", "ods",
    "parquet",
    "feather", "arrow", "npy", "npz", "h5", "hdf5", "sqlite", "db", "zip", "gz", "tgz", "bz2", "xz",
    "zst", "tar", "swift", "py",
  ]

  /// The ending of a name, where it is another format's.
  static func ending(of path: String) -> String? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    return endings.contains(ending) ? ending : nil
  }
}
