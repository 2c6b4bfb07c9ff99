internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Records

struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes a suite's reference rates and targets again.",
    discussion: """
      For each task and rule: the best fixed learning rate of a dense grid on the reference seeds, and
      the gap that it reaches at T/2. Prints the 'tasks' part of the suite's file; with --check,
      says where the file differs, and ends with exit code 1 if it does.

      Examples:
        hypergrad calibrate --suite core
        hypergrad calibrate --suite core --check
        hypergrad calibrate --suite my-suite.yaml --missing --write
      """)

  @Option(help: "A built-in suite or a file that ends in .yaml.")
  var suite = "core"
  @Option(help: "The data of a suite on real data: a file or a folder.")
  var data: String?
  @Option(help: "The column of the labels in CSV data, by its name; default the last one.")
  var labelColumn: String?
  @Option(help: "Only these tasks: a,b,c.")
  var tasks: Words?
  @Flag(help: "Compare with the suite's file instead of printing.")
  var check = false
  @Flag(help: "Compute only those that the file has not.")
  var missing = false
  @Flag(help: "Write them into the suite's file, whose last part is to be 'tasks:'.")
  var write = false
  @Option(help: "Threads.")
  var jobs = 2

  func validate() throws {
    if write && (check || tasks != nil || !suite.hasSuffix(".yaml")) {
      throw ValidationError("--write is for all tasks of a suite that is a file ending in .yaml")
    }
    if jobs < 1 { throw ValidationError("--jobs is \(jobs), not at least 1") }
    if jobs > 1024 { throw ValidationError("--jobs is \(jobs), not in 1...1024") }
  }

  func run() throws {
    try inOneLine {
      let file = try SuiteFile.load(suite)
      let loaded = try file.narrowed(tasks: tasks?.words ?? file.tasks.map(\.name))
      let found = try Calibration.all(
        of: loaded, data: data, labelColumn: labelColumn, jobs: jobs, keepingThere: missing
      ) { Terminal.error("calibrated \($0)") }
      if write {
        let text = try String(contentsOfFile: suite, encoding: .utf8)
        try Files.write(
          try Calibration.text(text, file: suite, with: found, of: loaded), to: suite)
        return
      }
      if !check {
        if let data {
          print("dataHash: \(try Calibration.dataHash(data, labelColumn: labelColumn))")
        }
        print("tasks:")
        for (task, references) in zip(loaded.tasks, found) {
          print(Calibration.yaml(task, references, rules: loaded.rules.map(\.name)), terminator: "")
        }
        return
      }
      var differing = 0
      for (task, references) in zip(loaded.tasks, found) where task.references != references {
        differing += 1
        for rule in loaded.rules where task.references[rule.name] != references[rule.name] {
          print(
            "\(task.name), \(rule.name): the file has "
              + "\(task.references[rule.name].map { "\($0.rate), \($0.target)" } ?? "nothing"), "
              + "computed is \(references[rule.name].map { "\($0.rate), \($0.target)" } ?? "nothing")"
          )
        }
      }
      print(
        differing == 0
          ? "\(loaded.tasks.count) tasks agree with the suite's file"
          : "\(differing) of \(loaded.tasks.count) tasks differ from the suite's file")
      if differing > 0 { throw ExitCode(1) }
    }
  }
}
