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

  /// The endings of what a report writes, by the folder that it goes to.
  private static let reportEndings = ["tables": [".md", ".csv", ".tex"], "figures": [".svg"]]

  /// Removes tables, figures and the page, and what a killed writer has left of them. The folders
  /// `tables` and `figures` are the report's own.
  ///
  /// - Parameter kept: those that stay, as `tables/robustness.md`.
  /// - Throws: ``ExperimentError`` that names the file and the reason.
  package static func removeReport(
    in folder: String, keeping kept: Set<String> = []
  ) throws(ExperimentError) {
    for (name, endings) in reportEndings.sorted(by: { $0.key < $1.key }) {
      for file in try Files.names(in: folder + "/" + name) where !kept.contains("\(name)/\(file)") {
        let isOurs = endings.contains { file.hasSuffix($0) || file.hasSuffix($0 + ".part") }
        if isOurs || isLeftOver(file) { try Files.remove("\(folder)/\(name)/\(file)") }
      }
      if kept.isEmpty { rmdir(folder + "/" + name) }
    }
    if !kept.contains("report.html") { try Files.remove(folder + "/report.html") }
  }

  /// Removes what killed writers have left in the folder itself.
  package static func removeLeftOvers(in folder: String) throws(ExperimentError) {
    for file in try Files.names(in: folder) where isLeftOver(file) {
      try Files.remove(folder + "/" + file)
    }
  }

  /// The parts of files that were never put in place, those of earlier versions included.
  private static func isLeftOver(_ name: String) -> Bool {
    name.hasPrefix(".dat.nosync")
      || [".jsonl", ".csv", ".json", ".html"].contains { name.hasSuffix($0 + ".part") }
  }
}
