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

  /// Opens a folder that a comparison wrote, and checks that its runs are those.
  ///
  /// - Throws: ``ExperimentError`` that says which file is missing or damaged.
  public static func open(_ folder: String) throws -> StoredResults {
    let manifest = try manifest(folder + "/manifest.json")
    guard manifest.suite.methods.allSatisfy({ $0.reading != nil }) else {
      throw ExperimentError(
        "\(folder)/manifest.json does not say how the methods run, as of an earlier version; the "
          + "same command makes the results again: \(manifest.commandLine.joined(separator: " "))")
    }
    let runs = folder + "/runs.jsonl"
    // An empty reading says what is wrong with a file that is not there.
    guard let digest = Digest.sha256(ofFile: runs) else {
      try TextFileReader.forEachPiece(of: runs) { _ in }
      throw ExperimentError("\(runs) can't be read")
    }
    guard digest == manifest.digest else {
      throw ExperimentError(
        "\(runs) has the digest \(digest.prefix(12))…, the manifest names "
          + "\(manifest.digest.prefix(12))…: the file was changed after it was written")
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

  private static func manifest(_ path: String) throws -> Manifest {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ExperimentError(
        "\(path): there is no such file; name a folder that 'hypergrad compare' wrote")
    }
    do {
      return try JSONLines.decode(Manifest.self, from: Substring(decoding: data, as: UTF8.self))
    } catch { throw ExperimentError("\(path): not what a comparison writes") }
  }
}
