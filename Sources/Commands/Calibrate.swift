internal import ArgumentParser
internal import Experiments
internal import Foundation
internal import Programs
internal import Records

struct Calibrate: NamingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes a suite's reference rates and targets again.",
    discussion: """
      For each task and rule: the fixed learning rate of a dense grid that has, by
      the median over the reference seeds, the least gap at T/2 that it keeps to the
      end, and that gap, the target on these seeds. A grid whose best rate is at its
      edge is widened; a target above one half is refused. Prints the 'tasks' part of
      the suite's file; with --check, says where the file differs, and ends with exit
      code 1 if it does. 'hypergrad compare' computes those that a suite's file has
      not, so a file needs none.

      Examples:
        hypergrad calibrate --suite core
        hypergrad calibrate --suite core --check
        hypergrad calibrate --suite my-suite.yaml --missing --write
      """)

  @OptionGroup var chosen: SuiteOptions
  @Flag(help: "Compare with the suite's file instead of printing.")
  var check = false
  @Flag(help: "Compute only those that the file has not, or has for something else.")
  var missing = false
  @Flag(help: "Write them into the file, whose last part is to be 'tasks:', or 'referencesFrom'.")
  var write = false
  @OptionGroup var threads: JobsOption

  func validate() throws {
    if write && (check || chosen.tasks != nil || !chosen.suite.hasSuffix(".yaml")) {
      throw ValidationError("--write is for all tasks of a suite that is a file ending in .yaml")
    }
  }

  func run(_ names: Names) throws {
    let (suite, data) = (chosen.suite, chosen.data)
    if write { try Files.checkWritable(suite) }
    let file = try SuiteFile.load(suite, names: names, makesReferences: write)
    let loaded = try file.narrowed(
      tasks: chosen.tasks?.words ?? file.tasks.map(\.name), names: names)
    let rewritten = try write ? CalibratedFile(loaded, file: suite, names: names) : nil
    let source = data.source
    try TaskFactory(data: source, names: names)
      .checkData(loaded.tasks.map(\.spec), csvOption: data.csvOption)
    let found = try Calibration.all(
      of: loaded, data: source, jobs: threads.jobs, keepingThere: missing, names: names,
      noting: Terminal.error
    ) { Terminal.error("calibrated \($0)") }
    if let rewritten {
      let written = try rewritten.written(found)
      try Files.write(written.text, to: written.path)
      return
    }
    if !check {
      if let source { print("dataHash: \(try Calibration.dataHash(source))") }
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
            + "\(said(task.references[rule.name])), computed is \(said(references[rule.name]))"
        )
      }
    }
    print(
      differing == 0
        ? "\(loaded.tasks.count) tasks agree with the suite's file"
        : "\(differing) of \(loaded.tasks.count) tasks differ from the suite's file")
    if differing > 0 { throw ExitCode(1) }
  }

  private func said(_ reference: Suite.Reference?) -> String {
    reference.map { "\($0.rate), \($0.target), \($0.key ?? "without a key")" } ?? "nothing"
  }
}
