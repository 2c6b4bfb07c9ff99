internal import Foundation

/// Finished parts of a comparison, one file for each (task, seed, rule), so that an interrupted
/// command goes on where it stopped.
struct Journal: Sendable {
  private let folder: String
  /// What the stored parts depend on: the suite, the data and the program.
  private let key: String

  private struct Shard: Codable {
    var key: String
    var runs: [RunRecord]
    var traces: [RunTrace]
    var seconds: Double
  }

  /// Opens the journal of a results folder, and drops what another suite or program wrote.
  ///
  /// - Returns: the journal, and how many stored parts were dropped.
  static func open(in results: String, key: String) throws -> (Journal, dropped: Int) {
    let folder = results + "/journal"
    let manager = FileManager.default
    try Files.makeFolder(folder)
    let keyFile = folder + "/key"
    let stored = manager.contents(atPath: keyFile).map { String(decoding: $0, as: UTF8.self) }
    var dropped = 0
    if stored != key {
      for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? []
      where name.hasSuffix(".json") {
        try manager.removeItem(atPath: folder + "/" + name)
        dropped += 1
      }
      try Files.write(key, to: keyFile)
    }
    return (Journal(folder: folder, key: key), dropped)
  }

  func load(task: String, seed: Int, rule: String) -> (
    runs: [RunRecord], traces: [RunTrace], seconds: Double
  )? {
    guard let data = FileManager.default.contents(atPath: path(task, seed, rule)),
      let shard = try? JSONLines.decode(
        Shard.self, from: Substring(String(decoding: data, as: UTF8.self))),
      shard.key == key
    else { return nil }
    return (shard.runs, shard.traces, shard.seconds)
  }

  func store(
    task: String, seed: Int, rule: String, runs: [RunRecord], traces: [RunTrace], seconds: Double
  ) throws {
    let shard = Shard(key: key, runs: runs, traces: traces, seconds: seconds)
    try Files.write(try JSONLines.encode(shard), to: path(task, seed, rule))
  }

  /// Removes the journal, once the results stand published.
  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func path(_ task: String, _ seed: Int, _ rule: String) -> String {
    folder + "/" + Digest.sha256("\(task)\n\(seed)\n\(rule)").prefix(24) + ".json"
  }
}
