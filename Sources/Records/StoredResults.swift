/// The results in a folder, read one run at a time, so that a million of them need no more memory
/// than one.
public struct StoredResults: Sendable {
  public let folder: String
  private let manifest: Manifest

  package init(folder: String, manifest: Manifest) {
    self.folder = folder
    self.manifest = manifest
  }

  public var suite: Suite { manifest.suite }
  /// SHA-256 of `runs.jsonl`, in hexadecimal.
  public var digest: String { manifest.digest }
  /// Facts for the page's footer (suite hash, version, machine), in order.
  public var provenance: [(name: String, value: String)] { manifest.provenance }
  /// The user's data, where there were any.
  public var data: DataRecord? { manifest.data }
  /// The programs that answered for tasks; empty where none did.
  public var programs: [ProgramRecord] { manifest.programs ?? [] }
  /// The rules by which the numbers were made, a sentence each.
  public var protocolText: [String] { manifest.protocolText }

  /// Calls `body` with each run, sorted by part, task, rule, method, seed, rate and
  /// hyper-learning-rate.
  ///
  /// - Throws: what `body` throws, and ``ExperimentError`` with the line that is damaged.
  public func forEachRun(_ body: (RunRecord) throws -> Void) throws {
    let path = folder + "/runs.jsonl"
    try TextFileReader.forEachLine(of: path) { line, number in
      if let run = RunLine.read(line) { return try body(run) }
      // Names with escapes, and whatever else is JSON.
      let text = String(decoding: line, as: UTF8.self)
      guard let run = try? JSONLines.decode(RunRecord.self, from: Substring(text)) else {
        throw ExperimentError("\(path):\(number): not a run")
      }
      try body(run)
    }
  }

  /// Calls `body` with each trace, sorted by task, rule, method, seed and rate.
  ///
  /// - Throws: what `body` throws, and ``ExperimentError`` with the line that is damaged.
  public func forEachTrace(_ body: (RunTrace) throws -> Void) throws {
    try TraceRows.forEach(of: folder + "/traces.csv", body)
  }
}
