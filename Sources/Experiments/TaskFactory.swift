public import Datasets
internal import HypergradientRecipes
internal import Records
public import Tasks

/// Makes the tasks of a suite from their texts.
public struct TaskFactory: Sendable {
  /// A file or folder of the user's, for tasks on real data.
  public let data: DataSource?
  /// What texts may name.
  public let names: Names
  /// How many examples of the data are learned from; `nil` for all.
  public var examples: Int?
  private let store = DataStore()

  public init(data: DataSource?, names: Names = .standard) {
    self.data = data
    self.names = names
  }

  /// Examples to learn from in the data of the task that was made last; `nil` where none was made of
  /// the user's data.
  package var exampleCount: Int? { store.exampleCount }

  /// - Throws: ``SpecError`` for a text that names no task, and what reading the data throws.
  public func make(_ spec: String, instance: Int, horizon: Int?) throws -> any BenchmarkTask {
    let variables = horizon.map { ["steps": Double($0)] } ?? [:]
    let maker = try TaskList.read(spec, variables: variables, among: names.tasks)
    let task = try maker.make(
      TaskContext(
        instance: instance, horizon: horizon, data: data, examples: examples, store: store))
    if let gap = task.leastGap { store.note(leastGap: gap, of: spec) }
    return task
  }

  /// A program took the steps of a method.
  func note(program command: String, isRepeatable: Bool) {
    store.note(program: command, isRepeatable: isRepeatable)
  }

  /// The programs that answered for the tasks that were made so far, and those that were noted; `nil`
  /// where there are none.
  var programRecords: [ProgramRecord]? {
    let records = store.programs.map { program in
      ProgramRecord(
        command: program.command, isRepeatable: program.isRepeatable,
        files: ExternalCommand.digests(of: program.command))
    }
    return records.isEmpty ? nil : records
  }

  /// Looks whether the data are there and asked for, before they are read: by one of the tasks at least.
  ///
  /// - Parameters:
  ///   - specs: the tasks' texts.
  ///   - csvOption: one that says how CSV data are read, where one is given.
  /// - Throws: ``SpecError`` for a text that names no task, and ``ExperimentError``.
  package func checkData(_ specs: [String], csvOption: String? = nil) throws {
    guard let data else { return }
    let probe = DataStore()
    // Without data a task is made, or says what it needs. No program is begun for this.
    for spec in specs where ExternalCommand.command(ofTask: spec) == nil {
      let maker = try TaskList.read(spec, variables: ["steps": 10], among: names.tasks)
      _ = try? maker.make(TaskContext(instance: 1, horizon: 10, store: probe))
    }
    let who = specs.count == 1 ? "task '\(specs[0])'" : "the tasks"
    let take = specs.count == 1 ? "takes" : "take"
    guard !probe.asked.isEmpty else {
      throw ExperimentError("--data \(data.path): \(who) \(take) no data: leave --data out")
    }
    if let csvOption, !probe.asked.contains("a CSV file") {
      throw ExperimentError(
        "\(csvOption) says how CSV data are read, and \(who) \(take) "
          + "\(probe.asked.sorted().joined(separator: " and ")): leave it out")
    }
    try DataFiles.check(data.path)
  }

  /// What trainings on the tasks that were made so far depend on beside their texts, a line each: the
  /// data, and the files of programs.
  ///
  /// - Throws: ``ExperimentError`` and `DataError` where the data can't be read.
  package func facts() throws -> [String] {
    let data = try data.map { "data with SHA-256 \(try DataFiles.digest($0))" } ?? "no data"
    let files = (programRecords ?? []).flatMap { record in
      record.files.sorted { $0.key < $1.key }.map { "the file \($0.key) with SHA-256 \($0.value)" }
    }
    return [data] + files
  }

  /// What a person should know of how the data were read, a line each, once.
  package func takeNotes() -> [String] { store.takeNotes() }

  /// The user's data as the tasks that were made so far read them; `nil` where none did.
  var dataRecord: DataRecord? {
    guard let data, let reading = store.readings.first else { return nil }
    return DataRecord(
      file: data.path.split(separator: "/").last.map(String.init) ?? data.path,
      format: reading.format,
      trainingRows: reading.trainingRows, heldOutRows: reading.heldOutRows,
      split: reading.hasTestFile ? .testFile : .fifth, features: reading.features,
      classes: reading.classes, labelColumn: data.format.labelColumn,
      leastGap: store.leastGap)
  }

  /// T of a suite on one task.
  ///
  /// - Throws: ``ExperimentError`` where the task can't be run as the suite says.
  func horizon(of suite: Suite, task: any BenchmarkTask) throws -> Int {
    guard suite.judgedBy != .heldOut || task.hasHeldOutExamples else {
      throw ExperimentError(
        "suite '\(suite.name)' has a task without held-out examples, and is to be judged by them: "
          + "that is for tasks on CSV, LIBSVM and MNIST data")
    }
    if let steps = suite.steps { return steps }
    guard let epochs = suite.epochs, let perEpoch = task.stepsPerEpoch else {
      throw ExperimentError(
        "suite '\(suite.name)' counts epochs, and its task is not made of examples: give 'steps'")
    }
    let (steps, isTooLarge) = epochs.multipliedReportingOverflow(by: perEpoch)
    guard !isTooLarge, steps <= Suite.mostSteps else {
      throw ExperimentError(
        "suite '\(suite.name)': \(epochs) epochs of \(perEpoch) steps are more than "
          + "\(Suite.mostSteps) steps")
    }
    return steps
  }
}
