internal import Records

/// Puts the stored parts of a finished comparison together: the published files, sorted, whichever
/// thread made a part and whenever.
///
/// Holds the heads of one task and rule at a time, and no run.
struct Publisher {
  let suite: Suite
  let journal: Journal
  let output: String
  /// Whether every table and figure goes with another comparison's results.
  let replaces: Bool
  private let seeds: [Int]

  init(_ suite: Suite, journal: Journal, output: String, replaces: Bool) {
    self.suite = suite
    self.journal = journal
    self.output = output
    self.replaces = replaces
    seeds = suite.allSeeds
  }

  /// Writes `runs.jsonl`, `traces.csv` and `timings.csv`. What stood there before, and its report, goes
  /// when all is written: nothing stands beside results that it does not belong to.
  ///
  /// - Returns: the SHA-256 of each file.
  func publish() throws(ExperimentError) -> [String: String] {
    var digests: [String: String] = [:]
    // One open file after the other.
    let runs = try TextFileWriter(output + "/runs.jsonl")
    // In the order of the parts' names.
    for kind in [Journal.Section.Kind.map, .sweep] { try copy(kind, to: runs) }
    digests["runs.jsonl"] = try runs.seal()
    let traces = try TextFileWriter(output + "/traces.csv")
    try traces.write(TraceRows.head)
    try copy(.traces, to: traces)
    digests["traces.csv"] = try traces.seal()
    let timings = try TextFileWriter(output + "/timings.csv")
    try timings.write("task,rule,seed,seconds\n")
    for task in suite.tasks {
      for rule in suite.rules {
        for seed in seeds {
          let seconds = try head(task.name, rule.name, seed).seconds
          try timings.write("\(task.name),\(rule.name),\(seed),\(seconds)\n")
        }
      }
    }
    digests["timings.csv"] = try timings.seal()
    let hasResults = Files.isThere(output + "/runs.jsonl")
    try Files.remove(output + "/manifest.json")
    try ResultsFolder.removeReport(in: output, all: replaces && hasResults)
    for file in [runs, traces, timings] { try file.takePlace() }
    return digests
  }

  /// All sections of a kind, sorted by task, rule, method and seed.
  private func copy(
    _ kind: Journal.Section.Kind, to file: TextFileWriter
  ) throws(ExperimentError) {
    for task in suite.tasks.map(\.name).sorted() {
      for rule in suite.rules.map(\.name).sorted() {
        var byMethod: [String: [(Journal.Head, Journal.Section)]] = [:]
        for seed in seeds {
          let head = try head(task, rule, seed)
          for section in head.sections where section.kind == kind {
            byMethod[section.method, default: []].append((head, section))
          }
        }
        for method in byMethod.keys.sorted() {
          for (head, section) in byMethod[method]! {
            try Journal.copy(section, of: head, to: file)
          }
        }
      }
    }
  }

  private func head(
    _ task: String, _ rule: String, _ seed: Int
  ) throws(ExperimentError) -> Journal.Head {
    let part = Journal.Part(task: task, seed: seed, rule: rule)
    guard let head = try journal.head(of: part) else {
      throw ExperimentError(
        "\(output)/journal: the part of task '\(task)', rule '\(rule)', seed \(seed) is gone or "
          + "damaged: the same command makes it again")
    }
    return head
  }
}
