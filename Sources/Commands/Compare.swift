internal import ArgumentParser
internal import Dispatch
internal import Experiments
internal import Foundation
internal import Programs
internal import Records
internal import Reporting

struct Compare: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a suite and writes its tables, pictures and report.",
    discussion: """
      Examples:
        hypergrad compare
        hypergrad compare --suite smoke
        hypergrad compare --tasks ellipsoid-1e3,rosenbrock \\
          --methods fixed,hypergradient-additive
        hypergrad compare --suite mnist --data FOLDER
        hypergrad compare --suite libsvm --data FILE
        hypergrad compare --suite my-suite.yaml --out results/mine
        hypergrad compare --suite smoke --methods fixed,prodigy --tasks rosenbrock
        hypergrad compare --suite smoke \\
          --methods 'fixed, external(command: "python3 method.py", initial: rate)'

      A name that the suite has not is added as the catalogue has it: all that
      'hypergrad list' names, and by what texts 'hypergrad list compared'. A name
      that the catalogue compares in several ways stands for all of them. Where the
      suite's file has no references for what is to be run, such as with --steps,
      they are computed first, and kept in the folder.

      Interrupting it loses at most the parts in flight: the same command goes on
      where it stopped. A part of a suite, by --tasks, --methods, --rules, --seeds
      or --steps, has a folder of its own. One command writes to a folder at a time;
      results of another comparison there are kept, and the command ends before its
      work, unless --replace is given.
      """)

  @OptionGroup var chosen: SuiteOptions
  @Option(
    help: """
      A task that the suite has not, by its text, such as 'external(command: "python3 task.py")'; \
      only such tasks, unless --tasks names others. May be given several times.
      """)
  var task: [String] = []
  @Option(
    help: """
      Only these methods: a,b,c. A text may stand among them, such as \
      'external(command: "python3 method.py", initial: rate)', where 'rate' is the starting rate.
      """,
    transform: Words.init(text:))
  var methods: Words?
  @Option(help: "Only these rules: a,b,c.", transform: Words.init(text:))
  var rules: Words?
  @Option(help: "Only these seeds: 1,2,101...105.", transform: Seeds.init(text:))
  var seeds: Seeds?
  @Option(help: "Another number of steps a run.", transform: OptionText.whole)
  var steps: Int?
  @Option(help: "Of which loss gaps and targets are; default the suite's.")
  var judgedBy: Choice<JudgedLoss>?
  @OptionGroup var threads: JobsOption
  @Option(
    help: "The folder to write to; default results/SUITE, for a part of it results/SUITE-NUMBER.",
    transform: OptionText.output)
  var out: String?
  @Flag(help: "Write over results, and unfinished parts, of another comparison in the folder.")
  var replace = false

  func validate() throws {
    if let fault = RunLimits.fault("--steps", steps ?? 1, RunLimits.steps) {
      throw ValidationError(fault)
    }
    try checkDifferent(task.map { "'\($0)'" }, option: "--task")
  }

  func run(_ names: Names) throws {
    let whole = try SuiteFile.load(chosen.suite, names: names)
    let (data, tasks, jobs) = (chosen.data, chosen.tasks?.words, threads.jobs)
    let (wider, added) = try whole.adding(tasks: task)
    let (widest, listed) = try wider.adding(
      methods: methods?.words ?? [], over: rules?.words, names: names)
    let loaded = try widest.narrowed(
      tasks: added.isEmpty ? tasks : (tasks ?? []) + added,
      methods: methods == nil ? nil : listed,
      rules: rules?.words, seeds: seeds?.numbers,
      steps: steps, judgedBy: judgedBy?.value, names: names)
    try TaskFactory(data: data.source, names: names)
      .checkData(loaded.tasks.map(\.spec), csvOption: data.csvOption)
    let folder = try out ?? Self.folder(of: loaded, in: whole)
    try checkOthers(folder)
    let lock = try FolderLock(making: folder)
    let begun = ContinuousClock.now
    let progress = ProgressLine()
    let interruption = Interruption(progress)
    defer { interruption.cancel() }
    let source = data.source
    let options = Runner.Options(
      jobs: jobs, output: folder, data: source, commandLine: CommandLine.arguments,
      program: Program.path, replaces: replace)
    try Runner(loaded, options, names: names).checkOthers()
    let resolved = try Calibration.resolved(
      loaded, of: whole, data: source, jobs: jobs,
      cache: ReferenceCache(folder: folder, program: Program.path), names: names
    ) { Terminal.error($0) }
    var tables: [Table] = []
    let results = try Runner(resolved, options, names: names).run(holding: lock) {
      progress.show($0)
    } finish: {
      tables = try Report.write($0, jobs: jobs)
    }
    for table in tables.prefix(1) { print(table.terminal(width: 100)) }
    for remark in Report.remarks(tables) { print(remark) }
    print("report: \(folder)/report.html")
    print("digest of runs.jsonl: \(results.digest)")
    for program in results.programs where !program.isRepeatable {
      print("not to be had again: \(program.sentence)")
    }
    Terminal.error(progress.speed((ContinuousClock.now - begun) / .seconds(1)))
  }
}

extension Compare {
  /// What stands in the folder is a comparison's own, and as it was written.
  private func checkOthers(_ folder: String) throws {
    func isThere(_ name: String) -> Bool {
      Files.isThere(folder + "/" + name)
    }
    if isThere("manifest.json") {
      do { _ = try ResultsFolder.open(folder) } catch {
        Terminal.error("\(error); the results are made anew")
      }
      return
    }
    if replace || isThere("runs.jsonl") { return }
    let names = ["report.html", "tables", "figures", "traces.csv", "timings.csv"]
    guard let other = try names.first(where: isThere) ?? Runner.foreignPart(in: folder) else {
      return
    }
    throw ExperimentError(
      "\(folder)/\(other) is there, and no results that it belongs to: name another folder by --out, "
        + "or write over it by --replace")
  }

  /// The folder of a suite, or of a part of it.
  private static func folder(of suite: Suite, in whole: Suite) throws -> String {
    let hash = try suite.hash()
    // A suite whose tasks all run on request has no whole.
    if try (try? whole.narrowed())?.hash() == hash { return "results/\(suite.name)" }
    let folder = "results/\(suite.name)-\(hash.prefix(8))"
    Terminal.error("a part of the suite '\(suite.name)': its results go to \(folder)")
    return folder
  }
}

/// This program's file.
package enum Program {
  package static var path: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
  }
}

/// Says on an interruption what is kept, and ends.
final class Interruption {
  private let source: any DispatchSourceSignal

  init(_ progress: ProgressLine) {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      Terminal.error("\ninterrupted: \(progress.summary); the same command goes on from there")
      exit(130)
    }
    source.resume()
  }

  func cancel() {
    source.cancel()
    signal(SIGINT, SIG_DFL)
  }
}
