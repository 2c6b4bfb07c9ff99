internal import ArgumentParser
internal import Dispatch
internal import Experiments
internal import Foundation
internal import Records
internal import Reporting

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a suite and writes its tables, pictures and report.",
    discussion: """
      Examples:
        hypergrad compare
        hypergrad compare --suite smoke
        hypergrad compare --tasks ellipsoid-1e3,rosenbrock --methods fixed,hypergradient-additive
        hypergrad compare --suite mnist --data FOLDER
        hypergrad compare --suite libsvm --data FILE
        hypergrad compare --suite my-suite.yaml --out results/mine

      Interrupting it loses at most the parts in flight: the same command goes on where it stopped.
      """)

  @Option(help: "A built-in suite (see 'hypergrad list suites') or a file that ends in .yaml.")
  var suite = "core"
  @Option(help: "The data of a suite on real data: a file or a folder.")
  var data: String?
  @Option(help: "The column of the labels in CSV data, by its name; default the last one.")
  var labelColumn: String?
  @Option(help: "Only these tasks: a,b,c.")
  var tasks: Words?
  @Option(help: "Only these methods: a,b,c.")
  var methods: Words?
  @Option(help: "Only these rules: a,b,c.")
  var rules: Words?
  @Option(help: "Only these seeds: 1,2,101...105.")
  var seeds: Seeds?
  @Option(help: "Another number of steps a run.")
  var steps: Int?
  @Option(help: "Threads.")
  var jobs = ProcessInfo.processInfo.activeProcessorCount
  @Option(help: "The folder to write to; default results/SUITE.")
  var out: String?

  func validate() throws {
    if jobs < 1 || jobs > 1024 { throw ValidationError("--jobs is \(jobs), not in 1...1024") }
    if labelColumn != nil && data == nil {
      throw ValidationError("--label-column names a column of --data, which is not given")
    }
    if let fault = RunLimits.fault("--steps", steps ?? 1, RunLimits.steps) {
      throw ValidationError(fault)
    }
  }

  func run() throws {
    try inOneLine {
      let loaded = try SuiteFile.load(suite).narrowed(
        tasks: tasks?.words, methods: methods?.words, rules: rules?.words, seeds: seeds?.numbers,
        steps: steps)
      let begun = ContinuousClock.now
      let adapted = try Calibration.adapted(
        loaded, data: data, labelColumn: labelColumn, jobs: jobs
      ) { Terminal.error($0) }
      let folder = out ?? "results/\(loaded.name)"
      let options = Runner.Options(
        jobs: jobs, output: folder, data: data, labelColumn: labelColumn,
        commandLine: CommandLine.arguments, program: Program.path)
      let progress = ProgressLine()
      let interruption = Interruption(progress)
      let results = try Runner(adapted, options).run { progress.show($0) }
      interruption.cancel()
      let tables = try Report.write(results, jobs: jobs)
      for table in tables.prefix(1) { print(table.terminal(width: 100)) }
      for remark in Report.remarks(tables) { print(remark) }
      print("report: \(folder)/report.html")
      print("digest of runs.jsonl: \(results.digest)")
      Terminal.error(progress.speed((ContinuousClock.now - begun) / .seconds(1)))
    }
  }
}

/// This program's file.
enum Program {
  static var path: String {
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
