internal import Foundation

/// `manifest.json`, `runs.jsonl`, `timings.csv` and `traces.csv` of a comparison.
public enum ResultsFolder {
  /// Runs in the order in which they are written.
  public static func sorted(_ runs: [RunRecord]) -> [RunRecord] {
    runs.sorted { a, b in
      let left = (a.part.rawValue, a.task, a.rule, a.method, a.seed, a.rateIndex)
      let right = (b.part.rawValue, b.task, b.rule, b.method, b.seed, b.rateIndex)
      return left == right ? (a.hyperIndex ?? -1) < (b.hyperIndex ?? -1) : left < right
    }
  }

  /// Traces in the order in which they are written.
  public static func sorted(_ traces: [RunTrace]) -> [RunTrace] {
    traces.sorted { a, b in
      (a.task, a.rule, a.method, a.seed, a.rateIndex)
        < (b.task, b.rule, b.method, b.seed, b.rateIndex)
    }
  }

  /// Opens a folder that a comparison wrote, and checks that every file that a report is made of is
  /// as it was written.
  ///
  /// - Throws: ``ExperimentError`` that says which file is missing or damaged.
  public static func open(_ folder: String) throws -> StoredResults {
    let manifest = try Manifest.read(folder + "/manifest.json")
    let digests = (manifest.otherDigests ?? [:]).merging(["runs.jsonl": manifest.digest]) { $1 }
    for (name, expected) in digests.sorted(by: { $0.key < $1.key }) {
      let path = folder + "/" + name
      let digest = try Digest.sha256(file: path)
      guard digest == expected else {
        throw ExperimentError(
          "\(path) has the digest \(digest.prefix(12))…, the manifest names "
            + "\(expected.prefix(12))…: the file was changed after it was written")
      }
    }
    return StoredResults(folder: folder, manifest: manifest)
  }

  /// Reads a folder into memory, which takes about 500 bytes a run: for folders known to be small.
  ///
  /// - Throws: ``ExperimentError`` that says which file is missing or damaged, and where.
  public static func read(_ folder: String) throws -> Results {
    let stored = try open(folder)
    var runs: [RunRecord] = []
    try stored.forEachRun { runs.append($0) }
    var traces: [RunTrace] = []
    try stored.forEachTrace { traces.append($0) }
    return Results(
      suite: stored.suite, runs: runs, traces: traces, digest: stored.digest,
      provenance: stored.provenance, data: stored.data, protocolText: stored.protocolText)
  }

  // MARK: What stands beside the results

  /// The names of a report's files, a line each: what a later report may remove.
  package static let reportList = "report-files.txt"

  /// The endings of what a report writes, by the folder that it goes to.
  private static let reportEndings = ["tables": [".md", ".csv", ".tex"], "figures": [".svg"]]

  /// The files that reports wrote into a folder, as `tables/robustness.md`; `nil` where none said so.
  ///
  /// - Throws: ``ExperimentError`` where it can't be told, since the list can't be read.
  package static func reportFiles(in folder: String) throws(ExperimentError) -> Set<String>? {
    let path = folder + "/" + reportList
    guard Files.isThere(path) else { return nil }
    let lines = String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n")
    return Set(lines.map(String.init).filter(isReportFile))
  }

  /// Says before they are written which files are a report's.
  package static func list(
    reportFiles names: Set<String>, in folder: String
  ) throws(ExperimentError) {
    try Files.write(names.sorted().map { $0 + "\n" }.joined(), to: folder + "/" + reportList)
  }

  /// Removes what a report wrote, and what a killed writer has left of it. Other files stay, in
  /// `tables` and `figures` too.
  ///
  /// - Parameters:
  ///   - kept: those that stay, as `tables/robustness.md`.
  ///   - all: whether every table and figure goes where nothing says which are a report's.
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package static func removeReport(
    in folder: String, keeping kept: Set<String> = [], all: Bool = false
  ) throws(ExperimentError) {
    let listed = try reportFiles(in: folder)
    var names = (listed ?? []).union(kept)
    if listed == nil, all {
      for name in reportEndings.keys {
        for file in try Files.names(in: folder + "/" + name) {
          let file = file.hasSuffix(part) ? String(file.dropLast(part.count)) : file
          if isReportFile(name + "/" + file) { names.insert(name + "/" + file) }
        }
      }
    }
    for name in names {
      try Files.removeFile(folder + "/" + name + part)
      if !kept.contains(name) { try Files.removeFile(folder + "/" + name) }
    }
    if kept.isEmpty {
      for name in reportEndings.keys { rmdir(folder + "/" + name) }
      try Files.removeFile(folder + "/report.html")
      try Files.removeFile(folder + "/" + reportList)
    }
  }

  /// Whether a report may write a file of that name.
  private static func isReportFile(_ name: String) -> Bool {
    let words = name.split(separator: "/", omittingEmptySubsequences: false)
    return name == "report.html"
      || words.count == 2
        && reportEndings[String(words[0])]?.contains(where: words[1].hasSuffix) == true
  }

  private static let part = ".part"

  /// Removes what killed writers have left in the folder itself.
  package static func removeLeftOvers(in folder: String) throws(ExperimentError) {
    for file in try Files.names(in: folder) where isLeftOver(file) {
      try Files.remove(folder + "/" + file)
    }
  }

  /// The parts of files that were never put in place, those of earlier versions included.
  private static func isLeftOver(_ name: String) -> Bool {
    name.hasPrefix(".dat.nosync") || ownFiles.contains { name == $0 + part }
  }

  /// What stands in the folder itself.
  package static let ownFiles = [
    "manifest.json", "runs.jsonl", "traces.csv", "timings.csv", "references.jsonl", "report.html",
    reportList,
  ]
}
